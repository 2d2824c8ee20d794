/* Questions and answers of the other side.  What was understood packs into the same again. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/dnsquery.h"
#include "wire/kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dns_question asked[] = {
	{ { "a", 1 }, DNS_A },
	{ { "b", 1 }, DNS_MX },
	{ { "c", 1 }, DNS_TXT },
	{ { "d", 1 }, DNS_AAAA },
};

enum { ASKED = sizeof asked / sizeof asked[0] };

static void
repack(const struct dns_answer *answers, size_t count, struct arena *mem)
{
	struct str packet = { 0 };
	struct dns_answer again[ASKED];
	struct frame frame;
	size_t i;

	frame_start(&packet, WIRE_DNS_ASK, FRAME_OK, 1, 0);
	for (i = 0; i < count; i++)
		dnsquery_add_answer(&packet, asked[i].type, &answers[i], count - 1 - i);
	if (!frame_parse(str_view(&packet), &frame) ||
	    !dnsquery_answers(&frame, asked, count, mem, again))
		abort();
	for (i = 0; i < count; i++)
		if (again[i].reason != DNS_REASON_TOO_LONG &&
		    (again[i].count != answers[i].count ||
			again[i].result != answers[i].result))
			abort();
	str_free(&packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame;
	struct dns_question questions[DNS_QUESTIONS_MAX];
	struct dns_answer answers[ASKED];
	struct arena mem = { 0 };
	size_t count;

	if (!frame_parse((struct view) { (const char *)data, size }, &frame))
		return 0;
	if (dnsquery_questions(&frame, questions, DNS_QUESTIONS_MAX) > DNS_QUESTIONS_MAX)
		abort();
	for (count = 1; count <= ASKED; count++)
		if (dnsquery_answers(&frame, asked, count, &mem, answers))
			repack(answers, count, &mem);
	arena_free(&mem);
	return 0;
}
