/* tls - the caller's side of qmail-tls: a TLS session, server or client, in another process, with
 * plaintext on a socketpair here (DESIGN 4).
 *
 * In the frames, WIRE_TLS_SERVER and WIRE_TLS_CLIENT carry two or three descriptors: the network
 * (one descriptor, or one to read and one to write), and last a SOCK_STREAM socket, the helper's
 * end of the plaintext.  The answer comes after the handshake: "ok" with the facts; "no" when the
 * peer failed (handshake, certificate); "later" when the helper could not do its part.  After
 * "ok" the connection to the helper has done its work and the helper closes it; the session lives
 * until the plaintext is closed: then what was written to it is sent, then close_notify.  So
 * close the plaintext first, and the helper after it. */
#ifndef WIRE_TLS_H
#define WIRE_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "wire/helper.h"

/* From TLS_ENCRYPT on there is no clear text.  The numbers go over the wire. */
enum tls_level {
	TLS_NONE = 0, /* not used */
	TLS_MAY =
	    1, /* any certificate or none; the verification result is only reported */
	TLS_ENCRYPT = 2,     /* the same, but no clear text */
	TLS_SECURE = 3,      /* certificate chains to the trust store and has the name */
	TLS_CHAIN = 4,       /* chains to the trust store, whatever its name */
	TLS_FINGERPRINT = 5, /* the certificate, or its key, is one of those given */
	TLS_VERIFY = 6,    /* as TLS_SECURE, but the name may be one that the DNS gave */
	TLS_DANE = 7,      /* matches the TLSA records; only if there are any */
	TLS_DANE_ONLY = 8, /* likewise, and there must be some */
	TLS_LEVELS,
};

/* Does a certificate that does not fit end the handshake? */
bool tls_level_verifies(enum tls_level level);
bool tls_level_is_dane(enum tls_level level);

enum tls_protocol { TLS_PROTOCOL_ANY, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

/* {0} is the level's own: TLS 1.2 from TLS_ENCRYPT on, any below. */
struct tls_rules {
	enum tls_protocol lowest, highest;
	uint8_t depth;   /* intermediate certificates at most; 0: no limit */
	bool exact;      /* a name with '*' in the certificate is none */
	bool needs_cert; /* without our own certificate there is no session */
};

enum tls_rule { TLS_RULE_EXACT = 1, TLS_RULE_NEEDS_CERT = 2 };

enum { TLS_LIST_MAX = 32 }; /* fingerprints, and other names */

/* How long a hex digest may be: SHA-1, SHA-224, SHA-256, SHA-512. */
bool tls_is_fingerprint(struct view hex);

/* What became of it.  Texts are for the Received line, the log and reports. */
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

struct tls_server {
	struct helper helper; /* helper_init() it */
};

/* Is there a certificate, and a helper that can serve it now?  No `cert_path` (NULL) is
 * control/servercert.pem; no `ciphers` is control/tlsserverciphers or the library's default.  0, or -1 with *reason set to text
 * for the reply and the log ("no such helper", OpenSSL's words); owned by the caller. */
int tls_server_ready(struct tls_server *s, const char *cert_path,
    struct deadline deadline, struct str *reason);

/* Hand over the network (`in` and `out` may be one descriptor or two pipes) and do the handshake.
 * On success returns the plaintext descriptor and the caller closes in and out; `facts` is
 * filled in.  -1 when the handshake failed, with *reason; the network must then be closed without
 * a word (inbound D17). */
int tls_server_start(struct tls_server *s, int in, int out, const char *cert_path,
    const char *ciphers, const char *sid, int64_t timeout_ms, struct deadline deadline,
    struct tls_facts *facts, struct str *reason);

void tls_server_close(struct tls_server *s);

struct tls_client_request {
	const char *
	    name; /* to verify against and to send as SNI; an IP literal's text if is_ip */
	bool is_ip;
	enum tls_level level;
	const char *trust;   /* PEM file or hashed directory; NULL: the system's */
	const char *ciphers; /* NULL: the library's default */
	const char *cert;    /* our own certificate and key; NULL: none */
	bool names_only;     /* the CN of the certificate is no name */
	const char *key;     /* the key of that; NULL: in the same file */
	struct view key_password;
	const char *
	    sni; /* to send instead of the name; "": none; NULL: the name, unless is_ip */
	struct view also;         /* other names that do, with ',' between */
	struct view fingerprints; /* likewise; for TLS_FINGERPRINT */
	struct view tlsa;         /* TLS_DANE, TLS_DANE_ONLY: a list as in wire/tlsa.h */
	struct tls_rules rules;
	int64_t timeout_ms; /* of one wait while relaying */
};

/* Handshake over the connected socket `net`.  On success the plaintext descriptor, `facts` filled
 * in; the caller closes `net`.  -1, with *reason (OpenSSL's verify words): not one octet of mail
 * has gone.  *helper_failed tells "could not find out" from a peer that failed. */
int tls_client_start(struct helper *h, int net, const struct tls_client_request *request,
    struct deadline deadline, struct tls_facts *facts, struct str *reason,
    bool *helper_failed);

#endif
