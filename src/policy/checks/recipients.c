/* recipients - s/qmail's control/recipients: who exists, domain by domain (inbound 6.3).
 *
 * The lines are asked in order, until one knows the recipient: "!domain" and "!*" take everybody,
 * "domain:cdb" is a file with a key ":user@domain" for each, "domain|program" is asked with the
 * address on descriptor 3.  A domain is the end of the recipient's, with '@' in front all of it, and
 * '*' any.  A recipient that no line knows is refused, with $RECIPIENTS450 for now only. */
#include <sys/stat.h>

#include "policy/check.h"
#include "policy/program.h"

enum { WORDS_MAX = 6, LATER = 111 };

static enum verdict
reject(const struct question *q, struct ruling *why)
{
	const char *more = q->list->settings[1];
	struct str text = { 0 };

	if (q->list->settings[0]) {
		reply_set(
		    &why->reply, 450, "4.2.1", "sorry, mailbox currently unavailable");
		return VERDICT_DEFER;
	}
	str_append_text(&text, "sorry, no mailbox by that name "); /* the space stays */
	str_append_text(&text, more ? more : "");
	reply_set(&why->reply, 550, "5.7.1", "");
	why->reply.text = arena_copy(q->tools->mem, str_view(&text));
	str_free(&text);
	return VERDICT_REJECT;
}

static bool
matches(struct view pattern, struct view domain)
{
	if (view_equal(pattern, VIEW("*")))
		return true;
	if (view_starts(pattern, VIEW("@")))
		return view_equal_nocase(view_from(pattern, 1), domain);
	return view_ends_nocase(domain, pattern);
}

/* The address in lower case; or its VERP form, with the local part up to its first '-'.  False if
 * it has no such form. */
static bool
make_name(const struct question *q, bool verp, struct str *out)
{
	struct view local = q->recipient->local;
	size_t dash = view_index(local, '-');

	if (verp && dash == local.len)
		return false;
	str_append_lower(out, verp ? view_first(local, dash + 1) : local);
	str_append_byte(out, '@');
	str_append_lower(
	    out, q->recipient->has_at ? q->recipient->domain : VIEW("localhost"));
	return true;
}

static enum answer
look_up(const struct question *q, struct cdbmap *map, bool verp, struct problem *problem)
{
	struct str key = { 0 };
	enum answer found = ANSWER_NO;

	str_append_byte(&key, ':');
	if (make_name(q, verp, &key))
		found = cdbmap_find(map, str_view(&key), NULL, problem);
	str_free(&key);
	return found;
}

/* A file of no octets holds nobody. */
static enum answer
is_in_cdb(const struct question *q, const char *path, struct problem *problem)
{
	struct cdbmap *map;
	struct stat st;
	enum answer found;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		return ANSWER_NO;
	found = cdbmap_open(path, &map, problem);
	if (found == ANSWER_NO) { /* a list that is not there does not say no */
		problem_note(problem, path, 0, "missing", 0);
		return ANSWER_ERROR;
	}
	if (found == ANSWER_YES) {
		found = look_up(q, map, false, problem);
		if (found == ANSWER_NO)
			found = look_up(q, map, true, problem);
		cdbmap_close(map);
	}
	return found;
}

/* The words of `line`, each ended by a NUL there. */
static void
split_words(struct str *line, char *argv[WORDS_MAX + 1])
{
	size_t i, count = 0;
	bool inside = false;

	for (i = 0; i < line->len; i++) {
		bool blank = line->at[i] == ' ' || line->at[i] == '\t';

		if (blank)
			line->at[i] = '\0';
		else if (!inside && count < WORDS_MAX)
			argv[count++] = line->at + i;
		inside = !blank;
	}
	argv[count] = NULL;
}

static enum answer
ask_program(const struct question *q, char *const *argv, bool verp)
{
	struct env_list environment = { 0 };
	struct program program = { .argv = argv,
		.environment = &environment,
		.seconds = q->tools->program_seconds,
		.has_input = true };
	struct str input = { 0 };
	enum answer answer = ANSWER_NO;
	int code = LATER;

	if (make_name(q, verp, &input)) {
		str_append(&input, VIEW("\0\0\0"));
		program.input = str_view(&input);
		env_list_inherit(&environment);
		if (program_run(&program, NULL, &code) != PROGRAM_EXITED || code == LATER)
			answer = ANSWER_ERROR;
		else if (code == 0)
			answer = ANSWER_YES;
	}
	env_list_free(&environment);
	str_free(&input);
	return answer;
}

static enum answer
is_known_to_program(const struct question *q, struct view command)
{
	char *argv[WORDS_MAX + 1];
	struct str line = { 0 };
	enum answer answer = ANSWER_NO;

	str_set(&line, command);
	split_words(&line, argv);
	if (argv[0])
		answer = ask_program(q, argv, false);
	if (argv[0] && answer == ANSWER_NO)
		answer = ask_program(q, argv, true);
	str_free(&line);
	return answer;
}

/* What one line says; *seen: a line was about this domain. */
static enum answer
ask_line(const struct question *q, struct view line, bool *seen, struct ruling *why)
{
	struct view domain = q->recipient->domain, pattern = VIEW("*"), file = line,
		    command;
	struct str path = { 0 };
	enum answer answer;

	if (view_starts(line, VIEW("!")))
		return view_equal(line, VIEW("!*"))
		    ? (*seen ? ANSWER_NO : ANSWER_YES)
		    : (view_equal_nocase(view_from(line, 1), domain) ? ANSWER_YES
								     : ANSWER_NO);
	if (view_cut(line, '|', &pattern, &command)) {
		if (!matches(pattern, domain))
			return ANSWER_NO;
		*seen = true;
		return is_known_to_program(q, command);
	}
	view_cut(line, ':', &pattern, &file);
	if (!matches(pattern, domain))
		return ANSWER_NO;
	*seen = true;
	str_set(&path, file);
	answer = is_in_cdb(q, str_text(&path), &why->problem);
	str_free(&path);
	return answer;
}

enum verdict
check_recipients(const struct question *q, struct ruling *why)
{
	const struct control_list *lines = &q->list->lines;
	bool seen = false;
	size_t i;

	for (i = 0; i < lines->count; i++) {
		why->line = lines->entries[i].line;
		switch (ask_line(q, lines->entries[i].text, &seen, why)) {
		case ANSWER_YES:
			return VERDICT_KNOWN;
		case ANSWER_ERROR:
			reply_set(
			    &why->reply, 421, "4.3.0", "unable to check recipients");
			return VERDICT_CLOSE;
		case ANSWER_NO:
			break;
		}
	}
	why->line = 0;
	return reject(q, why);
}
