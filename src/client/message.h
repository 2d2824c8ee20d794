/* message - the message on its way from the queue's file to the wire. */
#ifndef CLIENT_MESSAGE_H
#define CLIENT_MESSAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/session.h"
#include "smtp/bodywriter.h"

/* Read ahead, without moving the file's offset, what has to be known before MAIL.  False when the
 * message is no regular file (a filter's pipe) or cannot be read: then nothing is known. */
bool message_scan(int fd, struct bodyscan *out);

/* Where the message ends, asked before it is read: 0 if it is no regular file.  Did the file end sooner?
 * What is left of it is not the message, and no partial last line of the sender's. */
off_t message_length(int fd);
bool message_is_cut(int fd, off_t end);

enum message_result {
	MESSAGE_SENT,       /* its octets are queued; the final dot is the caller's */
	MESSAGE_PARTIAL,    /* likewise, but its last line has no end */
	MESSAGE_UNREADABLE, /* error on `fd`; not finished */
	MESSAGE_DIED,       /* the connection died */
};

/* *octets is how many were queued. */
enum message_result message_send(
    int fd, enum body_form form, struct session *s, uint64_t *octets);

#endif
