#include "check/runscript.h"

#include <string.h>

#include "lib/ascii.h"

static bool
is_end(char c)
{
	return ascii_is_blank(c) || c == '\n' || c == ';' || c == '\r';
}

/* Where the text is read, and where its words go. */
struct cursor {
	struct view rest;
	size_t line;
};

static char
next(struct cursor *at)
{
	char c = at->rest.at[0];

	at->rest = view_from(at->rest, 1);
	if (c == '\n')
		at->line++;
	return c;
}

/* Up to the closing quote or bracket, which is lost. */
static void
take_until(struct cursor *at, char close, struct str *out)
{
	while (at->rest.len > 0) {
		char c = next(at);

		if (c == close)
			return;
		if (c != '\0')
			str_append_byte(out, c);
	}
}

static void
take_word(struct cursor *at, struct str *out)
{
	while (at->rest.len > 0 && !is_end(at->rest.at[0])) {
		char c = next(at);

		if (c == '\'' || c == '"') {
			take_until(at, c, out);
		} else if (c == '$' && view_starts(at->rest, VIEW("("))) {
			str_append_byte(out, '$');
			take_until(at, ')', out);
		} else if (c == '\\' && at->rest.len > 0) {
			c = next(at);
			if (c == '\n')
				return;
			str_append_byte(out, c);
		} else if (c != '\0') {
			str_append_byte(out, c);
		}
	}
}

static void
skip(struct cursor *at)
{
	while (at->rest.len > 0) {
		if (view_starts(at->rest, VIEW("\\\n"))) {
			at->rest = view_from(at->rest, 2);
			at->line++;
		} else if (is_end(at->rest.at[0])) {
			next(at);
		} else if (at->rest.at[0] == '#') {
			at->rest = view_from(at->rest, view_index(at->rest, '\n'));
		} else {
			return;
		}
	}
}

void
runscript_parse(struct runscript *s, struct view text)
{
	struct cursor at = { view_first(text, RUNSCRIPT_MAX), 1 };
	size_t offsets[RUNSCRIPT_WORDS], i;

	*s = (struct runscript) { .count = 0 };
	for (skip(&at); at.rest.len > 0 && s->count < RUNSCRIPT_WORDS; skip(&at)) {
		s->lines[s->count] = at.line;
		offsets[s->count++] = s->bytes.len;
		take_word(&at, &s->bytes);
		str_append_byte(&s->bytes, '\0');
	}
	for (i = 0; i < s->count; i++)
		s->words[i] = s->bytes.at + offsets[i];
}

void
runscript_free(struct runscript *s)
{
	str_free(&s->bytes);
}

size_t
runscript_find(const struct runscript *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		const char *slash = strrchr(s->words[i], '/');

		if (strcmp(slash ? slash + 1 : s->words[i], name) == 0)
			return i;
	}
	return s->count;
}

const char *
runscript_option(
    const struct runscript *s, size_t from, const char *option, size_t *where)
{
	size_t i, len = strlen(option);

	for (i = from + 1; i < s->count; i++) {
		if (strncmp(s->words[i], option, len) != 0)
			continue;
		*where = i;
		if (s->words[i][len])
			return s->words[i] + len;
		return i + 1 < s->count ? s->words[i + 1] : NULL;
	}
	return NULL;
}

bool
runscript_is_assignment(const char *word)
{
	size_t i;

	for (i = 0; ascii_is_letter(word[i]) || word[i] == '_' ||
	     (i > 0 && ascii_is_digit(word[i]));
	     i++)
		continue;
	return i > 0 && word[i] == '=';
}
