/* spawncommand - what qmail-send asks of a spawner on its descriptor 0 (outbound 5.3):
 *
 *   delnum (1 octet, or 2 with the low one first)  messid NUL  sender NUL  recipient NUL
 *
 * Pure: bytes in, commands out.  Reads may bring fragments or several commands. */
#ifndef WIRE_SPAWNCOMMAND_H
#define WIRE_SPAWNCOMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	SPAWNCOMMAND_MESSID_MAX = 100,
	SPAWNCOMMAND_ADDRESS_MAX =
	    4096,                 /* octets of sender and of recipient; outbound 5.3 */
	SPAWNCOMMAND_SLOTS = 120, /* deliveries at a time: what a 1-octet greeting says */
	SPAWNCOMMAND_SLOTS_WIDE = 509, /* what a 2-octet greeting says */
};

struct spawncommand {
	unsigned delnum;
	struct str messid, sender, recipient; /* each cut one octet past its maximum */
};

enum spawncommand_field {
	SPAWNCOMMAND_DELNUM,
	SPAWNCOMMAND_MESSID,
	SPAWNCOMMAND_SENDER,
	SPAWNCOMMAND_RECIPIENT,
};

struct spawncommand_parser {
	unsigned width; /* octets of a delnum: 1 or 2 */
	enum spawncommand_field field;
	unsigned delnum_octets; /* seen so far */
	struct spawncommand command;
};

void spawncommand_init(struct spawncommand_parser *p, unsigned width);

/* Take octets from the front of *input until a command is complete.  True: p->command is one,
 * valid until the next call.  False: *input is used up. */
bool spawncommand_next(struct spawncommand_parser *p, struct view *input);
void spawncommand_free(struct spawncommand_parser *p);

/* What is wrong with the command, as the report to answer with, the line end included; NULL if
 * nothing is.  The order is that of outbound 5.3, after the checks of delnum. */
const char *spawncommand_fault(const struct spawncommand *c);

#endif
