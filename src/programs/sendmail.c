/* sendmail - the command that other programs hand mail to: turns its options into those of
 * qmail-inject.  See sendmail(8). */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "lib/str.h"
#include "os/os.h"

enum { EXIT_USAGE = 100, EXIT_TEMPORARY = 111 };

/* What qmail's takes, and of Sendmail's own options, as Postfix and Exim have them, too, those that
 * callers are fond of.  -q takes an argument only where it is part of the same word. */
#define QMAIL_OPTIONS "vimte:f:p:o:B:F:EJxb:"
#define OTHER_OPTIONS "O:N:R:V:UGL:h:A:q::X:r:ncC:I"

enum mode { MODE_SEND, MODE_QUEUE, MODE_SMTP, MODE_ALIASES };

struct request {
	enum mode mode;
	bool recipients_from_header;
	bool runs_queue; /* -q: what qmail-send does in any case */
	char *sender, *name;
	char **arguments;
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "sendmail: fatal: out of memory\n", EXIT_TEMPORARY);
}

static _Noreturn void
usage(void)
{
	complain("sendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] "
		 "[ -bs ] [ arg ... ]",
	    (char *)NULL);
	_exit(EXIT_USAGE);
}

static enum mode
mode_of(const char *letters)
{
	if (letters[0] == 'm' && !letters[1])
		return MODE_SEND;
	if (letters[0] == 'p' && !letters[1])
		return MODE_QUEUE;
	if (letters[0] == 's' && !letters[1])
		return MODE_SMTP;
	if (letters[0] == 'i' && !letters[1])
		return MODE_ALIASES;
	usage();
}

/* "<>" and "<user@host>" are written by some; a stock sendmail would take the brackets for a part of
 * the name. */
static char *
without_brackets(char *sender)
{
	size_t len = strlen(sender);

	if (len < 2 || sender[0] != '<' || sender[len - 1] != '>')
		return sender;
	sender[len - 1] = '\0';
	return sender + 1;
}

static void
read_options(struct request *r, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "+" QMAIL_OPTIONS OTHER_OPTIONS)) != -1)
		switch (option) {
		case 't':
			r->recipients_from_header = true;
			break;
		case 'f':
		case 'r':
			r->sender = without_brackets(optarg);
			break;
		case 'F':
			r->name = optarg;
			break;
		case 'b':
			r->mode = mode_of(optarg);
			break;
		case 'I':
			r->mode = MODE_ALIASES;
			break;
		case 'q':
			r->runs_queue = true;
			break;
		case '?':
			usage();
		default: /* accepted, and without effect */
			break;
		}
	r->arguments = argv + optind;
}

/* The name we were called by. */
static void
read_name(struct request *r, const char *path)
{
	struct view name = view_of(path);
	size_t slash = view_rindex(name, '/');

	if (slash < name.len)
		name = view_from(name, slash + 1);
	if (view_equal(name, VIEW("mailq")))
		r->mode = MODE_QUEUE;
	if (view_equal(name, VIEW("newaliases")))
		r->mode = MODE_ALIASES;
}

/* There is no alias file but fastforward's. */
static _Noreturn void
refuse_aliases(void)
{
	complain(
	    "sendmail: fatal: please use fastforward/newaliases instead", (char *)NULL);
	_exit(EXIT_USAGE);
}

static void
set(const char *name, const char *value)
{
	if (setenv(name, value, 1) < 0)
		mem_exhausted();
}

/* -f also says who writes: From gets this address, and no name but that of -F. */
static void
set_writer(const struct request *r)
{
	static const char *const names[] = { "QMAILNAME", "MAILNAME", "NAME", "QMAILHOST",
		"MAILHOST" };
	size_t i, at;

	if (r->sender) {
		struct view sender = view_of(r->sender);
		struct str user = { 0 };

		for (i = 0; i < sizeof names / sizeof *names; i++)
			unsetenv(names[i]);
		at = view_rindex(sender, '@');
		str_set(&user, view_first(sender, at));
		set("QMAILUSER", str_text(&user));
		if (at < sender.len)
			set("QMAILHOST", r->sender + at + 1);
		str_free(&user);
	}
	if (r->name)
		set("MAILNAME", r->name);
}

/* For qmail-smtpd: a client on this host that may relay, unless somebody said otherwise. */
static void
set_smtp_client(void)
{
	static const char *const values[][2] = {
		{ "RELAYCLIENT", "" },
		{ "DATABYTES", "0" },
		{ "PROTO", "TCP" },
		{ "TCPLOCALIP", "127.0.0.1" },
		{ "TCPLOCALHOST", "localhost" },
		{ "TCPREMOTEIP", "127.0.0.1" },
		{ "TCPREMOTEHOST", "localhost" },
		{ "TCPREMOTEINFO", "sendmail-bs" },
	};
	size_t i;

	if (env_value("PROTO"))
		return;
	for (i = 0; i < sizeof values / sizeof *values; i++)
		set(values[i][0], values[i][1]);
}

static _Noreturn void
run(char **argv)
{
	signal(SIGPIPE, SIG_DFL); /* program_start() ignored them */
	signal(SIGXFSZ, SIG_DFL);
	execv(argv[0], argv);
	complain("sendmail: fatal: unable to run ", argv[0], (char *)NULL);
	_exit(EXIT_TEMPORARY);
}

static _Noreturn void
run_alone(const char *path)
{
	struct str name = { 0 };
	char *argv[2] = { NULL, NULL };

	str_append_text(&name, path);
	argv[0] = name.at;
	run(argv);
}

static _Noreturn void
run_inject(const struct request *r, size_t count)
{
	char path[] = "bin/qmail-inject", from_header[] = "-H", arguments_only[] = "-a";
	char sender[] = "-f", end[] = "--";
	char **argv = mem_alloc_zeroed(count + 6, sizeof *argv);
	size_t n = 0, i;

	argv[n++] = path;
	argv[n++] = r->recipients_from_header ? from_header : arguments_only;
	if (r->sender) {
		argv[n++] = sender;
		argv[n++] = r->sender;
	}
	argv[n++] = end;
	for (i = 0; i < count; i++)
		argv[n++] = r->arguments[i];
	run(argv);
}

int
main(int argc, char **argv)
{
	struct request request = { 0 };
	size_t count = 0;

	program_start(out_of_memory);
	if (program_enter_home() < 0) {
		complain(
		    "sendmail: fatal: unable to switch to home directory", (char *)NULL);
		return EXIT_TEMPORARY;
	}
	if (argc > 0)
		read_name(&request, argv[0]);
	read_options(&request, argc, argv);

	switch (request.mode) {
	case MODE_QUEUE:
		run_alone("bin/qmail-qread");
	case MODE_SMTP:
		set_smtp_client();
		run_alone("bin/qmail-smtpd");
	case MODE_ALIASES:
		refuse_aliases();
	case MODE_SEND:
		break;
	}
	if (request.runs_queue && !request.recipients_from_header &&
	    !request.arguments[0])
		return 0; /* there is no message to be read */
	while (request.arguments[count])
		count++;
	set_writer(&request);
	run_inject(&request, count);
}
