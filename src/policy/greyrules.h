/* greyrules - what greylisting remembers, and whom it leaves alone (inbound 5.10; RFC 6647).
 *
 * A line of control/greylistallow is a client's address ("192.0.2.7"), a network ("192.0.2.0/24",
 * "2001:db8::/32"), the start of an IPv4 address ("192.0.2."), a sender ("user@host") or all senders
 * of a host ("@host"). */
#ifndef POLICY_GREYRULES_H
#define POLICY_GREYRULES_H

#include <stdbool.h>

#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"
#include "smtp/address.h"

bool greyrules_is_line(struct view line);

/* Is this client or sender the line's?  `ip` may be {0}, which is in no network. */
bool greyrules_line_has(
    struct view line, const struct ip *ip, const struct address *sender);

/* Append the key of `subject`, the client's network or its domain, with this sender and recipient.
 * Case does not matter; nor what a number in the sender's local part is: mailing lists have another
 * one in each message. */
void greyrules_key(struct str *key, struct view subject, const struct address *sender,
    struct view recipient);

#endif
