/* qmail-q - look at the messages in the queue, and change what becomes of them.  See qmail-q(8). */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "os/os.h"
#include "qtool/change.h"
#include "qtool/criteria.h"
#include "qtool/gather.h"
#include "qtool/reach.h"
#include "qtool/report.h"

enum { EXIT_NOT_ALL = 1, EXIT_USAGE = 100, EXIT_TROUBLE = 111 };
enum { HEADER_MAX = 65536, OUT_MAX = 65536 };

enum look { LIST, SHOW, CAT, CHANGE, PAUSE, RESUME, FIX };

struct command {
	const char *name;
	enum look what;
	enum queuectl_verb verb;
};

static const struct command commands[] = {
	{ "list", LIST, 0 },
	{ "show", SHOW, 0 },
	{ "cat", CAT, 0 },
	{ "hold", CHANGE, QUEUECTL_HOLD },
	{ "release", CHANGE, QUEUECTL_RELEASE },
	{ "retry", CHANGE, QUEUECTL_RETRY },
	{ "remove", CHANGE, QUEUECTL_REMOVE },
	{ "bounce", CHANGE, QUEUECTL_BOUNCE },
	{ "pause", PAUSE, QUEUECTL_HOLD },
	{ "resume", RESUME, QUEUECTL_RELEASE },
	{ "fix", FIX, 0 },
};

struct work {
	const struct command *command;
	struct criteria criteria;
	struct layout layout;
	struct reach reach;
	struct change change;
	struct str out;
	const char *reason; /* of a bounce */
	bool json, dry_run, missed, broken;
	int64_t now;
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-q: fatal: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
usage(void)
{
	os_exit_saying(STDERR_FILENO,
	    "qmail-q: usage:\n"
	    " qmail-q list|show|cat [--json] [SELECTION]\n"
	    " qmail-q hold|release|retry|remove|bounce [-n] [--json] SELECTION\n"
	    " qmail-q pause [DOMAIN...]; resume DOMAIN...; fix [OPTIONS]\n"
	    "SELECTION: NUMBER... | --all | --sender P --recipient P --domain P --reason "
	    "TEXT "
	    "--held\n"
	    " --channel local|remote --older AGE --younger AGE --larger SIZE --smaller "
	    "SIZE\n"
	    "bounce: --text REASON\n",
	    EXIT_USAGE);
}

/* `what` is wrong with the argument; then how it is meant. */
static _Noreturn void
misused(const char *what, const char *argument)
{
	complain("qmail-q: ", what, argument, (char *)NULL);
	usage();
}

static int
trouble(const char *what, const char *why)
{
	complain("qmail-q: fatal: ", what, why, (char *)NULL);
	return EXIT_TROUBLE;
}

/* --- arguments -------------------------------------------------------------------------------------------- */

static const struct command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	misused("no such command: ", name);
}

/* Returns how many arguments were taken. */
static int
take_option(struct work *w, const char *name, const char *value)
{
	bool takes_value;

	if (strcmp(name, "json") == 0)
		return w->json = true, 1;
	if (strcmp(name, "dry-run") == 0)
		return w->dry_run = true, 1;
	if (strcmp(name, "text") == 0 && value && w->command->verb == QUEUECTL_BOUNCE)
		return w->reason = value, 2;
	if (!criteria_take(&w->criteria, name, value, &takes_value))
		misused("no such option, or not a value for it: --", name);
	return takes_value ? 2 : 1;
}

static void
parse(struct work *w, char **argv)
{
	while (*argv) {
		if (strcmp(*argv, "-n") == 0) {
			w->dry_run = true;
			argv++;
		} else if (strncmp(*argv, "--", 2) == 0) {
			argv += take_option(w, *argv + 2, argv[1]);
		} else {
			if (!criteria_take_id(&w->criteria, *argv++))
				misused("neither an option nor the number of a message: ",
				    argv[-1]);
		}
	}
	/* What changes something, or prints a lot, is never about all by accident. */
	if (w->command->what != LIST && !criteria_is_given(&w->criteria))
		misused(
		    "which messages?  Numbers, --all, or what they have in common", "");
	if (w->reason && strlen(w->reason) >= QUEUECTL_TEXT_MAX)
		misused("--text: too long", "");
}

/* --- looking ---------------------------------------------------------------------------------------------- */

static void
flush(struct work *w)
{
	if (!w->broken && print_all("qmail-q", str_view(&w->out)) < 0)
		w->broken = true;
	str_clear(&w->out);
}

static void
flush_report(void *context)
{
	flush(context);
}

/* Up to the empty line, as it may be shown. */
static void
put_header(struct work *w, const struct message *m)
{
	int fd = layout_open_file(&w->layout, LAYOUT_MESS, m->id);
	struct str line = { 0 };
	char buffer[4096];
	struct reader in;
	size_t seen = 0;

	if (fd < 0)
		return;
	str_append_text(&w->out, "header:\n");
	reader_init(&in, fd, buffer, sizeof buffer, -1, NULL);
	while (seen < HEADER_MAX) {
		enum reader_status status;

		str_clear(&line);
		status = reader_line(&in, &line, 1024);
		if ((status != READER_OK && status != READER_TOO_LONG) || line.len <= 1)
			break;
		seen += line.len;
		str_append_byte(&w->out, '\t');
		report_safe(&w->out, view_trim_right(str_view(&line)));
		str_append_byte(&w->out, '\n');
	}
	str_free(&line);
	fd_close(&fd);
}

