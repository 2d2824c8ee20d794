/* tlsfacts - what is known of a TLS session after the handshake, as qmail-tls tells it. */
#ifndef WIRE_TLSFACTS_H
#define WIRE_TLSFACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "wire/frame.h"

/* Texts are for the Received line, the log and reports. */
struct tls_facts {
	struct str protocol, cipher, sni, verify, peer;
	struct str matched; /* the TLSA record that proved the peer: "3 1 1 depth 0" */
	struct str binding; /* tls-exporter (RFC 9266): octets, not text; may be empty */
	struct str
	    emails;    /* of a verified client certificate, each with a LF behind it */
	bool verified; /* verify is "ok" */
	bool resumed;
	uint32_t verify_code; /* X509_V_OK is 0; also told when the handshake failed */
	struct str digest;    /* SHA-256 of the peer's certificate, hex; may be empty */
	uint64_t ends;        /* of the server's certificate; 0: not known */
	struct str about; /* "issuer NAME", "name NAME" of it, each with a LF behind it */
};

void tls_facts_free(struct tls_facts *facts);

/* What an answer says, tamed: printable ASCII, each text at most 256 octets. */
void tls_facts_from(const struct frame *answer, struct tls_facts *facts);

/* Replace *out by another text of an answer, tamed alike. */
void tls_facts_tame(struct str *out, struct view text);

#endif
