#include "message/token.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/mem.h"

void
tokens_add(struct tokens *t, struct token token)
{
	if (t->count == t->size) {
		t->size = t->size ? t->size * 2 : 16;
		t->at = mem_resize(t->at, t->size * sizeof *t->at);
	}
	t->at[t->count++] = token;
}

void
tokens_append(struct tokens *t, const struct tokens *more)
{
	size_t i;

	for (i = 0; i < more->count; i++)
		tokens_add(t, more->at[i]);
}

void
tokens_reverse(struct tokens *t)
{
	size_t i;

	for (i = 0; i < t->count / 2; i++) {
		struct token other = t->at[i];

		t->at[i] = t->at[t->count - 1 - i];
		t->at[t->count - 1 - i] = other;
	}
}

void
tokens_free(struct tokens *t)
{
	mem_free(t->at);
	*t = (struct tokens) { 0 };
}

/* --- reading ------------------------------------------------------------------------------ */

struct scanner {
	struct view text;
	size_t at;
	char *out; /* room for the rest of the text */
	size_t len;
};

static void
keep(struct scanner *s, char c)
{
	s->out[s->len++] = c;
}

static bool
ends_atom(char c)
{
	return c == '\0' ? false : strchr(" \t\r\n([\"<>;:@,.", c) != NULL;
}

/* An atom that holds anything else must be quoted when it is written. */
static bool
is_plain_atom(struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!ascii_is_graphic(text.at[i]) ||
		    strchr("()<>[]:;@\\,.\"", text.at[i]))
			return false;
	return true;
}

static void
scan_atom(struct scanner *s)
{
	do {
		if (s->text.at[s->at] == '\\' && ++s->at == s->text.len)
			return;
		keep(s, s->text.at[s->at++]);
	} while (s->at < s->text.len && !ends_atom(s->text.at[s->at]));
}

/* Behind the opening byte, up to and with the closing one; `open` nests if it is not 0. */
static bool
scan_enclosed(struct scanner *s, char open, char close)
{
	size_t level = 1;

	while (s->at < s->text.len) {
		char c = s->text.at[s->at++];

		if (c == close) {
			if (--level == 0)
				return true;
		} else if (open && c == open) {
			level++;
		} else if (c == '\\') {
			if (s->at == s->text.len)
				return false;
			keep(s, s->text.at[s->at++]);
		} else if (c != '\r' && c != '\n') {
			keep(s, c);
		}
	}
	return false;
}

/* The text just scanned, as a token. */
static void
add_text(struct tokens *t, struct scanner *s, enum token_kind kind)
{
	struct view text = { s->out, s->len };

	if (kind == TOKEN_ATOM && !is_plain_atom(text))
		kind = TOKEN_QUOTE;
	tokens_add(t, (struct token) { kind, text });
	s->out += s->len;
	s->len = 0;
}

static bool
scan_token(struct tokens *t, struct scanner *s)
{
	static const char specials[] = ".,@<>:;";
	static const enum token_kind kinds[] = { TOKEN_DOT, TOKEN_COMMA, TOKEN_AT,
		TOKEN_LEFT, TOKEN_RIGHT, TOKEN_COLON, TOKEN_SEMICOLON };
	char c = s->text.at[s->at];
	const char *special = c ? strchr(specials, c) : NULL;
	bool whole = true;

	if (c == ')' || c == ']')
		return false;
	if (special) {
		s->at++;
		tokens_add(t, (struct token) { kinds[special - specials], { "", 0 } });
		return true;
	}
	if (c == '"' || c == '[' || c == '(')
		s->at++;
	if (c == '"')
		whole = scan_enclosed(s, '\0', '"');
	else if (c == '[')
		whole = scan_enclosed(s, '\0', ']');
	else if (c == '(')
		whole = scan_enclosed(s, '(', ')');
	else
		scan_atom(s);
	add_text(t, s,
	    c == '"'       ? TOKEN_QUOTE
		: c == '[' ? TOKEN_LITERAL
		: c == '(' ? TOKEN_COMMENT
			   : TOKEN_ATOM);
	return whole;
}

