/* kinds - the one table of what is spoken between the hot programs and their helpers.  Numbers
 * are never reused: any two releases may meet (DESIGN 9). */
#ifndef WIRE_KINDS_H
#define WIRE_KINDS_H

enum wire_kind {
	WIRE_HELLO = 1, /* nothing asked; answered "ok" by every helper */

	/* qmail-dns */
	WIRE_DNS_ASK =
	    16, /* TAG_QUESTION ...; answered by TAG_ANSWER ... in the same order */

	/* qmail-tls */
	WIRE_TLS_READY =
	    32, /* server: can you serve TLS now?  "ok", or "later" with TAG_REASON */
	WIRE_TLS_SERVER =
	    33, /* server: descriptors of the network; answered after the handshake */
	WIRE_TLS_CLIENT = 34, /* client: likewise, with TAG_TLS_* saying what to verify */

	/* qmail-state */
	WIRE_STATE_DO =
	    64, /* TAG_STATE_OP ...; "ok" with TAG_STATE_RESULT ... in the same order, or none done:
	         * "later" when the store cannot be used, "no" to whom it does not serve */

	/* qmail-rcpt */
	WIRE_RCPT_ASK = 80, /* TAG_RCPT_ADDRESS; "ok" with TAG_RCPT_RESULT */
	WIRE_RCPT_MAILBOX =
	    81, /* vpopmail's or vmailmgr's: TAG_RCPT_ADDRESS, TAG_RCPT_RULES, TAG_RCPT_PERCENT;
	         * "ok" with TAG_RCPT_MAILBOX */

	/* a kept qmail-remote: kept.h says who says what when */
	WIRE_KEPT_DELIVER = 96,
	WIRE_KEPT_GO = 97,
	WIRE_KEPT_PLAN = 98,
	WIRE_KEPT_DOT = 99,
	WIRE_KEPT_REPORT = 100,
	WIRE_KEPT_END = 101,
	WIRE_KEPT_WHO = 102,
	WIRE_KEPT_SELF = 103,

	/* qmail-oauth */
	WIRE_TOKEN_ASK =
	    112, /* TAG_TOKEN_NAME, and TAG_TOKEN_REFUSED if another one is wanted than that; "ok"
	         * with TAG_TOKEN, "later" with TAG_REASON, "no" to whom it does not serve */

	/* qmail-sts */
	WIRE_STS_NOTE =
	    128, /* TAG_STS_DOMAIN: there was mail for it, look at its policy; nobody waits for the
	          * answer, which is "ok" */

	/* a broker: brokerframe.h says who says what when */
	WIRE_BROKER_OPEN = 150,
	WIRE_BROKER_ADD = 151,
	WIRE_BROKER_START = 152,
	WIRE_BROKER_KILL = 153,
	WIRE_BROKER_ENDED = 154,

	/* qmail-send, asked by qmail-q: queuectl.h */
	WIRE_QUEUE_STATES = 170, /* TAG_QUEUE_KEY ...; "ok" with what is known of each */
	WIRE_QUEUE_DO = 171, /* TAG_QUEUE_VERB, TAG_QUEUE_KEY ...; "ok" with results */
	WIRE_QUEUE_DOMAIN =
	    172, /* TAG_QUEUE_VERB, TAG_QUEUE_DOMAIN; "ok" with those that are held */
};

enum wire_tag {
	TAG_REASON = 1, /* text for the log: why not */
	TAG_SID = 2,    /* session id */

	/* qmail-dns: dnsquery.h says how a question and an answer are packed */
	TAG_QUESTION = 16,
	TAG_ANSWER = 17,

	/* qmail-tls, in the request */
	TAG_TLS_NAME = 32,  /* name to verify and to send as SNI */
	TAG_TLS_LEVEL = 33, /* one octet: enum tls_level */
	TAG_TLS_TRUST =
	    34, /* trust store: path of a PEM file or hashed directory; none: system's */
	TAG_TLS_CIPHERS = 35,  /* OpenSSL cipher list */
	TAG_TLS_CERT = 36,     /* path of certificate and key */
	TAG_TLS_TIMEOUT = 37,  /* milliseconds, 4 octets, of one wait while relaying */
	TAG_TLS_IP = 38,       /* name is an IP address: text */
	TAG_TLS_IMPLICIT = 39, /* present: implicit TLS (for the log) */
	TAG_TLS_SNI_SENT =
	    40, /* the server name to send, if not TAG_TLS_NAME; empty: none */
	TAG_TLS_FINGERPRINT = 41, /* each: hex digest of a certificate or key that does */
	TAG_TLS_ALSO = 42,        /* each: another name that does */
	TAG_TLS_RULES =
	    43, /* lowest and highest enum tls_protocol, depth, flags: one octet each */
	TAG_TLS_KEY =
	    44, /* path of the key of TAG_TLS_CERT, if not there; a NUL; its password */
	TAG_TLS_TLSA = 45, /* TLSA records of the name: a list as in tlsa.h */

