#include "lib/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/fmt.h"

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static void
from_ipv6_bytes(const uint8_t bytes[16], struct ip *out)
{
	*out = (struct ip) { .version = 6 };
	memcpy(out->bytes, bytes, 16);
	if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0) {
		*out = (struct ip) { .version = 4 };
		memcpy(out->bytes, bytes + 12, 4);
	}
}

bool
ip_parse(struct view text, struct ip *out)
{
	char buffer[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	if (text.len == 0 || text.len >= sizeof buffer || memchr(text.at, '\0', text.len))
		return false;
	memcpy(buffer, text.at, text.len);
	buffer[text.len] = '\0';
	if (inet_pton(AF_INET, buffer, bytes) == 1) {
		*out = (struct ip) { .version = 4 };
		memcpy(out->bytes, bytes, 4);
		return true;
	}
	if (inet_pton(AF_INET6, buffer, bytes) != 1)
		return false;
	from_ipv6_bytes(bytes, out);
	return true;
}

bool
ip_parse_literal(struct view text, struct ip *out)
{
	struct view inside;

	if (text.len < 3 || text.at[0] != '[' || text.at[text.len - 1] != ']')
		return false;
	inside = view_from(view_first(text, text.len - 1), 1);
	if (view_starts_nocase(inside, VIEW("IPv6:"))) {
		inside = view_from(inside, 5);
		return view_index(inside, ':') < inside.len && ip_parse(inside, out);
	}
	return ip_parse(inside, out);
}

static void
format_v4(struct str *out, const uint8_t *bytes)
{
	size_t i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			str_append_byte(out, '.');
		fmt_u64(out, bytes[i]);
	}
}

static unsigned
group_at(const uint8_t *bytes, size_t i)
{
	return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

enum { GROUPS = 8 };

/* The first of the longest runs of zero groups; a single one is not shortened (RFC 5952 4.2). */
static size_t
longest_zeros(const uint8_t *bytes, size_t *start)
{
	size_t i, run = 0, longest = 1;

	for (i = 0; i < GROUPS; i++) {
		run = group_at(bytes, i) == 0 ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			*start = i + 1 - run;
		}
	}
	return longest > 1 ? longest : 0;
}

static void
append_group(struct str *out, unsigned group)
{
	int shift = 12;

	while (shift > 0 && group >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		str_append_byte(out, "0123456789abcdef"[group >> shift & 15]);
}

static void
format_v6(struct str *out, const uint8_t *bytes)
{
	size_t zeros = GROUPS, count = longest_zeros(bytes, &zeros), i;

	for (i = 0; i < GROUPS; i++) {
		if (i == zeros) {
			str_append_text(out, "::");
			i += count - 1;
			continue;
		}
		if (i > 0 && i != zeros + count)
			str_append_byte(out, ':');
		append_group(out, group_at(bytes, i));
	}
}

/* Not inet_ntop(): musl's is made of snprintf(), which the hot programs do without. */
void
ip_format(struct str *out, const struct ip *ip)
{
	if (ip->version == 4)
		format_v4(out, ip->bytes);
	else if (ip->version == 6)
		format_v6(out, ip->bytes);
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->version == b->version &&
	    memcmp(a->bytes, b->bytes, a->version == 4 ? 4 : sizeof a->bytes) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	if (ip->version == 4)
		return ip->bytes[0] == 127;
	return ip->version == 6 && memcmp(ip->bytes, loopback, sizeof loopback) == 0;
}

bool
ip_is_unspecified(const struct ip *ip)
{
	static const uint8_t any[16] = { 0 };

	return ip->version != 0 &&
	    memcmp(ip->bytes, any, ip->version == 4 ? 4 : sizeof any) == 0;
}

bool
ip_from_sockaddr(const struct sockaddr_storage *address, struct ip *out, uint16_t *port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (address->ss_family) {
	case AF_INET:
		memcpy(&v4, address, sizeof v4);
		*out = (struct ip) { .version = 4 };
		memcpy(out->bytes, &v4.sin_addr, 4);
		if (port)
			*port = ntohs(v4.sin_port);
		return true;
	case AF_INET6:
		memcpy(&v6, address, sizeof v6);
		from_ipv6_bytes(v6.sin6_addr.s6_addr, out);
		if (port)
			*port = ntohs(v6.sin6_port);
		return true;
	default:
		return false;
	}
}

unsigned
ip_to_sockaddr(const struct ip *ip, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(out, 0, sizeof *out);
	if (ip->version == 4) {
		memcpy(&v4.sin_addr, ip->bytes, 4);
		memcpy(out, &v4, sizeof v4);
		return sizeof v4;
	}
	memcpy(&v6.sin6_addr, ip->bytes, 16);
	memcpy(out, &v6, sizeof v6);
	return sizeof v6;
}
