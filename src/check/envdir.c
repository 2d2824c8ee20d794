#include "check/envdir.h"

#include <string.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/eachpath.h"
#include "lib/fd.h"

/* --- which directory ------------------------------------------------------------------------------- */

static bool
is_of_name(char c)
{
	return c == '_' || ascii_is_letter(c) || ascii_is_digit(c);
}

/* What a word before `end` assigns to the name; false: none does. */
static bool
assigned(const struct runscript *s, size_t end, struct view name, struct view *value)
{
	struct view key;
	size_t i;

	for (i = end; i-- > 0;)
		if (runscript_is_assignment(s->words[i]) &&
		    view_cut(view_of(s->words[i]), '=', &key, value) &&
		    view_equal(key, name))
			return true;
	return false;
}

/* Append the word, with the variables that the script assigns put in; false: it has others. */
static bool
expand(const struct runscript *s, size_t end, struct view word, struct str *out)
{
	while (word.len > 0) {
		struct view name, value;
		size_t start, len = 0;

		if (word.at[0] != '$') {
			str_append_byte(out, word.at[0]);
			word = view_from(word, 1);
			continue;
		}
		start = word.len > 1 && word.at[1] == '{' ? 2 : 1;
		while (start + len < word.len && is_of_name(word.at[start + len]))
			len++;
		name = view_first(view_from(word, start), len);
		if (len == 0 || !assigned(s, end, name, &value) ||
		    view_contains(value, VIEW("$")))
			return false;
		str_append(out, value);
		word = view_from(word, start + len + (start == 2));
	}
	return true;
}

/* Make `place` the directory that `word` is, seen from there. */
static bool
go(const struct runscript *s, size_t i, struct str *place)
{
	struct str word = { 0 };
	bool known =
	    i < s->count && expand(s, i, view_of(s->words[i]), &word) && word.len > 0;

	if (known) {
		if (word.at[0] == '/')
			str_clear(place);
		else
			str_append_byte(place, '/');
		str_append(place, str_view(&word));
	}
	str_free(&word);
	return known;
}

static struct view
program_at(const struct runscript *s, size_t i)
{
	struct view word = view_of(s->words[i]);
	size_t slash = view_rindex(word, '/');

	return slash < word.len ? view_from(word, slash + 1) : word;
}

/* Of chpst the word behind "-e", alone or at the end of others. */
static size_t
chpst_argument(const struct runscript *s, size_t i)
{
	while (i < s->count && s->words[i][0] == '-') {
		const char *option = s->words[i++] + 1;

		while (*option && !strchr("uUbemdofpcrtnlL/", *option))
			option++;
		if (option[0] == 'e' && !option[1])
			return i;
		if (*option && !option[1])
			i++;
	}
	return 0;
}

/* The word that is the directory's name; 0: the program at `i` takes none. */
static size_t
argument_of(const struct runscript *s, size_t i)
{
	struct view program = program_at(s, i);

	if (view_equal(program, VIEW("chpst")))
		return chpst_argument(s, i + 1);
	if (!view_equal(program, VIEW("envdir")) &&
	    !view_equal(program, VIEW("s6-envdir")))
		return 0;
	do
		i++;
	while (i < s->count && s->words[i][0] == '-');
	return i;
}

const char *
envdir_named(const struct runscript *s, size_t i, struct view path, struct arena *mem)
{
	size_t word = argument_of(s, i), j;
	struct str place = { 0 };
	const char *named = "";
	bool known = true;

	if (word == 0)
		return NULL;
	str_set(&place, view_first(path, view_rindex(path, '/')));
	for (j = 0; known && j < i; j++)
		if (strcmp(s->words[j], "cd") == 0)
			known = go(s, j + 1, &place);
	if (known && go(s, word, &place))
		named = arena_copy(mem, str_view(&place)).at;
	str_free(&place);
	return named;
}

/* --- what is in it --------------------------------------------------------------------------------- */

static char *
copy_of(struct arena *mem, struct view text)
{
	char *copy = arena_alloc(mem, text.len + 1);

	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return copy;
}

struct reading {
	struct arena *mem;
	void (*each)(void *context, char *entry);
	void *context;
};

/* The first line without blanks at its end, NULs as line ends; an empty file takes the variable away. */
static void
read_variable(void *context, const char *path)
{
	const struct reading *in = context;
	struct view name = view_from(view_of(path), view_rindex(view_of(path), '/') + 1);
	struct str file = { 0 }, entry = { 0 };
	struct view line;
	size_t i;

	if (!view_contains(name, VIEW("=")) &&
	    fd_read_file(path, &file, ENVDIR_VALUE_MAX) == 0) {
		line = view_first(str_view(&file), view_index(str_view(&file), '\n'));
		str_append(&entry, name);
		if (file.len > 0)
			str_append_byte(&entry, '=');
		str_append(&entry, view_trim_right(line));
		for (i = 0; i < entry.len; i++)
			if (entry.at[i] == '\0')
				entry.at[i] = '\n';
		in->each(in->context, copy_of(in->mem, str_view(&entry)));
	}
	str_free(&file);
	str_free(&entry);
}

int
envdir_each(const char *directory, struct arena *mem,
    void (*each)(void *context, char *entry), void *context)
{
	struct reading in = { mem, each, context };

	if (access(directory, R_OK | X_OK) < 0)
		return -1;
	eachpath(directory, NULL, read_variable, &in);
	return 0;
}
