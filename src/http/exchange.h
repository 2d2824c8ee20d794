/* exchange - one request to a web server and its answer: HTTPS with verification, no redirection, no
 * cookies, a deadline, and an answer of bounded length. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* Texts that may be NULL are then not used. */
struct http_request {
	const char *url;        /* https://... */
	const char *header;     /* one more, "Accept: text/plain"; or NULL */
	const struct str *form; /* posted; NULL: the request is a GET */
	const char *cafile; /* certificates to trust in place of the system's; or NULL */
	const char *proxy;  /* "host:port" of an HTTP proxy, asked to CONNECT; or NULL */
	const char *
	    addresses; /* "host:443:192.0.2.1,[2001:db8::1]", no name is looked up; or NULL */
	size_t octets_max;  /* of the answer's body */
	int64_t timeout_ms; /* of all of it */
};

enum http_result {
	HTTP_ANSWERED,  /* whatever the answer's code */
	HTTP_TOO_LONG,  /* the body */
	HTTP_UNTRUSTED, /* the certificate: *words says why */
	HTTP_FAILED,    /* *words says why */
};

/* {0} is empty. */
struct http_answer {
	long code;
	struct str type, body; /* Content-Type as sent; may hold any octet */
	struct str words;      /* libcurl's, about a failure: not tamed */
};

/* Once, at the start of the program.  False: libcurl cannot be used. */
bool http_start(void);

enum http_result http_exchange(
    const struct http_request *request, struct http_answer *answer);
void http_answer_free(struct http_answer *answer); /* wipes it */

#endif
