/* qmail-local - deliver one message to one local recipient.  See qmail-local(8). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "local/instructions.h"
#include "os/os.h"
#include "users/dotfile.h"
#include "users/failure.h"

enum {
	WRITABLE = 002, /* a home or .qmail with one of these mode bits is not used */
	STICKY = 01000,
	DOTQMAIL_MAX = 1024 * 1024,
	READ_BUFFER = 16384,
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "Out of memory. (#4.3.0)\n", OUTCOME_EXIT_TEMPORARY);
}

static _Noreturn void
die(int status, const char *text)
{
	complain(text, (char *)NULL);
	_exit(status);
}

static _Noreturn void
die_errno(const char *before, const char *what)
{
	complain(before, what, ": ", strerror(errno), ". (#4.3.0)", (char *)NULL);
	_exit(OUTCOME_EXIT_TEMPORARY);
}

static _Noreturn void
usage(void)
{
	die(OUTCOME_EXIT_PERMANENT,
	    "qmail-local: usage: qmail-local [ -nN ] "
	    "user homedir local dash ext domain sender aliasempty");
}

/* Of -n and -N the last one counts.  The place of the first word behind them, and behind "--".  (getopt(3)
 * brings stdio into a static program.) */
static int
parse_options(int argc, char **argv, bool *dry_run)
{
	int at;

	for (at = 1; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
		const char *letter = argv[at] + 1;

		if (strcmp(letter, "-") == 0)
			return at + 1;
		for (; *letter; letter++) {
			if (*letter != 'n' && *letter != 'N')
				usage();
			*dry_run = *letter == 'n';
		}
	}
	return at;
}

static void
parse_arguments(int argc, char **argv, struct delivery_args *args, bool *dry_run)
{
	const char **field[] = { &args->user, &args->home, &args->local, &args->dash,
		&args->ext, &args->domain, &args->sender, &args->fallback };
	int count = sizeof field / sizeof *field;
	int i, first = parse_options(argc, argv, dry_run);

	if (argc - first != count)
		usage();
	for (i = 0; i < count; i++)
		*field[i] = argv[first + i];
	if (args->home[0] != '/')
		usage();
}

static void
check_home(bool dry_run)
{
	struct stat st;

	if (stat(".", &st) < 0)
		die_errno("Unable to stat home directory", "");
	if (st.st_mode & WRITABLE)
		die(OUTCOME_EXIT_TEMPORARY,
		    "Uh-oh: home directory is writable. (#4.7.0)");
	if (!(st.st_mode & STICKY))
		return;
	if (!dry_run)
		die(OUTCOME_EXIT_TEMPORARY,
		    "Home directory is sticky: user is editing his .qmail file. "
		    "(#4.2.1)");
	complain("Warning: home directory is sticky.", (char *)NULL);
}

