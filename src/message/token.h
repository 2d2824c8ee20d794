/* token - the lexical parts of a structured header field (RFC 822 3.3), as qmail-inject takes and
 * writes them (queue 3.4). */
#ifndef MESSAGE_TOKEN_H
#define MESSAGE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/str.h"
#include "lib/view.h"

enum token_kind {
	TOKEN_ATOM,
	TOKEN_QUOTE,   /* also an atom that may not stand without quotes */
	TOKEN_LITERAL, /* in [ ] */
	TOKEN_COMMENT, /* in ( ) */
	TOKEN_DOT,
	TOKEN_COMMA,
	TOKEN_AT,
	TOKEN_LEFT,  /* < */
	TOKEN_RIGHT, /* > */
	TOKEN_COLON,
	TOKEN_SEMICOLON,
};

struct token {
	enum token_kind kind;
	struct view text; /* of the first four: without delimiters and backslashes */
};

/* {0} is empty.  The texts belong to the arena given to tokens_parse(). */
struct tokens {
	struct token *at;
	size_t count, size;
};

void tokens_add(struct tokens *t, struct token token);
void tokens_append(struct tokens *t, const struct tokens *more);
void tokens_reverse(struct tokens *t);
void tokens_free(struct tokens *t);

/* Append the tokens of `text`.  A backslash takes the next byte as it is, in atoms too; bytes from
 * 128 on are allowed in atoms; the inner parentheses of a comment are dropped, and line ends
 * too.  False, with some of the tokens appended, for a ')' or ']' that closes nothing and for a
 * quote, literal or comment that does not end. */
bool tokens_parse(struct tokens *t, struct view text, struct arena *mem);

/* Append the header form: one blank where two words would run together, behind a colon or comma and
 * in front of '<'; folded behind a comma, with two blanks, where a line of more than width - 2
 * octets would come.  No line end is added. */
enum { TOKEN_LINE_WIDTH = 80 };
void tokens_format(struct str *out, const struct tokens *t, size_t width);

/* Append the envelope form of an address: no quotes, backslashes, comments or NULs. */
void tokens_unquote(struct str *out, const struct tokens *t);

#endif
