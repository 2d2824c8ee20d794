#include "content/linepatterns.h"

#include "content/lines.h"
#include "lib/mem.h"
#include "policy/patterns.h"
#include "policy/wildmat.h"

static void
tell(const struct log *log, const char *path, size_t line, const char *what)
{
	struct problem problem;

	problem_note(&problem, path, line, what, 0);
	log_problem(log, &problem);
}

static void
add(struct linepatterns *p, const struct control_entry *entry, struct view *reply,
    const char *path, const struct log *log)
{
	char first = *entry->text.at;
	struct view rest = view_from(entry->text, 1);

	if (first == '=') {
		*reply = rest;
		return;
	}
	if (rest.len == 0 || rest.len > PATTERN_COST_MAX) {
		tell(log, path, entry->line,
		    rest.len ? "pattern is ignored: too long"
			     : "pattern is ignored: empty");
		return;
	}
	p->at[p->count++] = (struct linepattern) {
		.kind = first == ':' || first == '\\' ? first : 0,
		.glob = rest,
		.reply = *reply,
		.line = entry->line,
	};
}

enum answer
linepatterns_read(const char *path, size_t line_max, struct linepatterns *out,
    const struct log *log, struct problem *problem)
{
	struct view reply = VIEW("This message contains prohibited content");
	enum answer found;
	size_t i;

	*out =
	    (struct linepatterns) { .line_max = line_max ? line_max : LINEPATTERNS_LINE };
	if (out->line_max > LINES_PIECE)
		out->line_max = LINES_PIECE;
	found = control_list(path, &out->lines, problem);
	if (found != ANSWER_YES)
		return found;
	out->at = mem_alloc(out->lines.count * sizeof *out->at);
	for (i = 0; i < out->lines.count; i++)
		add(out, &out->lines.entries[i], &reply, path, log);
	return ANSWER_YES;
}

void
linepatterns_free(struct linepatterns *p)
{
	control_list_free(&p->lines);
	mem_free(p->at);
	*p = (struct linepatterns) { 0 };
}

static bool
is_for(const struct linepattern *p, enum linepatterns_mode mode)
{
	switch (p->kind) {
	case ':':
		return mode == LINE_OF_HEADER;
	case '\\':
		return mode == LINE_BEHIND_EMPTY;
	default:
		return true;
	}
}

const struct linepattern *
linepatterns_take(const struct linepatterns *p, enum linepatterns_mode *mode,
    struct view piece, bool begins)
{
	const struct linepattern *found = NULL;
	size_t i;

	if (!begins)
		return NULL;
	if (piece.len == 0) {
		*mode = LINE_BEHIND_EMPTY;
		return NULL;
	}
	piece = view_first(piece, p->line_max);
	for (i = 0; i < p->count && !found; i++)
		if (is_for(&p->at[i], *mode) && wildmat_exact(p->at[i].glob, piece))
			found = &p->at[i];
	if (*mode == LINE_BEHIND_EMPTY)
		*mode = LINE_ANY;
	return found;
}
