/* report - a day's report for one domain: the JSON of RFC 8460 4.4, and the mail of 5.3 around it. */
#ifndef TLSRPT_REPORT_H
#define TLSRPT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/tlsrpt.h"

/* Who reports, and of which day: YYYYMMDD. */
struct report_origin {
	struct view organization; /* also the submitter: our name */
	struct view contact;      /* an address */
	struct view day;
	uint64_t start; /* of the day, seconds since 1970 */
};

struct report {
	const struct report_origin *origin;
	struct str domain;
	json_t *policies;
};

void report_begin(
    struct report *report, const struct report_origin *origin, struct view domain);
void report_free(struct report *report);
/* So many sessions of this kind; they are of the report's domain. */
void report_add(
    struct report *report, const struct tlsrpt_session *session, uint64_t sessions);

/* Append the JSON. */
void report_json(const struct report *report, struct str *out);
/* Append the same, compressed (RFC 1952).  False: zlib could not. */
bool report_gzip(struct view json, struct str *out);

/* Append the message for `recipient`, its lines with LF, with the compressed report in it. */
void report_mail(const struct report *report, struct view recipient, struct view gzip,
    struct str *out);

#endif
