#include "config/domainmap.h"

#include <errno.h>

#include "config/control.h"
#include "config/namefile.h"
#include "config/nameindex.h"
#include "config/nameline.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/str.h"

enum {
	PATIENCE = 32, /* searches, before an index is made */
	AT_ONCE = 8,   /* names that are searched in one pass */
};

struct domainmap_source {
	struct view text; /* all of it, if it is in memory */
	struct str bytes; /* what `text` points into, if that is ours */
	int fd;           /* of a file that is not in memory; else -1 */
	char separator;
	size_t asked;
	struct nameindex index;
	struct str path;
	struct problem failure; /* `what` is NULL when all is well */
};

/* --- making --------------------------------------------------------------------------------------- */

static struct domainmap_source *
new_source(struct domainmap *map)
{
	struct domainmap_source *s = mem_alloc(sizeof *s);

	*s = (struct domainmap_source) { .fd = -1 };
	map->source = s;
	return s;
}

void
domainmap_of(struct domainmap *map, struct view text, char separator)
{
	struct domainmap_source *s = new_source(map);

	s->text = control_without_mark(text);
	s->separator = separator;
}

static void
note(struct problem *problem, const char *path) /* errno */
{
	problem_note(
	    problem, path, 0, errno == EFBIG ? "too large" : "unreadable", errno);
}

enum answer
domainmap_open(struct domainmap *map, const char *path, struct problem *problem)
{
	struct domainmap_source *s;
	struct str bytes = { 0 };
	int fd = -1;
	enum answer found = namefile_open(path, &fd, &bytes);

	if (found == ANSWER_ERROR)
		note(problem, path);
	if (found != ANSWER_YES)
		return found;
	s = new_source(map);
	s->fd = fd;
	s->bytes = bytes;
	s->text = control_without_mark(str_view(&s->bytes));
	str_append_text(&s->path, path);
	return ANSWER_YES;
}

void
domainmap_free(struct domainmap *map)
{
	struct domainmap_source *s = map->source;

	map->source = NULL;
	if (!s)
		return;
	fd_close(&s->fd);
	nameindex_free(&s->index);
	str_free(&s->bytes);
	str_free(&s->path);
	mem_free(s);
}

/* --- asking --------------------------------------------------------------------------------------- */

/* Take a file that was left where it is into memory. */
static bool
load(struct domainmap_source *s)
{
	if (namefile_load(s->fd, &s->bytes) < 0) {
		note(&s->failure, str_text(&s->path));
		return false;
	}
	fd_close(&s->fd);
	s->text = control_without_mark(str_view(&s->bytes));
	return true;
}

/* Who asks so often gets an index. */
static void
count_searches(struct domainmap_source *s, size_t count)
{
	if (s->index.size > 0 || s->failure.what)
		return;
	s->asked += count;
	if (s->asked > PATIENCE && (s->fd < 0 || load(s)))
		nameindex_make(&s->index, s->text, s->separator);
}

static size_t
place_in_text(const struct domainmap_source *s, struct view name)
{
	size_t at = nameline_find_last(s->text, name, s->separator);

	return at < s->text.len ? at : NAMEFILE_NOWHERE;
}

/* Without an index: where in the file, or in memory, are the names? */
static void
search(
    struct domainmap_source *s, const struct view *names, size_t count, size_t *offsets)
{
	size_t i;

	if (s->fd >= 0) {
		if (namefile_find_last(s->fd, names, count, offsets) == 0)
			return;
		if (errno == EMSGSIZE)
			load(s);
		else
			note(&s->failure, str_text(&s->path));
	}
	for (i = 0; i < count; i++)
		offsets[i] =
		    s->failure.what ? NAMEFILE_NOWHERE : place_in_text(s, names[i]);
}

static size_t
number_of_line(struct domainmap_source *s, size_t offset)
{
	size_t before = 0;

	if (s->fd < 0)
		before = nameline_count(view_first(s->text, offset));
	else if (namefile_count(s->fd, offset, &before) < 0)
		note(&s->failure, str_text(&s->path));
	return before + 1;
}

static struct view
value_at(const struct domainmap_source *s, size_t offset)
{
	struct view name, value = VIEW("");

	if (s->separator)
		nameline_parse(nameline_at(s->text, offset), s->separator, &name, &value);
	return value;
}

static void
find_unindexed(struct domainmap_source *s, const struct view *names, size_t count,
    bool numbers, struct domainmap_hit *hits)
{
	size_t offsets[AT_ONCE], i;

	search(s, names, count, offsets);
	for (i = 0; i < count; i++) {
		hits[i] = (struct domainmap_hit) { VIEW(""), 0 };
		if (offsets[i] != NAMEFILE_NOWHERE)
			hits[i] = (struct domainmap_hit) { value_at(s, offsets[i]),
				numbers ? number_of_line(s, offsets[i]) : 1 };
	}
}

static void
find_indexed(
    const struct domainmap_source *s, struct view name, struct domainmap_hit *hit)
{
	size_t offset, number;

	*hit = (struct domainmap_hit) { VIEW(""), 0 };
	if (nameindex_find(&s->index, s->text, name, &offset, &number))
		*hit = (struct domainmap_hit) { value_at(s, offset), number };
}

/* At most AT_ONCE names.  Unless the numbers of lines are wanted, each that is there gets 1. */
static void
find_some(const struct domainmap *map, const struct view *names, size_t count,
    bool numbers, struct domainmap_hit *hits)
{
	struct domainmap_source *s = map->source;
	size_t i;

	if (!s || s->failure.what) {
		for (i = 0; i < count; i++)
			hits[i] = (struct domainmap_hit) { VIEW(""), 0 };
		return;
	}
	count_searches(s, count);
	if (s->index.size == 0)
		find_unindexed(s, names, count, numbers, hits);
	else
		for (i = 0; i < count; i++)
			find_indexed(s, names[i], &hits[i]);
}

void
domainmap_find_all(const struct domainmap *map, const struct view *names, size_t count,
    struct domainmap_hit *hits)
{
	size_t i;

	for (i = 0; i < count; i += AT_ONCE)
		find_some(map, names + i, count - i < AT_ONCE ? count - i : AT_ONCE, true,
		    hits + i);
}

bool
domainmap_find(const struct domainmap *map, struct view name, struct domainmap_hit *hit)
{
	struct domainmap_hit found;

	find_some(map, &name, 1, hit != NULL, &found);
	if (found.line && hit)
		*hit = found;
	return found.line > 0;
}

bool
domainmap_find_suffix(
    const struct domainmap *map, struct view domain, struct domainmap_hit *hit)
{
	struct domainmap_hit hits[AT_ONCE];
	struct view names[AT_ONCE], rest = domain;
	size_t count, i;

	while (rest.len > 0) {
		for (count = 0; count < AT_ONCE && rest.len > 0; count++) {
			struct view after = view_from(rest, 1);

			names[count] = rest;
			rest = view_from(after, view_index(after, '.'));
		}
		find_some(map, names, count, hit != NULL, hits);
		for (i = 0; i < count && !hits[i].line; i++)
			continue;
		if (i == count)
			continue;
		if (hit)
			*hit = hits[i];
		return true;
	}
	return false;
}

bool
domainmap_failed(const struct domainmap *map, struct problem *problem)
{
	if (!map->source || !map->source->failure.what)
		return false;
	*problem = map->source->failure;
	return true;
}
