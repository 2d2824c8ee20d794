/* copy - the message of a delivery, from its first octet to a writer. */
#ifndef LOCAL_COPY_H
#define LOCAL_COPY_H

#include "lib/writer.h"

enum copy_result {
	COPY_DONE,
	COPY_UNREADABLE
}; /* errno; the writer keeps its own errors */

/* Octets as they are, from where `fd` stands. */
enum copy_result copy_verbatim(int fd, struct writer *w);

/* For an mbox: a line that starts with any number of '>' and "From " gets one more '>', and the
 * last line its line end. */
enum copy_result copy_mbox(int fd, struct writer *w);

#endif
