#include "users/authentries.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "users/authdb.h"
#include "users/password.h"

bool
authentries_next(struct view *rest, struct view *line)
{
	if (rest->len == 0)
		return false;
	if (!view_cut(*rest, '\n', line, rest)) {
		*line = *rest;
		*rest = VIEW("");
	}
	return true;
}

static bool
is_entry_of(struct view line, struct view name, struct authline *out)
{
	struct authline entry;
	const char *why;

	if (authline_parse(line, &entry, &why) != AUTHLINE_ENTRY ||
	    !authline_is_same_name(entry.name, name))
		return false;
	*out = entry;
	return true;
}

bool
authentries_find(struct view bytes, struct view name, struct authline *out)
{
	struct view line;

	while (authentries_next(&bytes, &line))
		if (is_entry_of(line, name, out))
			return true;
	return false;
}

static void
append_line(struct str *out, struct view line)
{
	str_append(out, line);
	str_append_byte(out, '\n');
}

static void
append_entry(struct str *out, const struct authline *entry)
{
	str_append(out, entry->name);
	str_append_byte(out, ':');
	authdb_append_data(out, entry);
	str_append_byte(out, '\n');
}

void
authentries_put(struct str *out, struct view bytes, const struct authline *entry)
{
	struct authline old;
	struct view line;
	bool done = false;

	while (authentries_next(&bytes, &line)) {
		if (!is_entry_of(line, entry->name, &old)) {
			append_line(out, line);
		} else if (!done) {
			append_entry(out, entry);
			done = true;
		}
	}
	if (!done)
		append_entry(out, entry);
}

void
authentries_remove(struct str *out, struct view bytes, struct view name)
{
	struct authline old;
	struct view line;

	while (authentries_next(&bytes, &line))
		if (!is_entry_of(line, name, &old))
			append_line(out, line);
}

/* --- is it all right? ------------------------------------------------------------------------------ */

struct place {
	struct view name;
	size_t line;
};

struct places {
	struct place *at;
	size_t count, size;
};

static void
note_place(struct places *places, struct view name, size_t line)
{
	if (places->count == places->size) {
		places->size = places->size ? 2 * places->size : 64;
		places->at = mem_resize(places->at, places->size * sizeof *places->at);
	}
	places->at[places->count++] = (struct place) { name, line };
}

static int
compare_keys(struct view a, struct view b)
{
	struct str x = { 0 }, y = { 0 };
	int order;

	authline_append_key(&x, a);
	authline_append_key(&y, b);
	order = strcmp(str_text(&x), str_text(&y)); /* no name has a NUL */
	str_free(&x);
	str_free(&y);
	return order;
}

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_keys(x->name, y->name);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : 1;
}

static int
check_twice(struct places *places, struct problem *problem)
{
	size_t i, first = 0;

	if (places->count > 1)
		qsort(places->at, places->count, sizeof *places->at, compare_places);
	for (i = 1; i < places->count; i++)
		if (compare_keys(places->at[i - 1].name, places->at[i].name) == 0 &&
		    (first == 0 || places->at[i].line < first))
			first = places->at[i].line;
	if (first == 0)
		return 0;
	problem_note(problem, AUTHFILE_PATH, first, "this name is in a line before", 0);
	return -1;
}

static bool
is_hash_known(struct view hash)
{
	struct str text = { 0 };
	bool known;

	if (authline_is_locked(hash))
		return true;
	str_set(&text, hash);
	known = password_is_known_kind(str_text(&text));
	str_wipe(&text);
	return known;
}

static int
check_lines(struct view bytes, struct places *places, struct problem *problem)
{
	struct authline entry;
	struct view line;
	size_t number = 0;

	while (authentries_next(&bytes, &line)) {
		const char *why = NULL;
		enum authline_kind kind = authline_parse(line, &entry, &why);

		number++;
		if (kind == AUTHLINE_ENTRY && !is_hash_known(entry.hash))
			why = "crypt(3) does not know this kind of hash";
		if (kind != AUTHLINE_EMPTY && why) {
			problem_note(problem, AUTHFILE_PATH, number, why, 0);
			return -1;
		}
		if (kind == AUTHLINE_ENTRY)
			note_place(places, entry.name, number);
	}
	return 0;
}

int
authentries_check(struct view bytes, struct problem *problem)
{
	struct places places = { NULL, 0, 0 };
	int result = check_lines(bytes, &places, problem);

	if (result == 0)
		result = check_twice(&places, problem);
	mem_free(places.at);
	return result;
}
