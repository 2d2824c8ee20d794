/* Questions to and answers of qmail-oauth, from the other side; and the file of a token. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_frame(const struct frame *frame)
{
	struct token_question question, again;
	struct str token = { 0 }, reason = { 0 }, packet = { 0 };
	struct frame repeated;
	size_t i;

	if (token_parse_question(frame, &question)) {
		token_pack_question(&packet, &question);
		if (!token_is_name(question.name) ||
		    !frame_parse(str_view(&packet), &repeated) ||
		    !token_parse_question(&repeated, &again) ||
		    !view_equal(again.name, question.name) ||
		    !view_equal(again.refused, question.refused))
			abort();
	}
	if (token_parse_answer(frame, &token, &reason)) {
		if (!token_is_token(str_view(&token)))
			abort();
	} else if (reason.len > TOKEN_REASON_MAX) {
		abort();
	}
	for (i = 0; i < reason.len; i++)
		if (reason.at[i] < 0x20 || reason.at[i] > 0x7e)
			abort();
	str_free(&token);
	str_free(&reason);
	str_free(&packet);
}

static void
check_file(struct view bytes)
{
	struct token_kept kept, again;
	struct str out = { 0 };

	if (!token_kept_parse(bytes, &kept))
		return;
	token_kept_format(&out, &kept);
	if (!token_kept_parse(str_view(&out), &again) ||
	    !view_equal(again.token, kept.token) || again.expires != kept.expires ||
	    again.fetched != kept.fetched)
		abort();
	str_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes = { (const char *)data, size };
	struct frame frame;

	if (frame_parse(bytes, &frame))
		check_frame(&frame);
	check_file(bytes);
	return 0;
}
