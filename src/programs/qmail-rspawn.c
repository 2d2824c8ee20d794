/* qmail-rspawn - run qmail-remote for each remote delivery.  See qmail-rspawn(8). */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>

#include "config/dialect.h"
#include "delivery/report.h"
#include "delivery/spawnloop.h"
#include "lib/env.h"
#include "lib/program.h"
#include "lib/spawn.h"

enum {
	EXIT_TROUBLE = 111,
	OUTPUT_MAX = 256 * 1024, /* a report with a hundred replies fits */
};

struct remote {
	struct str path; /* of qmail-remote, or $QMAILREMOTE */
	bool strict;
};

static _Noreturn void
out_of_memory(void)
{
	_exit(EXIT_TROUBLE);
}

/* A qmail-remote that cannot be run is the host's fault, not the recipient's: stock bounces all mail
 * while the file is missing; here only strict mode does. */
static const char *
exec_failure(int error, bool strict)
{
	switch (error) {
	case EAGAIN:
	case ENOMEM:
		return "Zqmail-spawn unable to fork. (#4.3.0)\n";
	case ENOENT:
	case EACCES:
	case ENOEXEC:
	case ENOTDIR:
		if (strict)
			return "DUnable to run qmail-remote.\n";
	}
	return "ZUnable to run qmail-remote.\n";
}

static pid_t
start(void *context, const struct spawncommand *command, int message, int output,
    struct str *refusal)
{
	const struct remote *remote = context;
	const char *recipient = str_text(&command->recipient);
	size_t at = view_rindex(str_view(&command->recipient), '@');
	const char *words[] = { "qmail-remote", recipient + at + 1,
		str_text(&command->sender), recipient, NULL };
	char *argv[sizeof words / sizeof *words];
	struct spawn spawn = { .path = str_text(&remote->path), .argv = argv };
	pid_t pid;
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		argv[i] = (char *)(uintptr_t)words[i]; /* execve does not write there */
	spawn_give(&spawn, 0, message);
	spawn_give(&spawn, 1, output);
	spawn_give(&spawn, 2, output);
	pid = spawn_start(&spawn);
	if (pid < 0)
		str_append_text(refusal, exec_failure(errno, remote->strict));
	return pid;
}

static void
report(void *context, int wait_status, struct view output, struct str *text)
{
	const struct remote *remote = context;

	report_from_remote(wait_status, output, remote->strict, text);
}

/* An absolute path, as the current directory will be queue/mess.  0, or -1. */
static int
find_remote(struct str *path)
{
	const char *given = env_value("QMAILREMOTE");
	char home[PATH_MAX];

	if (given && *given) {
		str_append_text(path, given);
		return 0;
	}
	if (!getcwd(home, sizeof home))
		return -1;
	str_append_text(path, home);
	str_append_text(path, "/bin/qmail-remote");
	return 0;
}

int
main(void)
{
	struct remote remote = { { 0 }, false };
	struct spawnloop_kind kind = { start, report, OUTPUT_MAX, &remote };
	struct spawnloop_settings settings;
	int result;

	program_start(out_of_memory);
	if (program_enter_home() < 0 ||
	    spawnloop_settings_read(&settings, "qmailr") < 0 ||
	    strict_read(&remote.strict, NULL) == ANSWER_ERROR ||
	    find_remote(&remote.path) < 0 || chdir("queue/mess") < 0)
		return EXIT_TROUBLE;
	result = spawnloop_run(&kind, &settings);
	str_free(&remote.path);
	return result < 0 ? EXIT_TROUBLE : 0;
}
