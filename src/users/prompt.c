#include "users/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "os/os.h"
#include "users/password.h"

static enum prompt_result
judge(struct view line)
{
	size_t i;

	if (line.len == 0)
		return PROMPT_EMPTY;
	if (line.len > PASSWORD_MAX)
		return PROMPT_TOO_LONG;
	for (i = 0; i < line.len; i++)
		if (ascii_is_control(line.at[i]))
			return PROMPT_NO_CHARACTER;
	return PROMPT_OK;
}

/* As read(2) of one octet; with `unblocked`, a signal that comes at any time before is EINTR. */
static ssize_t
read_octet(char *out, const sigset_t *unblocked)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(STDIN_FILENO, &set);
	if (unblocked && pselect(STDIN_FILENO + 1, &set, NULL, NULL, NULL, unblocked) < 0)
		return -1;
	return read(STDIN_FILENO, out, 1);
}

/* Octet by octet: what follows the line is another's. */
static enum prompt_result
read_line(struct str *out, const sigset_t *unblocked)
{
	char line[PASSWORD_MAX + 1];
	enum prompt_result result;
	size_t len = 0;
	ssize_t got = 0;

	while (len < sizeof line && (got = read_octet(line + len, unblocked)) == 1 &&
	    line[len] != '\n')
		len++;
	if (got < 0)
		result = errno == EINTR ? PROMPT_INTERRUPTED : PROMPT_UNREADABLE;
	else
		result = judge((struct view) { line, len });
	if (result == PROMPT_OK)
		str_set(out, (struct view) { line, len });
	os_wipe(line, sizeof line);
	return result;
}

static enum prompt_result
ask(const char *question, struct str *out, const sigset_t *unblocked)
{
	enum prompt_result result;

	(void)!fd_write_all(STDERR_FILENO, view_of(question));
	result = read_line(out, unblocked);
	(void)!fd_write_all(STDERR_FILENO, VIEW("\n"));
	return result;
}

static enum prompt_result
ask_twice(struct str *password, const sigset_t *unblocked)
{
	struct str first = { 0 }, second = { 0 };
	enum prompt_result result = ask("Password: ", &first, unblocked);

	if (result == PROMPT_OK)
		result = ask("The same again: ", &second, unblocked);
	if (result == PROMPT_OK && !view_equal(str_view(&first), str_view(&second)))
		result = PROMPT_DIFFERENT;
	if (result == PROMPT_OK)
		str_set(password, str_view(&first));
	str_wipe(&first);
	str_wipe(&second);
	return result;
}

/* Its coming is seen in the wait that it ends: the terminal must be put right before we end. */
static void
on_signal(int signal_number)
{
	(void)signal_number;
}

static enum prompt_result
ask_unseen(struct str *password, const sigset_t *unblocked)
{
	struct termios shown, hidden;
	enum prompt_result result = PROMPT_UNREADABLE;

	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return result;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0)
		result = ask_twice(password, unblocked);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	return result;
}

static enum prompt_result
ask_terminal(struct str *password)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	enum { ENDS = sizeof ends / sizeof *ends };
	struct sigaction action = { .sa_handler = on_signal }, before[ENDS];
	enum prompt_result result;
	sigset_t held, unblocked;
	size_t i;

	sigemptyset(&action.sa_mask);
	sigemptyset(&held);
	for (i = 0; i < ENDS; i++) {
		sigaction(ends[i], &action, &before[i]);
		sigaddset(&held, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &held, &unblocked);
	result = ask_unseen(password, &unblocked);
	for (i = 0; i < ENDS; i++)
		sigaction(ends[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	return result;
}

enum prompt_result
prompt_password(struct str *password)
{
	return isatty(STDIN_FILENO) ? ask_terminal(password) : read_line(password, NULL);
}
