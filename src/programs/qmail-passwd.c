/* qmail-passwd - add, change, list and remove the users of users/auth, and compile it into
 * users/auth.cdb for qmail-authcdb.  See qmail-passwd(8). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "lib/program.h"
#include "os/os.h"
#include "users/authentries.h"
#include "users/authfile.h"
#include "users/password.h"
#include "users/prompt.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 100, EXIT_TROUBLE = 111 };

/* What a command works on. */
struct work {
	struct view name;
	char **senders; /* NULL-terminated */
	struct str old; /* the file, and what it becomes */
	struct str new;
};

static const char usage[] = "usage: qmail-passwd add NAME [SENDER ...]\n"
			    "       qmail-passwd set NAME\n"
			    "       qmail-passwd senders NAME [SENDER ...]\n"
			    "       qmail-passwd remove NAME\n"
			    "       qmail-passwd list\n"
			    "       qmail-passwd compile\n";

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-passwd: fatal: out of memory\n", EXIT_TROUBLE);
}

static int
refuse(const char *what)
{
	complain("qmail-passwd: ", what, (char *)NULL);
	return EXIT_REFUSED;
}

static int
fail(const struct problem *problem)
{
	complain("qmail-passwd: fatal: ", problem->where, ": ", problem->what,
	    problem->error ? ": " : "", problem->error ? strerror(problem->error) : "",
	    (char *)NULL);
	return EXIT_TROUBLE;
}

/* --- a password ---------------------------------------------------------------------------------- */

static int
read_password(struct str *password)
{
	switch (prompt_password(password)) {
	case PROMPT_OK:
		return 0;
	case PROMPT_DIFFERENT:
		return refuse("the two are different; nothing was changed");
	case PROMPT_EMPTY:
		return refuse("no password was given; nothing was changed");
	case PROMPT_TOO_LONG:
		return refuse("a password has at most 256 octets");
	case PROMPT_NO_CHARACTER:
		return refuse("a control character in the password");
	case PROMPT_INTERRUPTED:
		return refuse("interrupted; nothing was changed");
	case PROMPT_UNREADABLE:
		break;
	}
	complain("qmail-passwd: fatal: unable to read the password: ", strerror(errno),
	    (char *)NULL);
	return EXIT_TROUBLE;
}

static int
make_hash(struct str *hash)
{
	struct str password = { 0 };
	int status = read_password(&password);

	if (status == 0 && password_hash(str_text(&password), hash) < 0) {
		complain("qmail-passwd: fatal: crypt(3) failed: ", strerror(errno),
		    (char *)NULL);
		status = EXIT_TROUBLE;
	}
	str_wipe(&password);
	return status;
}

/* --- commands: each makes work->new of work->old ------------------------------------------------- */

/* Append the arguments, with commas between. */
static int
join_senders(char **senders, struct str *out)
{
	for (; *senders; senders++) {
		const char *why = authline_sender_problem(view_of(*senders));

		if (why) {
			complain("qmail-passwd: ", *senders, ": ", why, (char *)NULL);
			return EXIT_REFUSED;
		}
		if (out->len > 0)
			str_append_byte(out, ',');
		str_append_text(out, *senders);
	}
	if (out->len > AUTHLINE_SENDERS_MAX)
		return refuse("the list of senders is too long");
	return 0;
}

static int
add(struct work *work)
{
	struct authline entry = { .name = work->name };
	struct str hash = { 0 }, senders = { 0 };
	int status;

	if (authentries_find(str_view(&work->old), work->name, &entry))
		return refuse(
		    "this name is there already; its password: qmail-passwd set");
	status = join_senders(work->senders, &senders);
	if (status == 0)
		status = make_hash(&hash);
	entry.hash = str_view(&hash);
	entry.senders = str_view(&senders);
	if (status == 0)
		authentries_put(&work->new, str_view(&work->old), &entry);
	str_free(&hash);
	str_free(&senders);
	return status;
}

static int
set(struct work *work)
{
	struct authline entry;
	struct str hash = { 0 };
	int status;

	if (!authentries_find(str_view(&work->old), work->name, &entry))
		return refuse("there is no such name");
	status = make_hash(&hash);
	entry.hash = str_view(&hash);
	if (status == 0)
		authentries_put(&work->new, str_view(&work->old), &entry);
	str_free(&hash);
	return status;
}

