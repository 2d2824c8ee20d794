/* qmail-qstat - count the messages of the queue.  See qmail-qstat(8). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/dialect.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/program.h"
#include "os/os.h"
#include "queue/walk.h"

enum { EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-qstat: fatal: out of memory\n", EXIT_FAILED);
}

/* How many messages have a file there.  0, or -1 with errno and *count untouched. */
static int
count_messages(const struct layout *layout, enum layout_dir dir, uint64_t *count)
{
	enum answer next;
	struct walk walk;
	uint64_t id, seen = 0;

	walk_start(&walk, layout, dir);
	while ((next = walk_next(&walk, &id)) == ANSWER_YES)
		seen++;
	walk_end(&walk);
	if (next == ANSWER_ERROR)
		return -1;
	*count = seen;
	return 0;
}

static int
count_queue(uint64_t *queued, uint64_t *raw)
{
	struct layout layout;
	int result;

	if (program_enter_home() < 0 || layout_open(&layout, "queue") < 0)
		return -1;
	/* todo first: a message that is taken from it meanwhile is still in mess. */
	result = count_messages(&layout, LAYOUT_TODO, raw);
	if (result == 0)
		result = count_messages(&layout, LAYOUT_MESS, queued);
	layout_close(&layout);
	return result;
}

/* qmail's is a shell script, which finds no messages where it may not look, and succeeds.  Who
 * watches a queue with that is told that all is well for ever: only strict mode does it still. */
static bool
is_strict(void)
{
	struct problem problem;
	bool strict = false;

	return strict_read(&strict, &problem) == ANSWER_YES && strict;
}

int
main(void)
{
	uint64_t queued = 0, raw = 0;
	struct str text = { 0 };
	int result;

	program_start(out_of_memory);
	result = count_queue(&queued, &raw);
	if (result < 0)
		complain("qmail-qstat: fatal: unable to count the messages in ",
		    program_home(), "/queue: ", strerror(errno), (char *)NULL);
	if (result < 0 && !is_strict())
		return EXIT_FAILED;
	str_append_text(&text, "messages in queue: ");
	fmt_u64(&text, queued);
	str_append_text(&text, "\nmessages in queue but not yet preprocessed: ");
	fmt_u64(&text, raw);
	str_append_byte(&text, '\n');
	result = print_all("qmail-qstat", str_view(&text));
	str_free(&text);
	return result < 0 ? EXIT_FAILED : 0;
}
