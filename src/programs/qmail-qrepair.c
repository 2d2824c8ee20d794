/* qmail-qrepair - find out what is wrong with a queue, and mend it.  See qmail-qrepair(8). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/os.h"
#include "repair/repair.h"
#include "repair/split.h"

enum { EXIT_WRONG = 1, EXIT_USAGE = 100, EXIT_TROUBLE = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-qrepair: fatal: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
usage(void)
{
	os_exit_saying(STDERR_FILENO,
	    "qmail-qrepair: usage: qmail-qrepair [-r | --repair] [--rescue] [--split "
	    "PRIME] "
	    "[--big-todo | --flat-todo]\n",
	    EXIT_USAGE);
}

static void
parse(struct repair *r, char **argv)
{
	const char *word;

	while ((word = *++argv)) {
		if (strcmp(word, "-r") == 0 || strcmp(word, "--repair") == 0)
			r->act = true;
		else if (strcmp(word, "--rescue") == 0)
			r->rescue = true;
		else if (strcmp(word, "--big-todo") == 0)
			r->big_todo = 1;
		else if (strcmp(word, "--flat-todo") == 0)
			r->big_todo = 0;
		else if (strcmp(word, "--split") != 0 || !*++argv ||
		    !scan_whole_u64(view_of(*argv), &r->split) ||
		    r->split > LAYOUT_SPLIT_MAX || !split_is_prime(r->split))
			usage();
	}
}

/* The last line. */
static void
sum_up(const struct repair *r)
{
	struct str line = { 0 };

	fmt_u64(&line, r->found);
	str_append_text(&line, " found wrong, ");
	fmt_u64(&line, r->left);
	str_append_text(&line, r->act ? " not mended" : " to mend (-r)");
	str_append_byte(&line, '\n');
	if (r->failed)
		str_append_text(
		    &line, "qmail-send cannot start before this has succeeded\n");
	fd_write_all(STDOUT_FILENO, str_view(&line));
	str_free(&line);
}

int
main(int argc, char **argv)
{
	struct repair r = { .big_todo = -1, .layout = { .fd = -1 } };

	(void)argc;
	program_start(out_of_memory);
	umask(077);
	parse(&r, argv);
	if (program_enter_home() < 0) {
		complain("qmail-qrepair: fatal: unable to enter ", program_home(),
		    (char *)NULL);
		return EXIT_TROUBLE;
	}
	if (repair_run(&r) < 0)
		return EXIT_TROUBLE;
	sum_up(&r);
	return r.left == 0 ? 0 : EXIT_WRONG;
}
