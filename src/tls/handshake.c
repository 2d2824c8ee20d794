#include "tls/handshake.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <string.h>

#include "tls/library.h"

static int
await(int fd, short events, int caller, struct deadline deadline, struct str *reason)
{
	/* No event is asked of the caller's socket; a hang-up is told anyway. */
	struct pollfd wait[2] = { { fd, events, 0 }, { caller, 0, 0 } };
	int ready;

	do
		ready = poll(wait, 2, deadline_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return library_refuse(reason, strerror(errno));
	if (ready == 0)
		return library_refuse(reason, "TLS handshake timed out");
	if (wait[1].revents)
		return library_refuse(reason, "nobody waits for the TLS handshake");
	return 0;
}

static int
explain(SSL *ssl, int error, int system_error, struct str *reason)
{
	long verify = SSL_get_verify_result(ssl);

	if (error == SSL_ERROR_SSL && verify != X509_V_OK &&
	    ERR_GET_REASON(ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return library_refuse(reason, X509_verify_cert_error_string(verify));
	if (ERR_peek_error() == 0)
		return library_refuse(reason,
		    error == SSL_ERROR_SYSCALL && system_error
			? strerror(system_error)
			: "connection closed during the TLS handshake");
	library_reason(reason, "TLS handshake failed");
	return -1;
}

int
handshake_run(
    SSL *ssl, int in, int out, int caller, struct deadline deadline, struct str *reason)
{
	for (;;) {
		int result, error, waited;

		ERR_clear_error();
		errno = 0;
		result = SSL_do_handshake(ssl);
		if (result == 1)
			return 0;
		waited = errno;
		error = SSL_get_error(ssl, result);
		if (error == SSL_ERROR_WANT_READ)
			waited = await(in, POLLIN, caller, deadline, reason);
		else if (error == SSL_ERROR_WANT_WRITE)
			waited = await(out, POLLOUT, caller, deadline, reason);
		else
			return explain(ssl, error, waited, reason);
		if (waited < 0)
			return -1;
	}
}
