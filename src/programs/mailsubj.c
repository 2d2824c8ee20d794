/* mailsubj - send what is on descriptor 0 with a subject to somebody.  See mailsubj(1). */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/feed.h"
#include "lib/program.h"
#include "lib/str.h"
#include "os/os.h"

enum { EXIT_USAGE = 100, EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "mailsubj: fatal: out of memory\n", EXIT_FAILED);
}

static _Noreturn void
fail(const char *what, const char *which)
{
	complain("mailsubj: fatal: ", what, which, ": ", strerror(errno), (char *)NULL);
	_exit(EXIT_FAILED);
}

/* In one line, whatever is in it: no argument makes a field of its own. */
static void
put_text(struct writer *w, const char *text)
{
	for (; *text; text++)
		writer_byte(w, *text == '\n' || *text == '\r' ? ' ' : *text);
}

static void
put_header(struct writer *w, const char *subject, char *const *recipients)
{
	const char *before = "\nTo: ";

	writer_text(w, "Subject: ");
	put_text(w, subject);
	for (; *recipients; recipients++) {
		writer_text(w, before);
		put_text(w, *recipients);
		before = ", ";
	}
	writer_text(w, "\n\n");
}

int
main(int argc, char **argv)
{
	char header_only[] = "-h";
	char *command[3] = { NULL, header_only, NULL };
	struct spawn inject = { .argv = command };
	struct str path = { 0 };
	struct feed feed;
	int status;

	program_start(out_of_memory);
	if (argc < 3) {
		complain("mailsubj: usage: mailsubj subject recipient ...", (char *)NULL);
		return EXIT_USAGE;
	}
	str_append_text(&path, program_home());
	str_append_text(&path, "/bin/qmail-inject");
	inject.path = command[0] = path.at;

	if (feed_start(&feed, &inject) < 0)
		fail("unable to run ", command[0]);
	put_header(&feed.to, argv[1], argv + 2);
	if (feed_copy(&feed, STDIN_FILENO) < 0)
		fail("unable to read input", "");
	if (feed_end(&feed, &status) < 0)
		fail("unable to write to ", command[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}
