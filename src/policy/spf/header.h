/* header - what SPF writes into a message: Received-SPF (RFC 7208 9.1, inbound 5.6.5) and its part of
 * Authentication-Results (RFC 8601). */
#ifndef POLICY_SPF_HEADER_H
#define POLICY_SPF_HEADER_H

#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"
#include "policy/spf/evaluate.h"

/* Append the field with its line end:
 *
 *   Received-SPF: pass (mx.example.org: domain of a@example.com designates 192.0.2.1 as permitted
 *   sender) client-ip=192.0.2.1; envelope-from=a@example.com;
 *
 * on one line; `helo=NAME;` at the end where the HELO name was checked.  Octets of a stranger's
 * cannot end a comment, a value or the line. */
void spf_header_format(struct str *out, const struct spf_verdict *v, const struct ip *ip,
    struct view receiver);

/* Append "spf=pass smtp.mailfrom=a@example.com". */
void spf_header_result(struct str *out, const struct spf_verdict *v);

/* Append `text` as a value: as it is if it is an address of usual characters, else as a quoted
 * string (RFC 5322 3.2.4), odd octets as "?". */
void spf_header_value(struct str *out, struct view text);

#endif
