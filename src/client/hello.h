/* hello - from the connection to the first command of a transaction, without AUTH: greeting, EHLO
 * or HELO, STARTTLS (outbound 2.5, 2.7, 4.3). */
#ifndef CLIENT_HELLO_H
#define CLIENT_HELLO_H

#include <stdbool.h>

#include "client/attempt.h"

/* What an earlier connection of the same attempt has taught. */
struct hello_mode {
	bool helo_only; /* the server hung up on EHLO */
	bool in_clear;  /* STARTTLS failed, and need not work */
};

enum hello_result {
	HELLO_READY,
	HELLO_TRY_NEXT,       /* reported; another address may do better */
	HELLO_AGAIN_HELO,     /* reported; connect again, and say HELO */
	HELLO_AGAIN_IN_CLEAR, /* reported; connect again, without STARTTLS */
};

enum hello_result hello(struct attempt *a, const struct hello_mode *mode);

#endif
