#include "content/scanner.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/ip.h"
#include "lib/scan.h"

/* --- addresses -------------------------------------------------------------------------------------- */

static bool
parse_path(struct view path, struct scanner_address *out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (path.len >= sizeof address.sun_path || view_index(path, '\0') < path.len)
		return false;
	memcpy(address.sun_path, path.at, path.len);
	memcpy(&out->at, &address, sizeof address);
	out->len = sizeof address;
	return true;
}

static struct view
without_brackets(struct view host)
{
	if (host.len > 2 && *host.at == '[' && host.at[host.len - 1] == ']')
		return view_from(view_first(host, host.len - 1), 1);
	return host;
}

bool
scanner_parse(struct view text, struct scanner_address *out)
{
	size_t colon = view_rindex(text, ':');
	struct ip ip;
	uint64_t port;

	if (view_index(text, '/') < text.len)
		return parse_path(text, out);
	if (colon == text.len ||
	    !ip_parse(without_brackets(view_first(text, colon)), &ip) ||
	    !scan_whole_u64(view_from(text, colon + 1), &port) || port == 0 ||
	    port > UINT16_MAX)
		return false;
	out->len = ip_to_sockaddr(&ip, (uint16_t)port, &out->at);
	return true;
}

/* --- octets ----------------------------------------------------------------------------------------- */

/* A connect(2) to a local socket whose queue is full cannot be waited for without blocking: the
 * socket's own time limit ends it, for either family. */
static int
limit_time(int fd, struct deadline deadline)
{
	int left_ms = deadline_left_ms(deadline);
	struct timeval left = { left_ms / 1000, left_ms % 1000 * 1000 };

	if (left_ms == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	return left_ms < 0 ? 0
			   : setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left);
}

int
scanner_connect(const struct scanner_address *address, struct deadline deadline)
{
	int fd = socket(address->at.ss_family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (fd_set_cloexec(fd) == 0 && limit_time(fd, deadline) == 0 &&
	    connect(fd, (const struct sockaddr *)&address->at, address->len) == 0 &&
	    fd_set_blocking(fd, 0) == 0)
		return fd;
	if (errno == EAGAIN || errno == EINPROGRESS)
		errno = ETIMEDOUT;
	fd_close(&fd);
	return -1;
}

int
scanner_send(int fd, struct view octets, struct deadline deadline)
{
	while (octets.len > 0) {
		ssize_t put = fd_write(fd, octets.at, octets.len);

		if (put >= 0)
			octets = view_from(octets, (size_t)put);
		else if (errno != EAGAIN || fd_wait_writable(fd, deadline) < 0)
			return -1;
	}
	return 0;
}

int
scanner_receive(int fd, struct str *out, size_t max, int end, struct deadline deadline)
{
	char buffer[1024];
	bool was_reset = false;

	for (;;) {
		ssize_t got;

		if (fd_wait_readable(fd, deadline) < 0)
			return -1;
		got = fd_read(fd, buffer, sizeof buffer);
		if (got == 0)
			return 0;
		if (got < 0 && errno == EAGAIN)
			continue;
		/* It has closed without reading all of ours.  What it said is behind that. */
		if (got < 0 && errno == ECONNRESET && !was_reset) {
			was_reset = true;
			continue;
		}
		if (got < 0)
			return -1;
		str_append(out, (struct view) { buffer, (size_t)got });
		if (out->len > max) {
			errno = EFBIG;
			return -1;
		}
		if (end >= 0 && memchr(buffer, end, (size_t)got))
			return 0;
	}
}

struct view
scanner_clean(struct view text, char *out, size_t size)
{
	size_t i;

	text = view_first(text, size);
	for (i = 0; i < text.len; i++)
		out[i] =
		    ascii_is_graphic(text.at[i]) || text.at[i] == ' ' ? text.at[i] : '?';
	return (struct view) { out, text.len };
}
