/* blackhole - indimail's blackholedsender and blackholedrcpt (inbound 5.3): who is listed there is told
 * that the mail was taken, and it is thrown away.  Such mail is lost, so only the dialect indimail
 * heeds these files; the log has a line for each. */
#ifndef SERVER_BLACKHOLE_H
#define SERVER_BLACKHOLE_H

#include <stdbool.h>

struct session;

/* MAIL: the message will be dropped.  False if that was answered: the list cannot be read. */
bool blackhole_accepts_mail(struct session *s);

/* RCPT, which all checks have passed: *drops is whether nothing goes to this recipient.  False as
 * above. */
bool blackhole_accepts_rcpt(struct session *s, bool *drops);

/* At its end: nothing of the message is to be queued. */
bool blackhole_drops_message(const struct session *s);

#endif