static void
missing(void *context, uint64_t id, bool unreadable)
{
	struct work *w = context;
	const char *why = unreadable ? strerror(errno) : "there is no such message";
	char number[FMT_U64_MAX];

	complain("qmail-q: ", fmt_u64_into(number, id).at, ": ", why, (char *)NULL);
	w->missed = true;
}

static void
put_message(struct work *w, const struct message *m)
{
	int fd = layout_open_file(&w->layout, LAYOUT_MESS, m->id);
	char piece[16384];
	ssize_t got = -1;

	flush(w);
	while (!w->broken && fd >= 0 && (got = fd_read(fd, piece, sizeof piece)) > 0)
		w->broken =
		    print_all("qmail-q", (struct view) { piece, (size_t)got }) < 0;
	if (got < 0 && !w->broken)
		missing(w, m->id, errno != ENOENT);
	fd_close(&fd);
}

static void
look(struct work *w, const struct message *m, const struct report_reasons *reasons)
{
	struct report_sink sink = { &w->out, flush_report, w };

	if (w->command->what == CAT) {
		put_message(w, m);
	} else if (w->json) {
		report_json(&sink, &w->layout, m, reasons, w->now);
	} else if (w->command->what == LIST) {
		report_line(&w->out, m, w->now);
	} else {
		report_details(&sink, &w->layout, m, reasons, w->now);
		put_header(w, m);
		str_append_byte(&w->out, '\n');
	}
	if (w->out.len > OUT_MAX)
		flush(w);
}

static bool
take(void *context, struct message *list, struct report_reasons *reasons, size_t count)
{
	struct work *w = context;
	size_t i;

	if (w->command->what == CHANGE &&
	    change_all(&w->change, list, count, &w->out) < 0) {
		flush(w);
		return false;
	}
	for (i = 0; i < count && w->command->what != CHANGE; i++)
		look(w, &list[i], &reasons[i]);
	flush(w);
	return !w->broken;
}

static int
gather(struct work *w)
{
	struct gather g = { &w->reach, &w->layout, &w->criteria, w->now, take, missing,
		w };
	int result = gather_all(&g);

	flush(w);
	if (result < 0 || w->reach.problem.len > 0)
		return trouble(str_text(&w->reach.problem), "");
	if (w->broken)
		return EXIT_TROUBLE;
	return w->missed || w->change.failed ? EXIT_NOT_ALL : 0;
}

/* --- domains ---------------------------------------------------------------------------------------------- */

static void
put_domain(void *context, struct view domain)
{
	struct work *w = context;

	report_safe(&w->out, domain);
	str_append_byte(&w->out, '\n');
}

/* Then all that are held are listed. */
static int
domains(struct work *w, char **names)
{
	unsigned verb = *names ? (unsigned)w->command->verb : 0;
	int result;

	if (!*names && w->command->what == RESUME)
		misused("resume which domain?  pause alone lists them", "");
	do {
		str_clear(&w->out);
		result = reach_domain(&w->reach, verb, view_of(*names), put_domain, w);
	} while (result == 0 && *names && *++names);
	if (result < 0)
		return trouble(str_text(&w->reach.problem), "");
	flush(w);
	return w->broken ? EXIT_TROUBLE : 0;
}

/* --- main ------------------------------------------------------------------------------------------------- */

static _Noreturn void
fix(char **argv)
{
	argv[0] = (char[]) { "qmail-qrepair" };
	execv("bin/qmail-qrepair", argv);
	complain("qmail-q: fatal: unable to run bin/qmail-qrepair: ", strerror(errno),
	    (char *)NULL);
	_exit(EXIT_TROUBLE);
}

/* The reason as it goes into the bounce. */
static void
set_change(struct work *w, struct str *text)
{
	str_set(text,
	    view_of(w->reason
		    ? w->reason
		    : "The administrator of this host has returned this message."));
	str_append_byte(text, '\n');
	w->change = (struct change) {
		.reach = &w->reach,
		.layout = &w->layout,
		.verb = w->command->verb,
		.text = str_view(text),
		.json = w->json,
		.dry_run = w->dry_run,
		.now = w->now,
	};
}

static int
work(struct work *w, char **argv)
{
	bool act = (w->command->what == CHANGE && !w->dry_run) ||
	    (w->command->what >= PAUSE && *argv);
	struct str text = { 0 };
	int status;

	if (layout_open(&w->layout, "queue") < 0)
		return trouble("unable to enter the queue: ", strerror(errno));
	set_change(w, &text);
	if (reach_open(&w->reach, &w->layout, act) < 0)
		status = trouble(str_text(&w->reach.problem), "");
	else
		status = w->command->what >= PAUSE ? domains(w, argv) : gather(w);
	reach_close(&w->reach);
	layout_close(&w->layout);
	str_free(&text);
	return status;
}

int
main(int argc, char **argv)
{
	struct work w = { .now = (int64_t)time(NULL) };
	int status;

	program_start(out_of_memory);
	umask(077);
	if (argc < 2)
		usage();
	w.command = find_command(argv[1]);
	if (w.command->what < PAUSE)
		parse(&w, argv + 2);
	if (program_enter_home() < 0)
		return trouble("unable to enter ", program_home());
	if (w.command->what == FIX)
		fix(argv + 1);
	status = work(&w, argv + 2);
	criteria_free(&w.criteria);
	str_free(&w.out);
	return status;
}
