/* qmail-showctl - tell what the control files say.  See qmail-showctl(8). */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/control.h"
#include "config/controlfiles.h"
#include "config/ids.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/program.h"
#include "os/os.h"
#include "queue/layout.h"
#include "spawn/spawnloop.h"
#include "try/controltext.h"

enum { EXIT_USAGE = 100, EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-showctl: fatal: out of memory\n", EXIT_FAILED);
}

static void
warn(const char *place, const char *what, int error)
{
	complain("qmail-showctl: warning: ", place, ": ", what, error ? ": " : "",
	    error ? strerror(error) : "", (char *)NULL);
}

/* Show what there is so far and end. */
static _Noreturn void
end(struct str *out, int status)
{
	if (print_all("qmail-showctl", str_view(out)) < 0)
		status = EXIT_FAILED;
	_exit(status);
}

/* --- the home --------------------------------------------------------------------------------- */

static void
put_number(struct str *out, const char *before, uint64_t number)
{
	str_append_text(out, before);
	fmt_u64(out, number);
	str_append_text(out, ".\n");
}

static uint64_t
delivery_slots(void)
{
	uint64_t width = 1;

	control_number("control/spawnwidth", &width, NULL);
	return width == 2 ? SPAWNCOMMAND_SLOTS_WIDE : SPAWNCOMMAND_SLOTS;
}

static void
put_split(struct str *out)
{
	struct layout layout;

	if (layout_open(&layout, "queue") == 0) {
		put_number(out, "subdirectory split: ", layout.split);
		layout_close(&layout);
		return;
	}
	warn("queue", "unable to look into it", errno);
	str_append_text(out, "subdirectory split: unknown.\n");
}

/* One of the list; who is missing is added to *missing. */
static void
put_id(struct str *out, const char *name, enum answer answer, uint64_t id,
    struct str *missing)
{
	if (answer == ANSWER_YES) {
		fmt_u64(out, id);
		return;
	}
	str_append_text(out, "unknown");
	str_append_byte(missing, ' ');
	str_append_text(missing, name);
}

/* A rootless instance has none of them. */
static void
put_ids(struct str *out)
{
	static const char *const users[] = { "alias", "qmaild", "qmaill", "root",
		"qmailp", "qmailq", "qmailr", "qmails" };
	static const char *const groups[] = { "nofiles", "qmail" };
	struct str missing = { 0 };
	uid_t uid = 0;
	gid_t gid = 0;
	size_t i;

	for (i = 0; i < sizeof users / sizeof *users; i++) {
		str_append_text(out, i == 0 ? "user ids: " : ", ");
		put_id(out, users[i], ids_user(users[i], &uid), uid, &missing);
	}
	str_append_text(out, ".\n");
	for (i = 0; i < sizeof groups / sizeof *groups; i++) {
		str_append_text(out, i == 0 ? "group ids: " : ", ");
		put_id(out, groups[i], ids_group(groups[i], &gid), gid, &missing);
	}
	str_append_text(out, ".\n");
	if (missing.len > 0)
		warn("no such users or groups", str_text(&missing) + 1, 0);
	str_free(&missing);
}

static void
put_home(struct str *out)
{
	str_append_text(out, "qmail home directory: ");
	str_append_text(out, program_home());
	str_append_text(out, ".\nuser-ext delimiter: -.\npaternalism (in decimal): 2.\n");
	put_number(out, "silent concurrency limit: ", delivery_slots());
	put_split(out);
	put_ids(out);
}

/* --- the files -------------------------------------------------------------------------------- */

static enum answer
put_file(const struct controltext *t, const struct controlfile *file)
{
	struct problem problem = { .what = "unreadable" };
	enum answer answer = controltext_append(t, file, &problem);

	if (answer == ANSWER_ERROR)
		warn(problem.where, problem.what, problem.error);
	return answer;
}

/* Without rcpthosts this one means nothing, and its sentences are others. */
static void
put_morercpthosts(
    const struct controltext *t, const struct controlfile *file, enum answer rcpthosts)
{
	struct controlfile said = *file;

	if (rcpthosts == ANSWER_NO) {
		said.before = "No rcpthosts; doesn't matter that morercpthosts has ";
		said.absent = "No rcpthosts; morercpthosts is irrelevant.";
	}
	put_file(t, &said);
}

static void
put_known(const struct controltext *t)
{
	enum answer rcpthosts = ANSWER_NO;
	size_t i;

	for (i = 0; i < controlfiles_count(); i++) {
		const struct controlfile *file = controlfiles_at(i);

		if (strcmp(file->name, "rcpthosts") == 0)
			rcpthosts = put_file(t, file);
		else if (strcmp(file->name, "morercpthosts") == 0)
			put_morercpthosts(t, file, rcpthosts);
		else
			put_file(t, file);
	}
}

static int
is_unknown(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
	    !controlfiles_find(entry->d_name);
}

static void
put_unknown(struct str *out)
{
	struct dirent **entries;
	int count = scandir("control", &entries, is_unknown, alphasort), i;

	if (count < 0) {
		str_append_text(out, "Oops! Unable to open current directory.\n");
		end(out, EXIT_FAILED);
	}
	for (i = 0; i < count; i++) {
		str_append_text(out, "\n");
		str_append_text(out, entries[i]->d_name);
		str_append_text(out, ": I have no idea what this file does.\n");
		free(entries[i]); /* scandir's */
	}
	free(entries);
}

/* --- the report ------------------------------------------------------------------------------- */

static void
read_settings(struct controltext *t)
{
	enum answer me = control_line("control/me", &t->me, NULL);
	struct problem problem;

	if (me == ANSWER_ERROR) {
		str_append_text(t->out, "Oops! Trouble reading control/me.");
		end(t->out, EXIT_FAILED);
	}
	t->has_me = me == ANSWER_YES;
	if (dialect_read(&t->dialect, &problem) == ANSWER_ERROR)
		warn(problem.where, problem.what, problem.error);
}

static void
enter_home(struct str *out)
{
	if (program_enter_home() == 0)
		return;
	str_append_text(out, "Oops! Unable to chdir to ");
	str_append_text(out, program_home());
	str_append_text(out, ".\n");
	end(out, EXIT_FAILED);
}

int
main(int argc, char **argv)
{
	struct str out = { 0 };
	struct controltext text = { .out = &out };
	int option;

	program_start(out_of_memory);
	opterr = 0;
	while ((option = getopt(argc, argv, "+a")) != -1) {
		if (option != 'a') {
			complain(
			    "qmail-showctl: usage: qmail-showctl [ -a ]", (char *)NULL);
			return EXIT_USAGE;
		}
		text.show_absent = true;
	}
	enter_home(&out);
	put_home(&out);
	if (access("control", X_OK) < 0) {
		str_append_text(&out, "Oops! Unable to chdir to control.\n");
		end(&out, EXIT_FAILED);
	}
	read_settings(&text);
	put_known(&text);
	put_unknown(&out);
	end(&out, 0);
}