static int
set_senders(struct work *work)
{
	struct authline entry;
	struct str senders = { 0 };
	int status;

	if (!authentries_find(str_view(&work->old), work->name, &entry))
		return refuse("there is no such name");
	status = join_senders(work->senders, &senders);
	entry.senders = str_view(&senders);
	if (status == 0)
		authentries_put(&work->new, str_view(&work->old), &entry);
	str_free(&senders);
	return status;
}

static int
remove_name(struct work *work)
{
	struct authline entry;

	if (!authentries_find(str_view(&work->old), work->name, &entry))
		return refuse("there is no such name");
	authentries_remove(&work->new, str_view(&work->old), work->name);
	return 0;
}

static int
compile(struct work *work)
{
	str_set(&work->new, str_view(&work->old));
	return 0;
}

/* Names, and behind a blank the senders; never a hash. */
static int
list(struct work *work)
{
	struct view rest = str_view(&work->old), line;
	struct authline entry;
	const char *why;
	struct str out = { 0 };
	int status = 0;

	while (authentries_next(&rest, &line)) {
		if (authline_parse(line, &entry, &why) != AUTHLINE_ENTRY)
			continue;
		str_append(&out, entry.name);
		if (entry.senders.len > 0) {
			str_append_byte(&out, ' ');
			str_append(&out, entry.senders);
		}
		if (authline_is_locked(entry.hash))
			str_append_text(&out, " (locked)");
		str_append_byte(&out, '\n');
	}
	if (print_all("qmail-passwd", str_view(&out)) < 0)
		status = EXIT_TROUBLE;
	str_free(&out);
	return status;
}

struct command {
	const char *word;
	bool names;   /* NAME follows */
	bool senders; /* and perhaps SENDERs */
	bool edits;
	int (*run)(struct work *work);
};

static const struct command commands[] = {
	{ "add", true, true, true, add },
	{ "set", true, false, true, set },
	{ "senders", true, true, true, set_senders },
	{ "remove", true, false, true, remove_name },
	{ "list", false, false, false, list },
	{ "compile", false, false, true, compile },
};

/* The command that the arguments are right for, or NULL. */
static const struct command *
command_of(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *c = &commands[i];
		int needed = c->names ? 3 : 2;

		if (argc >= 2 && strcmp(argv[1], c->word) == 0)
			return argc == needed || (c->senders && argc > needed) ? c : NULL;
	}
	return NULL;
}

/* compile leaves the text as it is; the others write both. */
static int
save(const struct command *command, const struct work *work, struct problem *problem)
{
	if (command->names && authfile_write(str_view(&work->new), problem) < 0)
		return fail(problem);
	if (authfile_compile(str_view(&work->new), problem) < 0)
		return fail(problem);
	return 0;
}

static int
run(const struct command *command, struct work *work)
{
	struct problem problem;
	int status;

	if (command->edits && authfile_lock(&problem) < 0)
		return fail(&problem);
	if (authfile_read(&work->old, &problem) < 0 ||
	    authentries_check(str_view(&work->old), &problem) < 0)
		return fail(&problem);
	status = command->run(work);
	if (status != 0 || !command->edits)
		return status;
	return save(command, work, &problem);
}

int
main(int argc, char **argv)
{
	const struct command *command = command_of(argc, argv);
	struct work work = { .senders = argv + 3 };
	const char *why = NULL;
	int status;

	program_start(out_of_memory);
	umask(077);
	os_no_core();
	os_keep_secrets();
	if (!command)
		os_exit_saying(STDERR_FILENO, usage, EXIT_USAGE);
	if (command->names) {
		work.name = view_of(argv[2]);
		why = authline_name_problem(work.name);
	}
	if (why)
		return refuse(why);
	if (program_enter_home() < 0) {
		complain("qmail-passwd: fatal: unable to enter the home: ",
		    strerror(errno), (char *)NULL);
		return EXIT_TROUBLE;
	}
	status = run(command, &work);
	str_wipe(&work.old);
	str_wipe(&work.new);
	return status;
}
