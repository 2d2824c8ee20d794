/* delay - let clients wait: before the greeting, to find out those who do not (inbound 5.1), and
 * before the replies to many recipients (5.8). */
#ifndef SERVER_DELAY_H
#define SERVER_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "server/session.h"

/* Before the greeting.  What a client says too early stays to be read, as if it had come later (D19),
 * unless such clients are refused.  False: the session is over, and that was answered. */
bool delay_greeting(struct session *s);

/* In the dialect sqmail, a message that has had tarpitcount recipients refused gets no more.  False:
 * that was answered. */
bool delay_accepts_rcpt(struct session *s);

/* Before the reply to a recipient that was taken (tarpitcount, tarpitdelay).  False as above. */
bool delay_recipient(struct session *s);

/* Before a refusal: send what was said so far, and wait, 300 seconds at most. */
void delay_refusal(struct session *s, uint64_t milliseconds);

#endif
