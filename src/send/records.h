/* records - a file of NUL-terminated records, as todo, info, local and remote are (queue 1.4), read
 * one by one with little memory. */
#ifndef SEND_RECORDS_H
#define SEND_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

enum { RECORDS_BUFFER = 16384 };

enum records_status {
	RECORDS_OK,
	RECORDS_END,      /* of the file; a last record without NUL does not count */
	RECORDS_TOO_LONG, /* a record does not fit into the buffer */
	RECORDS_ERROR,    /* errno */
};

struct records {
	int fd; /* the caller's */
	size_t start, end;
	uint64_t offset; /* in the file, of the record last returned */
	uint64_t next;
	char buffer[RECORDS_BUFFER];
};

void records_init(struct records *r, int fd);

/* The next record without its NUL, valid until the next call. */
enum records_status records_next(struct records *r, struct view *record);

#endif
