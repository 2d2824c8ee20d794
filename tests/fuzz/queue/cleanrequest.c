/* Requests to qmail-clean: only names of the queue's own files come out of them.  The first octet is the split;
 * its high bit a big-todo queue. */
#include "fuzz/fuzz.h"

int qmail_clean_main(void);
#define main qmail_clean_main
#include "programs/qmail-clean.c"
#undef main

enum { BIG_TODO = 0x80 };

static void
check(const struct layout *layout, struct view line)
{
	char path[NAME_MAX_OCTETS];
	struct request request;

	if (!parse(layout, line, &request))
		return;
	claim(view_starts(
	    line, request.also == LAYOUT_MESS ? VIEW("foop/") : VIEW("todo/")));
	claim(line.len < REQUEST_MAX && fuzz_is_printable(line));
	layout_path(layout, request.also, request.number, path);
	claim(view_starts(view_of(path),
		  request.also == LAYOUT_MESS ? VIEW("mess/") : VIEW("todo/")) &&
	    view_index(view_of(path), '.') == view_of(path).len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view input = { (const char *)data, size };
	uint8_t choice = fuzz_choice(&input);
	struct layout layout = { .fd = -1,
		.split = (uint64_t)(choice & 0x7f) + 1,
		.big_todo = choice & BIG_TODO };

	(void)qmail_clean_main;
	check(&layout, view_first(input, view_index(input, '\0')));
	return 0;
}
