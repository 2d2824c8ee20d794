#include "users/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
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

/* Octet by octet: what follows the line is another's.  A signal ends it. */
static enum prompt_result
read_line(struct str *out)
{
	char line[PASSWORD_MAX + 1];
	enum prompt_result result;
	size_t len = 0;
	ssize_t got = 0;

	while (len < sizeof line && (got = read(STDIN_FILENO, line + len, 1)) == 1 &&
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
ask(const char *question, struct str *out)
{
	enum prompt_result result;

	(void)!fd_write_all(STDERR_FILENO, view_of(question));
	result = read_line(out);
	(void)!fd_write_all(STDERR_FILENO, VIEW("\n"));
	return result;
}

static enum prompt_result
ask_twice(struct str *password)
{
	struct str first = { 0 }, second = { 0 };
	enum prompt_result result = ask("Password: ", &first);

	if (result == PROMPT_OK)
		result = ask("The same again: ", &second);
	if (result == PROMPT_OK && !view_equal(str_view(&first), str_view(&second)))
		result = PROMPT_DIFFERENT;
	if (result == PROMPT_OK)
		str_set(password, str_view(&first));
	str_wipe(&first);
	str_wipe(&second);
	return result;
}

/* Its coming is seen in the read that it ends: the terminal must be put right before we end. */
static void
on_signal(int signal_number)
{
	(void)signal_number;
}

static enum prompt_result
ask_terminal(struct str *password)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	enum { ENDS = sizeof ends / sizeof *ends };
	struct sigaction action = { .sa_handler = on_signal }, before[ENDS];
	struct termios shown, hidden;
	enum prompt_result result;
	size_t i;

	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return PROMPT_UNREADABLE;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < ENDS; i++)
		sigaction(ends[i], &action, &before[i]);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0)
		result = ask_twice(password);
	else
		result = PROMPT_UNREADABLE;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	for (i = 0; i < ENDS; i++)
		sigaction(ends[i], &before[i], NULL);
	return result;
}

enum prompt_result
prompt_password(struct str *password)
{
	return isatty(STDIN_FILENO) ? ask_terminal(password) : read_line(password);
}
