/* dnsquery - questions to qmail-dns and its answers: what they say, and how they are packed in the
 * fields TAG_QUESTION and TAG_ANSWER of frames.  Used by both sides; neither trusts the other.
 *
 *   TAG_QUESTION  type (2), name
 *   TAG_ANSWER    result (1), reason (1), flags (1: AD), asked: length (2) and octets, canonical:
 *                 likewise, records (2), then each: ttl (4), length (2), octets, which are the
 *                 address, or the name or text, in an MX behind its preference (2) */
#ifndef WIRE_DNSQUERY_H
#define WIRE_DNSQUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52,
};

enum dns_result {
	DNS_FOUND,  /* at least one record of the type */
	DNS_NODATA, /* the name exists, without such a record */
	DNS_NXNAME, /* no such name */
	DNS_FAILED, /* could not find out: enum dns_reason */
	DNS_BADNAME, /* no domain name (label over 63, name over 253, empty label, no IDN) */
};

/* Why it failed, for the log. */
enum dns_reason {
	DNS_REASON_NONE,
	DNS_REASON_HELPER,  /* qmail-dns is missing, slow or dead */
	DNS_REASON_TIMEOUT, /* no resolver answered in time */
	DNS_REASON_SERVFAIL, /* SERVFAIL (so bogus DNSSEC), REFUSED, NOTIMP, nobody listens */
	DNS_REASON_FORMERR,  /* the resolver does not understand the question */
	DNS_REASON_BROKEN,   /* the resolver's packet is */
	DNS_REASON_TOO_LONG, /* more than a frame holds */
	DNS_REASON_CONFIG,   /* control/resolvers or /etc/resolv.conf cannot be read */
	DNS_REASON_LIMIT,    /* too many questions in this session */
	DNS_REASON_COUNT
};

struct dns_record {
	/* MX: the exchanger, PTR: the name; both without a trailing dot ("" is the root), odd octets
	 * written \DDD.  TXT: the strings, concatenated.  TLSA: the octets. */
	struct view name;
	uint16_t preference; /* MX */
	struct ip ip;        /* A, AAAA */
	uint32_t ttl;
};

struct dns_question {
	struct view
	    name; /* U-labels are turned into A-labels; a trailing dot is allowed */
	enum dns_type type;
};

struct dns_answer {
	enum dns_result result;
	enum dns_reason reason;     /* of DNS_FAILED */
	bool authentic;             /* AD, from a resolver that is trusted for it */
	struct view asked;          /* the name in A-labels, without trailing dot */
	struct view canonical;      /* the name that has the records: behind all CNAMEs */
	struct dns_record *records; /* in the order of the packet; in the arena */
	size_t count;               /* at most DNS_RECORDS_MAX */
};

enum { DNS_QUESTIONS_MAX = 64, DNS_RECORDS_MAX = 200, DNS_NAME_OCTETS = 1000 };

/* An answer of DNS_FAILED. */
struct dns_answer dnsquery_failed(struct view name, enum dns_reason reason);
/* The reason as a literal, never NULL. */
const char *dnsquery_reason_text(enum dns_reason reason);

/* Add a question to a packet.  A name over DNS_NAME_OCTETS must not be asked. */
void dnsquery_add_question(struct str *packet, const struct dns_question *question);

/* The questions of a frame, their names in the frame.  How many; 0 if there are none, more than
 * `size`, or a broken one. */
size_t dnsquery_questions(
    const struct frame *frame, struct dns_question *out, size_t size);

/* Add the answer to a question of this type.  `left` more answers will follow: one too long to
 * leave room for these becomes DNS_FAILED, DNS_REASON_TOO_LONG. */
void dnsquery_add_answer(
    struct str *packet, enum dns_type type, const struct dns_answer *answer, size_t left);

/* The answers of a frame to `questions`; everything is copied into `mem`.  False, with `out`
 * untouched, if they are fewer or more, or one is broken. */
bool dnsquery_answers(const struct frame *frame, const struct dns_question *questions,
    size_t count, struct arena *mem, struct dns_answer *out);

#endif
