/* clamd - ask ClamAV's daemon about a message while it comes: zINSTREAM of clamd(8). */
#ifndef CONTENT_CLAMD_H
#define CONTENT_CLAMD_H

#include <stddef.h>
#include <stdint.h>

#include "content/scanner.h"

enum {
	CLAMD_CHUNK = 16384, /* octets that go at once */
	CLAMD_ANSWER_MAX = 4096,
	CLAMD_NAME_MAX = 100,
};

enum clamd_result {
	CLAMD_CLEAN,
	CLAMD_FOUND,     /* `text` is the name of what it is */
	CLAMD_TOO_LARGE, /* for clamd's StreamMaxLength: not looked at */
	CLAMD_FAILED,    /* `text` says why */
};

struct clamd_verdict {
	enum clamd_result result;
	char room[CLAMD_NAME_MAX];
	size_t len; /* of the text in it: printable ASCII */
};

struct view clamd_text(const struct clamd_verdict *v);

/* What an answer means; it may lack its end. */
void clamd_parse(struct view answer, struct clamd_verdict *out);

/* A message on its way.  {0} is none. */
struct clamd {
	bool is_open;
	int fd;
	int64_t timeout_ms;  /* for each step */
	struct deadline end; /* of all */
	bool is_cut;         /* it takes no more: it has answered, or is gone */
	const char *reason;  /* why it cannot be asked; NULL: it can */
	size_t used;
	char chunk[CLAMD_CHUNK];
};

/* Connect.  Nothing fails yet: clamd_finish() says how it went. */
void clamd_start(struct clamd *c, const struct scanner_address *address,
    int64_t timeout_ms, struct deadline end);

/* Octets of the message, in pieces of any size. */
void clamd_put(struct clamd *c, struct view octets);

/* The message is over: the verdict. */
void clamd_finish(struct clamd *c, struct clamd_verdict *out);

/* Done, or never mind. */
void clamd_close(struct clamd *c);

#endif
