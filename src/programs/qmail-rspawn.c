/* qmail-rspawn - run qmail-remote for each remote delivery, or keep some running.  See
 * qmail-rspawn(8). */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>

#include "config/dialect.h"
#include "lib/env.h"
#include "lib/program.h"
#include "lib/spawn.h"
#include "spawn/keptpool.h"
#include "spawn/report.h"
#include "spawn/spawnloop.h"
#include "spawn/tcptoclean.h"

enum {
	EXIT_TROUBLE = 111,
	OUTPUT_MAX = 256 * 1024, /* a report with a hundred replies fits */
};

struct remote {
	struct str path;  /* of qmail-remote, or $QMAILREMOTE */
	bool substituted; /* by $QMAILREMOTE */
	bool strict;
	struct keptpool *pool; /* NULL: a qmail-remote for each delivery */
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

static bool
take(void *context, const struct spawncommand *command, int message)
{
	const struct remote *remote = context;

	return remote->pool && keptpool_take(remote->pool, command, message);
}

static size_t
wait_for(void *context, struct pollfd *wait, struct deadline *until)
{
	const struct remote *remote = context;

	return remote->pool ? keptpool_wait(remote->pool, wait, until) : 0;
}

static void
work(void *context, struct spawnloop *loop, const struct pollfd *came, size_t count,
    bool eof)
{
	const struct remote *remote = context;

	if (remote->pool)
		keptpool_work(remote->pool, loop, came, count, eof);
}

/* An absolute path, as the current directory will be queue/mess.  0, or -1. */
static int
find_remote(struct remote *remote)
{
	const char *given = env_value("QMAILREMOTE");
	char home[PATH_MAX];

	remote->substituted = given && *given;
	if (remote->substituted) {
		str_append_text(&remote->path, given);
		return 0;
	}
	if (!getcwd(home, sizeof home))
		return -1;
	str_append_text(&remote->path, home);
	str_append_text(&remote->path, "/bin/qmail-remote");
	return 0;
}

/* Another program in qmail-remote's place must see each delivery, and strict mode knows of nothing
 * else. */
static int
open_pool(struct remote *remote)
{
	if (remote->substituted || remote->strict)
		return 0;
	remote->pool = keptpool_new(str_text(&remote->path));
	return remote->pool ? 0 : -1;
}

int
main(void)
{
	static const struct spawnloop_pool pool = { KEPTPOOL_WORKERS, take, wait_for,
		work };
	struct remote remote = { .pool = NULL };
	struct spawnloop_kind kind = { start, report, OUTPUT_MAX, &remote, &pool };
	struct spawnloop_settings settings;
	int result;

	program_start(out_of_memory);
	if (program_enter_home() < 0 ||
	    spawnloop_settings_read(&settings, "qmailr") < 0 ||
	    strict_read(&remote.strict, NULL) == ANSWER_ERROR ||
	    find_remote(&remote) < 0 || open_pool(&remote) < 0)
		return EXIT_TROUBLE;
	tcptoclean();
	if (chdir("queue/mess") < 0)
		return EXIT_TROUBLE;
	result = spawnloop_run(&kind, &settings);
	if (remote.pool)
		keptpool_free(remote.pool);
	str_free(&remote.path);
	return result < 0 ? EXIT_TROUBLE : 0;
}
