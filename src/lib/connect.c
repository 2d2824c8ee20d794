#include "lib/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "lib/fd.h"

static int
open_socket(uint8_t version)
{
	int fd = socket(version == 6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0)
		return -1;
	if (fd_set_cloexec(fd) < 0 || fd_set_blocking(fd, 0) < 0) {
		fd_close(&fd);
		return -1;
	}
	/* Without it, a group of commands may wait for the peer's acknowledgement. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static int
bind_to(int fd, const struct ip *source)
{
	struct sockaddr_storage address;
	socklen_t len = ip_to_sockaddr(source, 0, &address);

	return bind(fd, (const struct sockaddr *)&address, len);
}

int
connect_finish(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -1;
	if (error ==
	    ECONNRESET) /* it was connected; that it is no more, the first read will say */
		return 0;
	errno = error;
	return error ? -1 : 0;
}

static int
start(int fd, const struct ip *ip, uint16_t port, bool *pending)
{
	struct sockaddr_storage address;
	socklen_t len = ip_to_sockaddr(ip, port, &address);

	*pending = false;
	if (connect(fd, (const struct sockaddr *)&address, len) == 0)
		return 0;
	*pending = errno == EINPROGRESS || errno == EINTR;
	return *pending ? 0 : -1;
}

enum connect_result
connect_begin(
    const struct ip *ip, uint16_t port, const struct ip *source, int *out, bool *pending)
{
	enum connect_result result = CONNECT_OK;
	int fd = open_socket(ip->version);

	if (fd < 0)
		return errno == EAFNOSUPPORT ? CONNECT_FAILED : CONNECT_NO_SOCKET;
	if (source && source->version == ip->version && !ip_is_loopback(ip) &&
	    bind_to(fd, source) < 0)
		result = CONNECT_NO_BIND;
	else if (start(fd, ip, port, pending) < 0)
		result = CONNECT_FAILED;
	if (result == CONNECT_OK)
		*out = fd;
	else
		fd_close(&fd); /* keeps errno */
	return result;
}

enum connect_result
connect_to(const struct ip *ip, uint16_t port, const struct ip *source,
    struct deadline deadline, int *out)
{
	int fd;
	bool pending;
	enum connect_result result = connect_begin(ip, port, source, &fd, &pending);

	if (result != CONNECT_OK)
		return result;
	if (pending && (fd_wait_writable(fd, deadline) < 0 || connect_finish(fd) < 0)) {
		fd_close(&fd);
		return CONNECT_FAILED;
	}
	*out = fd;
	return CONNECT_OK;
}
