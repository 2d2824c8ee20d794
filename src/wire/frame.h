/* frame - one request or answer between a program and a helper (DESIGN 9).
 *
 * AF_UNIX SOCK_SEQPACKET, one frame per packet, at most FRAME_MAX octets, numbers big-endian.
 * Header: "QF", version 1, kind, id (4), milliseconds left (4; 0 in answers), status, number of
 * descriptors, 2 zero octets.  Then fields: tag (2), length (2), octets.  Unknown tags are
 * skipped.  A frame that breaks a rule ends the connection: both sides are hostile to each
 * other. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"

enum { FRAME_MAX = 65536, FRAME_HEADER = 16, FRAME_VERSION = 1, FRAME_FDS = 4 };

enum frame_status { FRAME_OK, FRAME_NO, FRAME_LATER, FRAME_MALFORMED, FRAME_UNSUPPORTED };

struct frame {
	uint8_t version, kind, status;
	uint32_t id, ms_left;
	struct view fields; /* points into the packet */
	int fds
	    [FRAME_FDS]; /* close-on-exec, owned by the receiver; -1 where there is none */
	size_t fd_count;
};

/* Build: frame_start(), frame_add...(), then send.  `packet` is replaced.  A field that does not
 * fit in FRAME_MAX, or is longer than 65535 octets, makes frame_send() fail with EMSGSIZE. */
void frame_start(
    struct str *packet, uint8_t kind, uint8_t status, uint32_t id, uint32_t ms_left);
void frame_add(struct str *packet, uint16_t tag, struct view octets);
void frame_add_u32(struct str *packet, uint16_t tag, uint32_t value);
/* Fill in id and time left of a packet that frame_start() began. */
void frame_stamp(struct str *packet, uint32_t id, uint32_t ms_left);

/* Parse a packet.  False if the header or the fields are not as above.  The version is not judged:
 * of another one than ours only the header is looked at, and `fields` is empty.  `fd_count` is what
 * the header says, at most FRAME_FDS; the descriptors themselves are all -1. */
bool frame_parse(struct view packet, struct frame *out);

/* Walk through the fields: start with `rest` = frame.fields.  False at the end. */
bool frame_next(struct view *rest, uint16_t *tag, struct view *octets);
/* The first field with this tag; false if there is none. */
bool frame_find(const struct frame *frame, uint16_t tag, struct view *octets);
bool frame_find_u32(const struct frame *frame, uint16_t tag, uint32_t *value);

/* Send one packet with descriptors (the sender keeps its own).  0, or -1 with errno; ETIMEDOUT
 * at the deadline. */
int frame_send(int fd, struct str *packet, const int *fds, size_t fd_count,
    struct deadline deadline);

/* Receive one packet into `packet` and parse it into `out`.  1; 0 at EOF; -1 with errno:
 * ETIMEDOUT at the deadline, EBADMSG for a broken frame, for a cut packet, or for more or fewer
 * descriptors than the header says (all are closed then). */
int frame_receive(
    int fd, struct str *packet, struct frame *out, struct deadline deadline);

/* Wipe and free a packet that was received into; also what frames before it left there. */
void frame_wipe(struct str *packet);

/* Close the descriptors that the caller did not take (set to -1). */
void frame_close_fds(struct frame *frame);

#endif
