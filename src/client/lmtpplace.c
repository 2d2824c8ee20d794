#include "client/lmtpplace.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "dns/address.h"
#include "lib/connect.h"
#include "lib/fd.h"
#include "lib/scan.h"
#include "os/os.h"

enum { ADDRESSES = 10, QUESTIONS = 10 };

/* --- which ---------------------------------------------------------------------------------------- */

/* The last ':' that is not inside brackets. */
static size_t
port_colon(struct view text)
{
	size_t colon = view_rindex(text, ':'), bracket = view_rindex(text, ']');

	return bracket < text.len && bracket > colon ? text.len : colon;
}

bool
lmtpplace_parse(struct view text, struct lmtpplace *out)
{
	struct lmtpplace place = { .port = LMTPPLACE_PORT };
	struct ip ip;
	size_t colon;
	uint64_t port;

	if (view_starts(text, VIEW("/"))) {
		place.path = text;
		*out = place;
		return text.len < sizeof((struct sockaddr_un *)NULL)->sun_path;
	}
	colon = port_colon(text);
	place.host = view_first(text, colon);
	if (colon < text.len) {
		if (!scan_whole_u64(view_from(text, colon + 1), &port) || port == 0 ||
		    port > UINT16_MAX)
			return false;
		place.port = (uint16_t)port;
	}
	if (place.host.len == 0 ||
	    (view_index(place.host, ':') < place.host.len &&
		!ip_parse_literal(place.host, &ip)))
		return false;
	*out = place;
	return true;
}

/* --- there ---------------------------------------------------------------------------------------- */

static void
say(struct str *why, const char *text)
{
	str_append_text(why, text);
}

static int
connect_path(struct view path, struct str *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, path.at, path.len);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	say(why, strerror(errno));
	fd_close(&fd);
	return -1;
}

/* The addresses in turn. */
static int
connect_any(const struct dns_address_list *list, uint16_t port, struct deadline deadline,
    struct str *why)
{
	const char *text = "no address";
	size_t i;
	int fd;

	for (i = 0; i < list->count; i++)
		switch (connect_to(&list->addresses[i].ip, port, NULL, deadline, &fd)) {
		case CONNECT_OK:
			return fd;
		default:
			text = strerror(errno);
		}
	say(why, text);
	return -1;
}

static int
connect_host(const struct lmtpplace *place, struct deadline deadline, struct str *why)
{
	struct resolver *resolver = resolver_network(QUESTIONS);
	struct dns_address_list list;
	struct arena mem = { 0 };
	uint64_t seed;
	int fd = -1;

	os_random(&seed, sizeof seed);
	switch (dns_address_lookup(
	    resolver, place->host, seed, ADDRESSES, deadline, &mem, &list)) {
	case DNS_ADDRESS_FOUND:
		fd = connect_any(&list, place->port, deadline, why);
		break;
	case DNS_ADDRESS_SOFT:
		say(why, "its address could not be found out: ");
		say(why, resolver_reason(resolver));
		break;
	case DNS_ADDRESS_NO_HOST:
		say(why, "there is no such host");
		break;
	}
	resolver_free(resolver);
	arena_free(&mem);
	return fd;
}

int
lmtpplace_connect(
    const struct lmtpplace *place, struct deadline deadline, struct str *why)
{
	if (place->path.len > 0)
		return connect_path(place->path, why);
	return connect_host(place, deadline, why);
}
