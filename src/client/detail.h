/* detail - what control/logdetail adds to a report, for the log of qmail-send: one line, behind the stock
 * text and in front of "Remote host said" (outbound 6.5):
 *
 *   relay=NAME[IP]:PORT; delay=SECONDS; dsn=X.Y.Z; TLS; AUTH MECHANISM; reused N
 *
 * The delay is from the arrival of the message.  TLS is "TLSv1.3 CIPHER verified POLICY", "... unverified
 * POLICY", "no TLS", or where it was to be had all the same "no TLS, STARTTLS offered"; AUTH and reused
 * are there only if so. */
#ifndef CLIENT_DETAIL_H
#define CLIENT_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"
#include "smtp/remotereply.h"
#include "wire/tlsfacts.h"

/* {0} is valid: switched off, nothing known. */
struct detail {
	bool on;
	int64_t arrived_ms; /* of the clock on the wall; 0: unknown */
	/* The session. */
	struct str relay; /* empty: none */
	struct str tls;   /* empty: none */
	bool starttls_unused;
	const char *mechanism;
	uint32_t reused; /* messages that it had before */
};

/* For each delivery.  `message` is the message's descriptor; a file's time is that of its arrival. */
void detail_start(struct detail *d, bool on, int message);

/* In all of these `d` may be NULL.  A new connection: what was known of the last one is forgotten. */
void detail_connected(
    struct detail *d, struct view name, const struct ip *ip, uint16_t port);
void detail_disconnected(struct detail *d);
void detail_tls(struct detail *d, const struct tls_facts *facts, const char *policy);
/* There is no TLS, although the server offers it (Postfix's smtp_tls_note_starttls_offer). */
void detail_starttls_unused(struct detail *d);
void detail_authenticated(struct detail *d, const char *mechanism);

/* Append the line to a report that has its letter and its stock text already, `text`; `reply` may be
 * NULL.  Nothing if it is off.  `text` is not a part of *out. */
void detail_append(const struct detail *d, struct view text,
    const struct remotereply *reply, int64_t now_ms, struct str *out);

void detail_free(struct detail *d);

#endif