/* Our own Delivered-To line in the header: the message was here before. */
static void
check_loop(struct view delivered_to)
{
	char buffer[READ_BUFFER];
	struct reader reader;
	struct str line = { 0 };
	enum reader_status status;

	if (lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
		die(OUTCOME_EXIT_TEMPORARY, "Unable to rewind message. (#4.3.0)");
	reader_init(&reader, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	do {
		str_clear(&line);
		status = reader_line(&reader, &line, delivered_to.len);
		if (status == READER_ERROR)
			die_errno("Unable to read message", "");
		if (status == READER_OK && view_equal(str_view(&line), delivered_to))
			die(OUTCOME_EXIT_PERMANENT,
			    "This message is looping: it already has my Delivered-To "
			    "line. (#5.4.6)");
	} while (status == READER_TOO_LONG || (status == READER_OK && line.len > 1));
	str_free(&line);
}

/* DEFAULT: what the "default" at the end of the file's name stands for; or is, in the address itself. */
static void
set_default(const struct dotfile *file, struct view ext, struct env_list *env)
{
	static const char word[] = "default";

	if (file->is_default)
		env_list_set(env, "DEFAULT", view_from(ext, file->default_at));
	else if (view_ends_nocase(ext, view_of(word)))
		env_list_set(env, "DEFAULT", view_from(ext, ext.len - (sizeof word - 1)));
}

/* The text of the .qmail file that answers; empty: the default delivery. */
static void
read_dotqmail(const struct delivery_args *args, struct instructions *in, struct str *text)
{
	struct view ext = view_of(args->ext);
	struct dotfile file = { 0 };
	enum answer found = dotfile_open(view_of(args->dash), ext, &file);

	if (found == ANSWER_ERROR)
		die_errno("Unable to open ", str_text(&file.name));
	env_list_unset(in->env, "DEFAULT");
	if (found == ANSWER_NO) {
		if (args->dash[0])
			die(OUTCOME_EXIT_PERMANENT,
			    "Sorry, no mailbox here by that name. (#5.1.1)");
		str_free(&file.name);
		return;
	}
	if (file.mode & WRITABLE)
		die(OUTCOME_EXIT_TEMPORARY, "Uh-oh: .qmail file is writable. (#4.7.0)");
	set_default(&file, ext, in->env);
	in->forwards_only = file.mode & S_IXUSR;
	if (fd_read_all(file.fd, text, DOTQMAIL_MAX) < 0)
		die_errno("Unable to open ", str_text(&file.name));
	fd_close(&file.fd);
	str_free(&file.name);
}

static bool
has_dotqmail(const struct delivery_args *args, const char *suffix)
{
	struct str name = { 0 };
	struct stat st;
	bool found;

	dotfile_name(&name, view_of(args->dash), view_of(args->ext), suffix);
	found = stat(str_text(&name), &st) == 0;
	if (!found && failure_is_temporary(errno))
		die_errno("Unable to open ", str_text(&name));
	str_free(&name);
	return found;
}

/* Whom bounces of forwards go to: the sender, or the owner of the list. */
static void
choose_sender(const struct delivery_args *args, struct str *sender)
{
	const char *middle = "-owner@", *end = "";

	if (!*args->sender || strcmp(args->sender, "#@[]") == 0 ||
	    !has_dotqmail(args, "-owner")) {
		str_append_text(sender, args->sender);
		return;
	}
	if (has_dotqmail(args, "-owner-default")) {
		middle = "-owner-@";
		end = "-@[]";
	}
	str_append_text(sender, args->local);
	str_append_text(sender, middle);
	str_append_text(sender, args->domain);
	str_append_text(sender, end);
}

static void
print_counts(const struct instructions *in)
{
	struct str text = { 0 };

	str_append_text(&text, "did ");
	fmt_u64(&text, in->files);
	str_append_byte(&text, '+');
	fmt_u64(&text, in->forwards);
	str_append_byte(&text, '+');
	fmt_u64(&text, in->programs);
	str_append_byte(&text, '\n');
	if (in->qp) {
		str_append_text(&text, "qp ");
		fmt_u64(&text, (uint64_t)in->qp);
		str_append_byte(&text, '\n');
	}
	fd_write_all(STDOUT_FILENO, str_view(&text));
	str_free(&text);
}

/* An empty file, or none, means the default delivery; the x bit of an empty file does not count. */
static void
deliver(const struct delivery_args *args, struct instructions *in, struct str *text)
{
	struct outcome outcome = { 0 };

	if (text->len == 0) {
		in->forwards_only = false;
		str_append_text(text, args->fallback);
	}
	instructions_run(in, str_view(text), &outcome);
	if (outcome.kind != OUTCOME_DONE) {
		if (outcome.text.len > 0)
			complain(str_text(&outcome.text), (char *)NULL);
		_exit(outcome_exit(outcome.kind));
	}
	outcome_free(&outcome);
}

int
main(int argc, char **argv)
{
	struct delivery_args args;
	struct delivery_lines lines = { 0 };
	struct env_list env = { 0 };
	struct instructions in = {
		.message = STDIN_FILENO, .lines = &lines, .env = &env
	};
	struct str sender = { 0 }, text = { 0 };

	program_start(out_of_memory);
	umask(077);
	parse_arguments(argc, argv, &args, &in.dry_run);
	if (chdir(args.home) < 0)
		die_errno("Unable to switch to ", args.home);
	check_home(in.dry_run);

	delivery_lines_make(&lines, &args, time(NULL));
	env_list_inherit(&env);
	localenv_fill(&env, &args, &lines);
	if (!in.dry_run)
		check_loop(str_view(&lines.delivered_to));

	read_dotqmail(&args, &in, &text);
	choose_sender(&args, &sender);
	env_list_set(&env, "NEWSENDER", str_view(&sender));
	in.sender = str_view(&sender);

	deliver(&args, &in, &text);
	print_counts(&in);

	instructions_free(&in);
	delivery_lines_free(&lines);
	env_list_free(&env);
	str_free(&sender);
	str_free(&text);
	return 0;
}