	/* qmail-tls, in the answer */
	TAG_TLS_PROTOCOL = 48, /* "TLSv1.3" */
	TAG_TLS_CIPHER = 49,
	TAG_TLS_SNI = 50,
	TAG_TLS_VERIFY = 51,  /* "ok", or OpenSSL's words */
	TAG_TLS_PEER = 52,    /* subject of the peer's certificate, one line */
	TAG_TLS_BINDING = 53, /* tls-exporter channel binding (RFC 9266) */
	TAG_TLS_EMAIL = 54,   /* each e-mail address of a verified client certificate */
	TAG_TLS_RESUMED = 55, /* present: the session was resumed */
	TAG_TLS_VERIFY_CODE = 56, /* 4 octets: OpenSSL's X509_V_ number; also in "no" */
	TAG_TLS_PEER_DIGEST = 57, /* SHA-256 of the peer's certificate, octets */
	TAG_TLS_MATCHED = 58,     /* the TLSA record that proved the peer: "3 1 1" */
	TAG_TLS_DEPTH =
	    59, /* one octet: which of the chain it fits; 0 is the peer's own certificate */
	TAG_TLS_ENDS = 60,  /* of the server's certificate: Unix time in digits */
	TAG_TLS_ABOUT = 61, /* each: "issuer NAME", or "name NAME" that it is for */

	/* qmail-state: stateop.h says how an operation and a result are packed */
	TAG_STATE_OP = 64,
	TAG_STATE_RESULT = 65,

	/* qmail-rcpt */
	TAG_RCPT_ADDRESS = 80, /* envelope recipient */
	TAG_RCPT_RESULT = 81,  /* one octet: enum rcpt_result; TAG_REASON says why */
	TAG_RCPT_RULES = 82,   /* one octet: enum rcpt_rule, added up; absent is none */
	TAG_RCPT_PERCENT =
	    83, /* 4 octets: of the quota, from which on a mailbox is full; absent
	                        * or 0: never */
	TAG_RCPT_MAILBOX = 84, /* one octet: enum rcpt_mailbox; TAG_REASON says why */

	/* a kept qmail-remote: kept.h */
	TAG_KEPT_OFFER = 96,
	TAG_KEPT_SALT = 97,
	TAG_KEPT_HOST = 98,
	TAG_KEPT_SENDER = 99,
	TAG_KEPT_RECIPIENT = 100,
	TAG_KEPT_ROUTE = 101,
	TAG_KEPT_DESTINATION = 102,
	TAG_KEPT_RELAYED = 103,
	TAG_KEPT_CONNECTED = 104,
	TAG_KEPT_INDEX = 105,
	TAG_KEPT_OUTPUT = 106,
	TAG_KEPT_OPEN = 107,
	TAG_KEPT_MESSAGES = 108,
	TAG_KEPT_AGE = 109,
	TAG_KEPT_CROWDED = 110,
	TAG_KEPT_RCPTMAX = 111,
	TAG_KEPT_FILE = 118,

	/* qmail-oauth: token.h */
	TAG_TOKEN_NAME = 112,    /* of a directory in control/oauth */
	TAG_TOKEN_REFUSED = 113, /* SHA-256 of a token that a mail server refused */
	TAG_TOKEN = 114,

	/* qmail-sts */
	TAG_STS_DOMAIN = 128, /* in A-labels */

	/* qmail-tls, in the request, for MTA-STS */
	TAG_TLS_NAMES_ONLY = 129, /* present: the CN of the certificate is no name */
	/* a kept qmail-remote again: kept.h */
	TAG_KEPT_CONNECTIONS = 144,

	/* a broker: brokerframe.h */
	TAG_BROKER_COMMAND = 150,
	TAG_BROKER_DESCRIPTOR = 151,
	TAG_BROKER_SET = 152,
	TAG_BROKER_UNSET = 153,
	TAG_BROKER_SIGPIPE = 154,
	TAG_BROKER_CHILD = 155,
	TAG_BROKER_ERROR = 156,
	TAG_BROKER_STATUS = 157,
	TAG_BROKER_SIGNAL = 158,

	/* qmail-send: queuectl.h */
	TAG_QUEUE_VERB = 170,
	TAG_QUEUE_KEY = 171,
	TAG_QUEUE_TEXT = 172,
	TAG_QUEUE_DOMAIN = 173,
	TAG_QUEUE_STATE = 174,
	TAG_QUEUE_REASON = 175,
	TAG_QUEUE_RESULT = 176,
};

#endif
