#include "try/tables.h"

#include <errno.h>
#include <stdlib.h>

#include "config/control.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "try/oddity.h"
#include "try/secrets.h"

/* A line that counts, under its key. */
struct keyed {
	struct str key; /* as it is compared */
	size_t line;
};

/* What was found in one table. */
struct findings {
	const struct tables_listener *listener;
	const char *path;
	size_t warnings;
	bool has_secret;
};

static void
warn(struct findings *f, size_t line, enum oddity_weight weight, const char *odd)
{
	if (f->warnings++ < TABLES_WARNINGS)
		f->listener->tell(f->listener->context, f->path, line, weight, odd);
}

static int
compare(const void *a, const void *b)
{
	const struct keyed *one = a, *other = b;
	int by_key = view_compare(str_view(&one->key), str_view(&other->key));

	if (by_key != 0)
		return by_key;
	return one->line < other->line ? -1 : one->line > other->line;
}

/* Of equal keys the last line wins. */
static void
look_for_shadows(struct findings *f, struct keyed *all, size_t count)
{
	struct str odd = { 0 };
	size_t i;

	qsort(all, count, sizeof *all, compare);
	for (i = 0; i + 1 < count; i++) {
		if (!view_equal(str_view(&all[i].key), str_view(&all[i + 1].key)))
			continue;
		str_clear(&odd);
		str_append_text(&odd, "of no effect: line ");
		fmt_u64(&odd, all[i + 1].line);
		str_append_text(&odd, " has the same key, and the last one counts");
		warn(f, all[i].line, ODDITY_ODD, str_text(&odd));
	}
	str_free(&odd);
}

static void
note_key(struct keyed *out, struct view key, size_t line)
{
	if (key.len > 1 && key.at[key.len - 1] == '.')
		key = view_first(key, key.len - 1);
	str_append_lower(&out->key, key);
	out->line = line;
}

static void
check_lines(
    struct findings *f, const struct oddity_table *table, const struct control_list *list)
{
	struct keyed *all = mem_alloc_zeroed(list->count + 1, sizeof *all);
	size_t i, count = 0;

	for (i = 0; i < list->count; i++) {
		const struct control_entry *e = &list->entries[i];
		struct oddity found = { .odd = NULL };

		table->look(e->text, &found);
		if (found.odd)
			warn(f, e->line, found.weight, found.odd);
		if (found.counts)
			note_key(&all[count++], found.key, e->line);
		f->has_secret = f->has_secret || found.is_secret;
	}
	look_for_shadows(f, all, count);
	if (f->warnings > TABLES_WARNINGS)
		f->listener->tell(f->listener->context, f->path, 0, ODDITY_ODD,
		    "and more of that kind");
	for (i = 0; i < count; i++)
		str_free(&all[i].key);
	mem_free(all);
}

static void
check_table(const struct tables_listener *listener, const struct oddity_table *table)
{
	struct findings f = { .listener = listener, .path = table->path };
	struct control_list list = { 0 };
	struct problem problem = { 0 };

	if (control_list(table->path, &list, &problem) == ANSWER_ERROR)
		listener->unreadable(listener->context, &problem);
	check_lines(&f, table, &list);
	if (f.has_secret)
		listener->secret(listener->context, table->path);
	str_wipe(&list.bytes);
	control_list_free(&list);
}

void
tables_look(const struct tables_listener *listener)
{
	size_t i;

	for (i = 0; i < ODDITY_TABLES; i++)
		check_table(listener, &oddity_tables[i]);
}

/* --- as warnings ------------------------------------------------------------------------------- */

static void
show_oddity(void *context, const char *path, size_t line, enum oddity_weight weight,
    const char *text)
{
	struct origin place;

	(void)weight;
	origin_note(&place, path, line);
	show_warning(context, place.text, view_of(text));
}

/* Who may not read it is told so elsewhere (viewer.h). */
static void
show_unreadable(void *context, const struct problem *problem)
{
	if (problem->error != EACCES)
		show_problem(context, problem);
}

static void
show_secret(void *context, const char *path)
{
	secrets_check_file(context, path);
}

void
tables_check(struct show *show)
{
	const struct tables_listener listener = { show_oddity, show_unreadable,
		show_secret, show };

	tables_look(&listener);
}
