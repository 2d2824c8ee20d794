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
#include "wire/tlsfacts.h"
#include "wire/tlslevel.h"

struct tls_server {
	struct helper helper; /* helper_init() it */
};

/* Is there a certificate, and a helper that can serve it now?  No `cert_path` (NULL) is
 * control/servercert.pem; no `ciphers` is control/tlsserverciphers or the library's default.  0, or -1 with *reason set to text
 * for the reply and the log ("no such helper", OpenSSL's words); owned by the caller. */
int tls_server_ready(struct tls_server *s, const char *cert_path,
    struct deadline deadline, struct str *reason);

struct tls_server_request {
	int in, out;           /* the network: one descriptor twice, or two pipes */
	const char *cert_path; /* as in tls_server_ready() */
	const char *ciphers;   /* NULL: as there */
	const char *sid;       /* of the session, for the log */
	int64_t timeout_ms;    /* of one wait while relaying; below 0: for ever */
};

/* Hand over the network and do the handshake.  On success returns the plaintext descriptor, and the caller
 * closes in and out; `facts` is filled in.  -1 when the handshake failed, with *reason; the network must
 * then be closed without a word (inbound D17). */
int tls_server_start(struct tls_server *s, const struct tls_server_request *request,
    struct deadline deadline, struct tls_facts *facts, struct str *reason);

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
