/* tlsrpt - what qmail-remote notes of each session with an exchanger for the daily reports of
 * RFC 8460, and qmail-tlsrpt reads: one line in state/tlsrpt/YYYYMMDD, the day in UTC.
 *
 *   1 TIME DOMAIN TYPE RESULT MX IP OWN-IP DETAIL POLICY
 *
 * Blanks separate, \xHH stands for a blank, a backslash and whatever is not printable, "-" for an
 * empty value.  A line is written at once and fits into PIPE_BUF, so that writers do not meet. */
#ifndef WIRE_TLSRPT_H
#define WIRE_TLSRPT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/sts.h"

#define TLSRPT_SPOOL "state/tlsrpt" /* no such directory: nothing is noted */

/* Types of policies (RFC 8460 4.4). */
#define TLSRPT_STS  "sts"
#define TLSRPT_TLSA "tlsa"
#define TLSRPT_NONE "no-policy-found"

/* The result type for what has none of its own. */
#define TLSRPT_INVALID "validation-failure"

enum { TLSRPT_LINE_MAX = 4096, TLSRPT_DAY = 8 /* digits of a file's name */ };

struct tlsrpt_session {
	uint64_t time;
	struct view domain; /* the recipient's, in A-labels */
	struct view type;
	struct view result; /* "ok", or a result type of RFC 8460 4.3 */
	struct view mx, ip, own_ip;
	struct view detail; /* in words */
	struct view policy; /* its strings, ';' between two */
};

/* Append the line with its LF.  Values are cut so that it fits. */
void tlsrpt_format(struct str *out, const struct tlsrpt_session *session);

/* A line without its LF; the values are undone into `room` and point there.  False: it is none. */
bool tlsrpt_parse(struct view line, struct str *room, struct tlsrpt_session *out);

/* Write it into the file of its day.  False: nothing is noted here. */
bool tlsrpt_note(const struct tlsrpt_session *session);

/* Append a policy's strings: "version: STSv1;mode: testing;mx: *.example.org;max_age: 86400". */
void tlsrpt_describe_sts(struct str *out, const struct sts_kept *kept);

/* Likewise a list of TLSA records: "3 1 1 00ff...;2 0 1 ...". */
void tlsrpt_describe_tlsa(struct str *out, struct view list);

/* The name of a day's file: YYYYMMDD. */
void tlsrpt_day(struct str *out, uint64_t time);

/* The result type for a certificate that OpenSSL judged so. */
const char *tlsrpt_result_of(struct view words);

#endif
