/* token - OAuth 2 access tokens: the caller's side of qmail-oauth, how question and answer are packed,
 * and the file in which the last token of a name is kept.  Used by both sides; neither trusts the
 * other.
 *
 * qmail-oauth is resident only.  When it is not there, the last token still counts while it is
 * valid (outbound 3.5).  The current directory must be the home. */
#ifndef WIRE_TOKEN_H
#define WIRE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/hash.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"

enum {
	TOKEN_MAX =
	    8192, /* octets of a token: what still fits in an AUTH line in base64 */
	TOKEN_NAME_MAX = 64,
	TOKEN_REASON_MAX = 300,
	TOKEN_DIGEST = SHA256_LEN,
};

/* May `name` be a directory in control/oauth?  Letters, digits, '-' and '_'. */
bool token_is_name(struct view name);

/* Is it a token that may stand behind "Bearer "?  Printable octets, no blank (RFC 6750 2.1). */
bool token_is_token(struct view token);

/* Ask for the token of `name`.  `refused`, if not empty, is a token that the mail server has just
 * refused: another one is wanted, fetched anew if need be.  True: *token is replaced.  False, "could
 * not find out": *reason is replaced, by one printable line for the log and the report. */
bool token_ask(struct view name, struct view refused, struct deadline deadline,
    struct str *token, struct str *reason);

/* --- packing ------------------------------------------------------------------------------------ */

struct token_question {
	struct view name;
	struct view
	    refused; /* the SHA-256 of a refused token, TOKEN_DIGEST octets; or empty */
};

void token_digest(struct view token, unsigned char digest[TOKEN_DIGEST]);

void token_pack_question(struct str *packet, const struct token_question *question);
/* False, *out untouched: no such question, or not a name. */
bool token_parse_question(const struct frame *request, struct token_question *out);

void token_pack_answer(
    struct str *packet, const struct frame *request, struct view token);
/* FRAME_LATER, or FRAME_NO to whom it does not serve. */
void token_pack_refusal(struct str *packet, const struct frame *request,
    enum frame_status status, struct view reason);
/* True: *token is replaced.  False: *reason is. */
bool token_parse_answer(
    const struct frame *answer, struct str *token, struct str *reason);

/* Append one printable line of at most TOKEN_REASON_MAX octets. */
void token_tame(struct str *out, struct view text);

/* --- the file state/oauth/NAME ------------------------------------------------------------------ */

struct token_kept {
	struct view token;
	uint64_t expires, fetched; /* seconds since 1970 */
};

void token_kept_path(struct str *path, struct view name);
void token_kept_format(struct str *out, const struct token_kept *kept);
/* False, *out untouched, when the bytes are no such file. */
bool token_kept_parse(struct view bytes, struct token_kept *out);
/* Will a mail server still take it?  A little is left for the way there. */
bool token_kept_is_valid(const struct token_kept *kept, uint64_t now);

#endif
