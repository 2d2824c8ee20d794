/* spamd - ask SpamAssassin's daemon about a message: SYMBOLS of the protocol of spamc and spamd, 1.5. */
#ifndef CONTENT_SPAMD_H
#define CONTENT_SPAMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content/scanner.h"

enum {
	SPAMD_ANSWER_MAX = 65536,
	SPAMD_SYMBOLS_MAX = 2000, /* octets of the list; what is more is cut */
};

struct spamd_verdict {
	bool is_spam;
	int64_t score, needed; /* in thousandths: content/score.h */
	char room[SPAMD_SYMBOLS_MAX];
	size_t len; /* of the list "A,B,C" in it: printable ASCII, no blanks */
};

struct view spamd_symbols(const struct spamd_verdict *v);

/* What an answer says.  False if it is none, or not whole; then *out is undefined. */
bool spamd_parse(struct view answer, struct spamd_verdict *out);

/* Ask about the message that is `head` and then `body`.  NULL, or why there is no verdict. */
const char *spamd_ask(const struct scanner_address *address, struct view head,
    struct view body, struct deadline deadline, struct spamd_verdict *out);

#endif
