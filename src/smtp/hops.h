/* hops - how often a message has travelled: the trace lines in its header (inbound 3.4).  A line is
 * judged when it ends, by how it started. */
#ifndef SMTP_HOPS_H
#define SMTP_HOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

enum {
	HOPS_MAX = 100, /* a message with so many is looping */
	HOPS_NAME = 13, /* "delivered-to:" */
};

enum hop_rule {
	HOPS_BY_NAME,   /* header fields Received: and Delivered-To: (D4) */
	HOPS_BY_PREFIX, /* whatever starts with "received" or "delivered", as in qmail */
};

/* Set the rule, the rest zero. */
struct hops {
	enum hop_rule rule;
	uint64_t count;
	bool in_body;         /* behind the first empty line */
	char name[HOPS_NAME]; /* how the present line starts */
	size_t name_len;
};

/* Octets of a line, in pieces of any size, without its end; and its end. */
void hops_note(struct hops *h, struct view octets);
void hops_line_ends(struct hops *h);

/* Both at once: any octets of a message with LF line ends. */
void hops_push(struct hops *h, struct view octets);

#endif
