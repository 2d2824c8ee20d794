/* starttls - TLS for a session, by STARTTLS or from the first octet, and what becomes of the
 * attempt without it (outbound 4.2 to 4.4). */
#ifndef CLIENT_STARTTLS_H
#define CLIENT_STARTTLS_H

#include "client/attempt.h"

enum starttls_result {
	STARTTLS_OK,       /* the session is behind TLS: say EHLO again */
	STARTTLS_NOT_USED, /* go on in clear: not offered or refused, and that may be */
	STARTTLS_AGAIN, /* reported; the session is spoilt, but may be had again in clear */
	STARTTLS_FAILED, /* reported; TLS is needed */
};

/* After EHLO: use STARTTLS if it is offered and wanted. */
enum starttls_result starttls(struct attempt *a);

/* Before the greeting, for implicit TLS: never STARTTLS_NOT_USED or _AGAIN. */
enum starttls_result starttls_implicit(struct attempt *a);

/* For a protocol that has no STARTTLS: may the attempt go on in clear?  STARTTLS_NOT_USED or _FAILED. */
enum starttls_result starttls_without(struct attempt *a);

#endif
