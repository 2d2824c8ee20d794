/* maildomain - what the DNS knows of a domain: could mail go there, is it a host's name? */
#ifndef SERVER_MAILDOMAIN_H
#define SERVER_MAILDOMAIN_H

#include <stdint.h>

#include "lib/answer.h"
#include "lib/view.h"

struct session;

/* ANSWER_YES: it has an MX, A or AAAA record, or is an address literal.  ANSWER_NO: it has none, or
 * the null MX of RFC 7505, or is no name.  ANSWER_ERROR: that could not be found out. */
enum answer maildomain_exists(struct session *s, struct view domain);

/* The same, but MX does not count. */
enum answer maildomain_has_address(struct session *s, struct view domain);

#endif
