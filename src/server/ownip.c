#include "server/ownip.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "config/control.h"
#include "lib/ipnet.h"
#include "lib/scan.h"
#include "os/interfaces.h"

enum { MASK_NONE = -1 };

/* --- literals -------------------------------------------------------------------------------- */

static bool
parse_wrapping(struct view text, struct ip *out)
{
	struct ip ip = { .version = 4 };
	int i;

	for (i = 0; i < 4; i++) {
		char behind = i < 3 ? '.' : ']';
		uint64_t number = 0;
		size_t digits = scan_u64(text, &number);

		if (digits == 0 || digits == text.len || text.at[digits] != behind)
			return false;
		ip.bytes[i] = (uint8_t)number;
		text = view_from(text, digits + 1);
	}
	if (text.len > 0)
		return false;
	*out = ip;
	return true;
}

bool
ownip_parse_literal(struct view literal, bool stock, struct ip *out)
{
	if (literal.len == 0 || literal.at[0] != '[')
		return false;
	return stock ? parse_wrapping(view_from(literal, 1), out)
		     : ip_parse_literal(literal, out);
}

/* --- interfaces ------------------------------------------------------------------------------ */

struct search {
	const struct ip *wanted;
	bool only_ipv4, found;
};

static void
compare(void *context, const struct sockaddr *address)
{
	struct sockaddr_storage copy = { 0 };
	struct search *search = context;
	struct ip own;

	memcpy(&copy, address,
	    address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
	if (search->only_ipv4 && address->sa_family != AF_INET)
		return;
	if (ip_from_sockaddr(&copy, &own, NULL) && ip_equal(&own, search->wanted))
		search->found = true;
}

static enum answer
is_interface(const struct ip *ip, bool only_ipv4)
{
	struct search search = { ip, only_ipv4, false };

	if (os_each_interface_address(compare, &search) < 0)
		return ANSWER_ERROR;
	return search.found ? ANSWER_YES : ANSWER_NO;
}

/* --- masks ------------------------------------------------------------------------------------- */

/* Raise *best to the longest mask of the file's lines that cover `ip`. */
static enum answer
longest_in_file(const char *path, const struct ip *ip, int *best, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer answer = control_list(path, &list, problem);
	size_t i;

	for (i = 0; i < list.count && answer == ANSWER_YES; i++) {
		struct ipnet net;

		if (!ipnet_parse(list.entries[i].text, &net)) {
			problem_note(
			    problem, path, list.entries[i].line, "not an address", 0);
			answer = ANSWER_ERROR;
		} else if (ipnet_has(&net, ip) && (int)net.bits > *best) {
			*best = (int)net.bits;
		}
	}
	control_list_free(&list);
	return answer;
}

static const struct ip any = { .version = 4 };

/* What is ours without any file, as the mask of the line that would say so. */
static enum answer
longest_built_in(const struct ip *ip, int *best)
{
	enum answer answer = is_interface(ip, false);

	if (answer == ANSWER_YES || ip_equal(ip, &any))
		*best = (int)ipnet_width(ip);
	else if (ip->version == 4 && ip->bytes[0] == 127)
		*best = 8;
	return answer;
}

enum answer
ownip_has(const struct ip *ip, bool stock, struct problem *problem)
{
	int ours = MASK_NONE, not_ours = MASK_NONE;

	*problem = (struct problem) { 0 };
	if (stock)
		return ip_equal(ip, &any) ? ANSWER_YES : is_interface(ip, true);
	if (longest_built_in(ip, &ours) == ANSWER_ERROR ||
	    longest_in_file("control/moreipme", ip, &ours, problem) == ANSWER_ERROR ||
	    longest_in_file("control/notipme", ip, &not_ours, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	return ours > not_ours ? ANSWER_YES : ANSWER_NO;
}
