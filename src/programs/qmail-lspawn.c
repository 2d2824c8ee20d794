/* qmail-lspawn - find the user of each local delivery and run qmail-local as that user.  See
 * qmail-lspawn(8).
 *
 * The parent is root for life and parses nothing but the frames of qmail-send; each delivery's
 * child looks the user up and gives root away. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "lib/spawn.h"
#include "os/identity.h"
#include "os/os.h"
#include "os/signals.h"
#include "spawn/report.h"
#include "spawn/spawnloop.h"
#include "users/account.h"

/* What the child ends with when it cannot become qmail-local (queue 4.8). */
enum {
	CHILD_NOTHING_TO_DO = 0,
	CHILD_BUG = 112,
	CHILD_NO_ROOT = 113,
	CHILD_NO_ALIAS = 116,
	CHILD_USERS_CDB = 117,
	CHILD_TEMPORARY = 118,
	CHILD_NO_MEMORY = 119,
	CHILD_LOCAL_TEMPORARY = 120,
	CHILD_NO_GETPW = 121,
	CHILD_LOCAL_PERMANENT = 126,
};

enum {
	EXIT_USAGE = 100,
	EXIT_TROUBLE = 111,
	GETPW_MAX = 16384, /* octets of qmail-getpw's answer */
};

struct local {
	const char *default_delivery;
	const char *program; /* qmail-local, or $QMAILLOCAL */
	char home[PATH_MAX]; /* absolute */
	bool rootless;
	uid_t getpw_uid;
	gid_t getpw_gid;
};

static _Noreturn void
out_of_memory(void)
{
	_exit(EXIT_TROUBLE);
}

static _Noreturn void
child_out_of_memory(void)
{
	_exit(CHILD_NO_MEMORY);
}

static _Noreturn void
exec_getpw(const struct local *local, const char *name, int output)
{
	char *argv[] = { (char *)(uintptr_t) "bin/qmail-getpw", (char *)(uintptr_t)name,
		NULL };

	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* The message is none of its business. */
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0)
		_exit(CHILD_TEMPORARY);
	if (os_become(local->getpw_uid, local->getpw_gid) < 0)
		_exit(CHILD_TEMPORARY);
	execv(argv[0], argv);
	_exit(CHILD_NO_GETPW);
}

/* Ask qmail-getpw, which runs as qmailp: NSS modules are no code for root. */
static void
account_from_getpw(const struct local *local, const char *name, struct account *account)
{
	struct str answer = { 0 };
	int ends[2], status;
	pid_t pid;

	if (fd_pipe(ends) < 0 || (pid = fork()) < 0)
		_exit(CHILD_TEMPORARY);
	if (pid == 0)
		exec_getpw(local, name, ends[1]);
	fd_close(&ends[1]);
	if (fd_read_all(ends[0], &answer, GETPW_MAX) < 0)
		_exit(CHILD_TEMPORARY);
	fd_close(&ends[0]);
	if (spawn_wait(pid, deadline_never(), &status) < 0 || !WIFEXITED(status))
		_exit(CHILD_TEMPORARY);
	if (WEXITSTATUS(status) != 0)
		_exit(WEXITSTATUS(status));
	if (!account_parse(str_view(&answer), account))
		_exit(CHILD_BUG);
	str_free(&answer);
}

static void
find_account(const struct local *local, const char *name, struct account *account)
{
	switch (account_from_cdb(view_of(name), account, NULL)) {
	case ANSWER_YES:
		return;
	case ANSWER_ERROR:
		_exit(CHILD_USERS_CDB);
	case ANSWER_NO:
		break;
	}
	if (local->rootless)
		account_of_alias(view_of(local->home), view_of(name), account);
	else
		account_from_getpw(local, name, account);
}

static void
become_user(const struct local *local, const struct account *account)
{
	/* Root stays nobody's delivery, whatever a database says. */
	if (!local->rootless && os_become(account->uid, account->gid) < 0)
		_exit(CHILD_TEMPORARY);
	if (getuid() == 0 || geteuid() == 0)
		_exit(CHILD_NO_ROOT);
}

static _Noreturn void
exec_local(const struct local *local, const struct account *account, const char *name,
    const char *domain, const char *sender)
{
	const char *words[] = { "bin/qmail-local", "--", str_text(&account->user),
		str_text(&account->home), name, str_text(&account->dash),
		str_text(&account->ext), domain, sender, local->default_delivery, NULL };
	char *argv[sizeof words / sizeof *words];
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		argv[i] = (char *)(uintptr_t)words[i]; /* execve does not write there */
	execv(local->program, argv);
	switch (errno) {
	case EAGAIN:
	case ENOMEM:
	case EIO:
	case ETXTBSY:
	case EMFILE:
	case ENFILE:
		_exit(CHILD_LOCAL_TEMPORARY);
	}
	_exit(CHILD_LOCAL_PERMANENT);
}

/* In the child: never returns. */
static _Noreturn void
deliver(const struct local *local, const struct spawncommand *command, int message,
    int output)
{
	struct view recipient = str_view(&command->recipient);
	size_t at = view_rindex(recipient, '@');
	struct account account = { 0 };
	struct str name = { 0 };

	mem_on_exhausted(child_out_of_memory);
	os_signals_unblock();
	if (at == 0)
		_exit(CHILD_NOTHING_TO_DO);
	if (dup2(message, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(CHILD_TEMPORARY);
	if (chdir(local->home) < 0)
		_exit(CHILD_TEMPORARY);
	str_append(&name, view_first(recipient, at));
	find_account(local, str_text(&name), &account);
	become_user(local, &account);
	os_close_from(3);
	exec_local(local, &account, str_text(&name), recipient.at + at + 1,
	    str_text(&command->sender));
}

static pid_t
start(void *context, const struct spawncommand *command, int message, int output,
    struct str *refusal)
{
	pid_t pid = fork();

	if (pid == 0)
		deliver(context, command, message, output);
	if (pid < 0)
		str_append_text(refusal, "Zqmail-spawn unable to fork. (#4.3.0)\n");
	return pid;
}

static void
report(void *context, int wait_status, struct view output, struct str *text)
{
	(void)context;
	report_from_local(wait_status, output, text);
}

/* As root the real users must exist; as anybody else nothing is given away. */
static int
settle_identity(struct local *local)
{
	local->rootless = geteuid() != 0;
	if (local->rootless)
		return 0;
	if (ids_user("qmailp", &local->getpw_uid) != ANSWER_YES ||
	    ids_group("nofiles", &local->getpw_gid) != ANSWER_YES)
		return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	struct local local = { .rootless = false };
	struct spawnloop_kind kind = { start, report, REPORT_LOCAL_MAX + 1, &local,
		NULL };
	struct spawnloop_settings settings;

	program_start(out_of_memory);
	if (argc < 2)
		return EXIT_USAGE;
	local.default_delivery = argv[1];
	local.program = env_value("QMAILLOCAL");
	if (!local.program)
		local.program = "bin/qmail-local";
	if (program_enter_home() < 0 || !getcwd(local.home, sizeof local.home) ||
	    settle_identity(&local) < 0 ||
	    spawnloop_settings_read(&settings, "qmailr") < 0 || chdir("queue/mess") < 0)
		return EXIT_TROUBLE;
	return spawnloop_run(&kind, &settings) < 0 ? EXIT_TROUBLE : 0;
}
