/* rulings - the policy is asked what it says of a sender or a recipient, with all that this session knows,
 * and what it says is done. */
#ifndef SERVER_RULINGS_H
#define SERVER_RULINGS_H

#include "server/session.h"

/* Does no check of this moment object?  False: that was answered and logged, and has maybe ended the
 * session.  Who has a certificate may be a relay client from here on, and is asked anew.  s->known_by is
 * the check that knew the recipient, or NULL. */
bool rulings_allow(struct session *s, enum check_moment moment,
    const struct address *sender, const struct address *recipient);

/* The same of s->recipient and the sender of the transaction. */
bool rulings_accept_helo(struct session *s);
bool rulings_accept_sender(struct session *s);
bool rulings_accept_recipient(struct session *s);
bool rulings_accept_host(struct session *s);
bool rulings_accept_mailbox(struct session *s);
bool rulings_accept_search(struct session *s);
bool rulings_accept_number(struct session *s);

#endif
