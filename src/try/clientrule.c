#include "try/clientrule.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/env.h"

static const char PRESET[] = "control/tcp.smtp.cdb", PRESET_TEXT[] = "control/tcp.smtp";

void
clientrule_free(struct clientrule *rule)
{
	tcprule_free(&rule->rule);
}

bool
clientrule_sets(const struct clientrule *rule, const char *name)
{
	struct view entry, rest = str_view(&rule->rule.sets);

	while (view_cut(rest, '\0', &entry, &rest))
		if (view_equal(view_first(entry, view_index(entry, '=')), view_of(name)))
			return true;
	return false;
}

void
clientrule_apply(struct clientrule *rule)
{
	char *at = rule->rule.sets.at;
	size_t left = rule->rule.sets.len;

	while (left > 0) {
		size_t len = view_of(at).len + 1;

		env_put(at);
		at += len;
		left -= len;
	}
}

/* --- the files ------------------------------------------------------------------------------------ */

static enum answer
ask_text(const char *path, const struct tcprules_client *client, struct tcprule *out,
    struct problem *problem)
{
	struct control_list lines = { 0 };
	enum answer found = control_list(path, &lines, problem);

	if (found == ANSWER_YES)
		found = tcprules_find(path, &lines, client, out, problem);
	else if (found == ANSWER_NO) {
		problem_note(problem, path, 0, "missing", 0);
		found = ANSWER_ERROR;
	}
	control_list_free(&lines);
	return found;
}

static bool
is_newer(const char *path, const char *than)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(than, &b) == 0 &&
	    (a.st_mtim.tv_sec > b.st_mtim.tv_sec ||
		(a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
		    a.st_mtim.tv_nsec > b.st_mtim.tv_nsec));
}

/* The text beside "control/tcp.smtp.cdb" may say which line it is. */
static void
find_line(struct clientrule *out, struct view cdb, const struct tcprules_client *client,
    struct show *show)
{
	struct tcprule rule = { 0 };
	struct problem problem;
	struct str text = { 0 };

	str_set(&text, view_first(cdb, cdb.len - 4));
	if (ask_text(str_text(&text), client, &rule, &problem) == ANSWER_YES &&
	    rule.denies == out->rule.denies &&
	    view_equal(str_view(&rule.key), str_view(&out->rule.key)) &&
	    view_equal(str_view(&rule.sets), str_view(&out->rule.sets)))
		origin_note(&out->where, str_text(&text), rule.line);
	if (is_newer(str_text(&text), out->path))
		show_warning(show, str_text(&text),
		    VIEW("newer than its .cdb, which is what counts: run tcprules"));
	tcprule_free(&rule);
	str_free(&text);
}

/* --- what it says --------------------------------------------------------------------------------- */

static void
show_rule(const struct clientrule *c, bool found, struct show *show)
{
	struct view entry, rest = str_view(&c->rule.sets);
	struct str text = { 0 };

	if (!c->path) {
		show_text(show, "rule", "none: there is no file of rules", NULL);
		return;
	}
	str_append_text(&text,
	    !found               ? "none is for it, so it is let in"
		: c->rule.denies ? "deny"
				 : "allow");
	while (view_cut(rest, '\0', &entry, &rest)) {
		str_append_text(&text, ", ");
		str_append(&text, entry);
	}
	show_line(show, "rule", str_view(&text), c->where.text);
	str_free(&text);
}

/* Where nobody said which: what the run scripts of control-examples name. */
static const char *
preset(struct show *show)
{
	if (access(PRESET, F_OK) == 0)
		return PRESET;
	if (access(PRESET_TEXT, F_OK) < 0)
		return NULL;
	show_warning(
	    show, PRESET_TEXT, VIEW("not compiled, so nothing reads it: run tcprules"));
	return PRESET_TEXT;
}

static enum answer
ask(struct clientrule *out, const struct tcprules_client *client, struct problem *problem)
{
	if (!view_ends(view_of(out->path), VIEW(".cdb")))
		return ask_text(out->path, client, &out->rule, problem);
	if (access(out->path, F_OK) == 0)
		return tcprules_find_cdb(out->path, client, &out->rule, problem);
	problem_note(problem, out->path, 0, "missing", 0);
	return ANSWER_ERROR;
}

enum answer
clientrule_find(struct clientrule *out, const char *path,
    const struct tcprules_client *client, struct show *show)
{
	struct problem problem;
	enum answer found = ANSWER_NO;

	*out = (struct clientrule) { .path = path ? path : preset(show) };
	if (out->path)
		found = ask(out, client, &problem);
	if (found == ANSWER_ERROR) {
		show_problem(show, &problem);
		return ANSWER_ERROR;
	}
	if (out->path)
		origin_note(&out->where, out->path, out->rule.line);
	if (found == ANSWER_YES && out->rule.line == 0)
		find_line(out, view_of(out->path), client, show);
	show_rule(out, found == ANSWER_YES, show);
	return ANSWER_YES;
}
