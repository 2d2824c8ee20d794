/* preline - feed a program the message behind the lines that a mailbox has.  See preline(1). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "lib/spawn.h"
#include "local/copy.h"
#include "local/outcome.h"
#include "os/os.h"
#include "users/failure.h"

enum { BUFFER = 65536 };

/* A line that may be put before the message, and the option that leaves it out; in upper case it puts
 * it in again. */
struct line {
	char option;
	const char *variable;
	struct view text;
	bool wanted;
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "preline: fatal: out of memory\n", OUTCOME_EXIT_TEMPORARY);
}

static _Noreturn void
die(int status, const char *what, const char *program, int error)
{
	complain("preline: fatal: ", what, program, error ? ": " : "",
	    error ? strerror(error) : "", (char *)NULL);
	_exit(status);
}

static _Noreturn void
usage(void)
{
	complain("preline: usage: preline cmd [ arg ... ]", (char *)NULL);
	_exit(OUTCOME_EXIT_PERMANENT);
}

static void
read_lines(struct line *lines, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *text = env_value(lines[i].variable);

		if (!text)
			usage();
		lines[i].text = view_of(text);
		lines[i].wanted = true;
	}
}

static void
read_options(int argc, char **argv, struct line *lines, size_t count)
{
	int option;
	size_t i;

	opterr = 0;
	while ((option = getopt(argc, argv, "+frdFRD")) != -1) {
		if (option == '?')
			usage();
		for (i = 0; i < count; i++)
			if (option == lines[i].option)
				lines[i].wanted = false;
			else if (option == lines[i].option - 'a' + 'A')
				lines[i].wanted = true;
	}
	if (!argv[optind])
		usage();
}

static pid_t
start(char *const *argv, int *input)
{
	struct spawn child = { .path = argv[0], .argv = argv, .search = true };
	int ends[2];
	pid_t pid;

	if (fd_pipe(ends) < 0)
		die(OUTCOME_EXIT_TEMPORARY, "unable to create pipe", "", errno);
	spawn_give(&child, STDIN_FILENO, ends[0]);
	pid = spawn_start(&child);
	if (pid < 0 && spawn_is_shortage(errno))
		die(OUTCOME_EXIT_TEMPORARY, "unable to fork", "", errno);
	if (pid < 0)
		die(failure_is_temporary(errno) ? OUTCOME_EXIT_TEMPORARY
						: OUTCOME_EXIT_PERMANENT,
		    "unable to run ", argv[0], errno);
	fd_close(&ends[0]);
	*input = ends[1];
	return pid;
}

/* A program that has seen enough may close its end: what it exits with counts. */
static void
feed(int input, const struct line *lines, size_t count)
{
	char buffer[BUFFER];
	struct writer w;
	size_t i;

	writer_init(&w, input, buffer, sizeof buffer, -1);
	for (i = 0; i < count; i++)
		if (lines[i].wanted)
			writer_put(&w, lines[i].text);
	if (copy_verbatim(STDIN_FILENO, &w) != COPY_DONE)
		die(OUTCOME_EXIT_TEMPORARY, "unable to copy input", "", errno);
	if (writer_flush(&w) < 0 && errno != EPIPE)
		die(OUTCOME_EXIT_TEMPORARY, "unable to copy input", "", errno);
	fd_close(&input);
}

int
main(int argc, char **argv)
{
	struct line lines[] = { { 'f', "UFLINE", { NULL, 0 }, false },
		{ 'r', "RPLINE", { NULL, 0 }, false },
		{ 'd', "DTLINE", { NULL, 0 }, false } };
	const size_t count = sizeof lines / sizeof *lines;
	int input, status;
	pid_t pid;

	program_start(out_of_memory);
	read_lines(lines, count);
	read_options(argc, argv, lines, count);

	pid = start(argv + optind, &input);
	feed(input, lines, count);
	if (spawn_wait(pid, deadline_never(), &status) < 0)
		die(OUTCOME_EXIT_TEMPORARY, "wait failed", "", errno);
	if (!WIFEXITED(status))
		die(OUTCOME_EXIT_TEMPORARY, "child crashed", "", 0);
	return WEXITSTATUS(status);
}