bool
tokens_parse(struct tokens *t, struct view text, struct arena *mem)
{
	struct scanner s = { .text = text, .out = arena_alloc(mem, text.len + 1) };

	while (s.at < text.len) {
		char c = text.at[s.at];

		if (ascii_is_blank(c) || c == '\r' || c == '\n')
			s.at++;
		else if (!scan_token(t, &s))
			return false;
	}
	return true;
}

/* --- writing ------------------------------------------------------------------------------ */

static bool
is_word(enum token_kind kind)
{
	return kind == TOKEN_ATOM || kind == TOKEN_QUOTE || kind == TOKEN_LITERAL ||
	    kind == TOKEN_COMMENT;
}

static bool
needs_blank(enum token_kind before, enum token_kind after)
{
	return before == TOKEN_COLON || before == TOKEN_COMMA || after == TOKEN_LEFT ||
	    (is_word(before) && is_word(after));
}

static void
format_enclosed(struct str *out, char open, struct view text, char close)
{
	size_t i;

	str_append_byte(out, open);
	for (i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '\r' || c == '\n') /* would end the header line */
			c = ' ';
		if (c && strchr("\"[]()\\", c))
			str_append_byte(out, '\\');
		str_append_byte(out, c);
	}
	str_append_byte(out, close);
}

static void
format_token(struct str *out, const struct token *token)
{
	static const char bytes[] = {
		[TOKEN_DOT] = '.',
		[TOKEN_COMMA] = ',',
		[TOKEN_AT] = '@',
		[TOKEN_LEFT] = '<',
		[TOKEN_RIGHT] = '>',
		[TOKEN_COLON] = ':',
		[TOKEN_SEMICOLON] = ';',
	};

	switch (token->kind) {
	case TOKEN_ATOM:
		str_append(out, token->text);
		break;
	case TOKEN_QUOTE:
		format_enclosed(out, '"', token->text, '"');
		break;
	case TOKEN_LITERAL:
		format_enclosed(out, '[', token->text, ']');
		break;
	case TOKEN_COMMENT:
		format_enclosed(out, '(', token->text, ')');
		break;
	default:
		str_append_byte(out, bytes[token->kind]);
		break;
	}
}

/* A part of a line, from a comma to the next; where it begins a fold may be. */
struct folder {
	struct str *out;
	size_t line_start, width;
	bool started; /* `out` holds a part, so that a fold is possible */
};

static void
flush_part(struct folder *f, struct str *part)
{
	if (f->started && part->len > 0 &&
	    f->out->len - f->line_start + part->len + 2 > f->width) {
		str_append_byte(f->out, '\n');
		f->line_start = f->out->len;
		str_append_byte(f->out, ' ');
	}
	str_append(f->out, str_view(part));
	str_clear(part);
	f->started = true;
}

void
tokens_format(struct str *out, const struct tokens *t, size_t width)
{
	struct folder folder = { .out = out, .line_start = out->len, .width = width };
	struct str part = { 0 };
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (i > 0 && needs_blank(t->at[i - 1].kind, t->at[i].kind))
			str_append_byte(&part, ' ');
		format_token(&part, &t->at[i]);
		if (t->at[i].kind == TOKEN_COMMA)
			flush_part(&folder, &part);
	}
	flush_part(&folder, &part);
	str_free(&part);
}

void
tokens_unquote(struct str *out, const struct tokens *t)
{
	size_t i, j;

	for (i = 0; i < t->count; i++) {
		const struct token *token = &t->at[i];

		if (token->kind == TOKEN_COMMENT)
			continue;
		if (!is_word(token->kind)) {
			format_token(out, token);
			continue;
		}
		if (token->kind == TOKEN_LITERAL)
			str_append_byte(out, '[');
		for (j = 0; j < token->text.len; j++)
			if (token->text.at[j] != '\0')
				str_append_byte(out, token->text.at[j]);
		if (token->kind == TOKEN_LITERAL)
			str_append_byte(out, ']');
	}
}
