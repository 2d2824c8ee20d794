#include "wire/token.h"

#include <time.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "wire/helper.h"
#include "wire/kinds.h"

enum {
	ON_THE_WAY = 10, /* seconds that a token is not used any more before its end */
	KEPT_MAX = TOKEN_MAX + 2 * FMT_U64_MAX + 8, /* octets of the file */
};

static const struct helper_name oauth_helper = { "oauth", NULL, NULL };

bool
token_is_name(struct view name)
{
	size_t i;

	if (name.len == 0 || name.len > TOKEN_NAME_MAX)
		return false;
	for (i = 0; i < name.len; i++)
		if (!ascii_is_letter(name.at[i]) && !ascii_is_digit(name.at[i]) &&
		    view_index(VIEW("-_"), name.at[i]) == 2)
			return false;
	return true;
}

bool
token_is_token(struct view token)
{
	size_t i;

	if (token.len == 0 || token.len > TOKEN_MAX)
		return false;
	for (i = 0; i < token.len; i++)
		if (!ascii_is_graphic(token.at[i]))
			return false;
	return true;
}

void
token_digest(struct view token, unsigned char digest[TOKEN_DIGEST])
{
	struct hash h;

	hash_start(&h, HASH_SHA256);
	hash_add(&h, token);
	hash_finish(&h, digest);
}

void
token_tame(struct str *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len && i < TOKEN_REASON_MAX; i++) {
		char c = text.at[i];

		if (c == '\r' || c == '\n' || c == '\t')
			c = ' ';
		str_append_byte(out, c == ' ' || ascii_is_graphic(c) ? c : '?');
	}
}

/* --- packing ------------------------------------------------------------------------------------ */

void
token_pack_question(struct str *packet, const struct token_question *question)
{
	frame_start(packet, WIRE_TOKEN_ASK, FRAME_OK, 0, 0);
	frame_add(packet, TAG_TOKEN_NAME, question->name);
	if (question->refused.len > 0)
		frame_add(packet, TAG_TOKEN_REFUSED, question->refused);
}

bool
token_parse_question(const struct frame *request, struct token_question *out)
{
	struct token_question q = { .refused = VIEW("") };

	if (!frame_find(request, TAG_TOKEN_NAME, &q.name) || !token_is_name(q.name))
		return false;
	if (frame_find(request, TAG_TOKEN_REFUSED, &q.refused) &&
	    q.refused.len != TOKEN_DIGEST)
		return false;
	*out = q;
	return true;
}

void
token_pack_answer(struct str *packet, const struct frame *request, struct view token)
{
	frame_start(packet, request->kind, FRAME_OK, request->id, 0);
	frame_add(packet, TAG_TOKEN, token);
}

void
token_pack_refusal(struct str *packet, const struct frame *request,
    enum frame_status status, struct view reason)
{
	frame_start(packet, request->kind, (uint8_t)status, request->id, 0);
	frame_add(packet, TAG_REASON, reason);
}

static bool
say(struct str *reason, struct view text)
{
	str_clear(reason);
	token_tame(reason, text);
	return false;
}

bool
token_parse_answer(const struct frame *answer, struct str *token, struct str *reason)
{
	struct view text;

	if (answer->status == FRAME_OK && frame_find(answer, TAG_TOKEN, &text) &&
	    token_is_token(text)) {
		str_set(token, text);
		return true;
	}
	if (answer->status == FRAME_OK || !frame_find(answer, TAG_REASON, &text))
		text = VIEW("qmail-oauth broke the protocol");
	return say(reason, text);
}

/* --- the file ----------------------------------------------------------------------------------- */

void
token_kept_path(struct str *path, struct view name)
{
	str_set(path, VIEW("state/oauth/"));
	str_append(path, name);
}

void
token_kept_format(struct str *out, const struct token_kept *kept)
{
	str_append(out, kept->token);
	str_append_byte(out, '\n');
	fmt_u64(out, kept->expires);
	str_append_byte(out, '\n');
	fmt_u64(out, kept->fetched);
	str_append_byte(out, '\n');
}

bool
token_kept_parse(struct view bytes, struct token_kept *out)
{
	struct token_kept kept;
	struct view expires, fetched, nothing;

	if (!view_cut(bytes, '\n', &kept.token, &bytes) ||
	    !view_cut(bytes, '\n', &expires, &bytes) ||
	    !view_cut(bytes, '\n', &fetched, &nothing) || nothing.len > 0 ||
	    !token_is_token(kept.token) || !scan_whole_u64(expires, &kept.expires) ||
	    !scan_whole_u64(fetched, &kept.fetched))
		return false;
	*out = kept;
	return true;
}

bool
token_kept_is_valid(const struct token_kept *kept, uint64_t now)
{
	return kept->expires > now && kept->expires - now > ON_THE_WAY;
}

/* --- asking ------------------------------------------------------------------------------------- */

/* The last token, if it will still do. */
static bool
take_kept(struct view name, struct view refused, struct str *token)
{
	struct str path = { 0 }, bytes = { 0 };
	struct token_kept kept;
	bool usable;

	token_kept_path(&path, name);
	usable = fd_read_file(str_text(&path), &bytes, KEPT_MAX) == 0 &&
	    token_kept_parse(str_view(&bytes), &kept) &&
	    token_kept_is_valid(&kept, (uint64_t)time(NULL)) &&
	    !view_equal(kept.token, refused);
	if (usable)
		str_set(token, kept.token);
	str_free(&path);
	str_wipe(&bytes);
	return usable;
}

bool
token_ask(struct view name, struct view refused, struct deadline deadline,
    struct str *token, struct str *reason)
{
	struct token_question question = { .name = name, .refused = VIEW("") };
	unsigned char digest[TOKEN_DIGEST];
	struct str request = { 0 }, packet = { 0 };
	struct frame answer;
	struct helper helper;
	bool ok = false;

	if (!token_is_name(name))
		return say(reason, VIEW("not a name of control/oauth"));
	if (refused.len > 0) {
		token_digest(refused, digest);
		question.refused = (struct view) { (const char *)digest, sizeof digest };
	}
	helper_init(&helper);
	token_pack_question(&request, &question);
	if (helper_call(&helper, &oauth_helper, &request, NULL, 0, deadline, &packet,
		&answer) == 0) {
		ok = token_parse_answer(&answer, token, reason);
		frame_close_fds(&answer);
	} else {
		say(reason, view_of(helper.reason));
		ok = take_kept(name, refused, token);
	}
	helper_close(&helper);
	str_free(&request);
	frame_wipe(&packet);
	return ok;
}
