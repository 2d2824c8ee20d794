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

static const char more_path[] = "control/moreipme", less_path[] = "control/notipme";

static enum answer
read_files(struct ownip *own, struct problem *problem)
{
	if (own->known)
		return ANSWER_YES;
	ownip_free(own);
	if (control_list(more_path, &own->more, problem) == ANSWER_ERROR ||
	    control_list(less_path, &own->less, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	own->known = true;
	return ANSWER_YES;
}

void
ownip_free(struct ownip *own)
{
	control_list_free(&own->more);
	control_list_free(&own->less);
	own->known = false;
}

/* Raise *best to the longest mask of the file's lines that cover `ip`. */
static enum answer
longest_in(const struct control_list *list, const char *path, const struct ip *ip,
    int *best, struct problem *problem)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct ipnet net;

		if (!ipnet_parse(list->entries[i].text, &net)) {
			problem_note(
			    problem, path, list->entries[i].line, "not an address", 0);
			return ANSWER_ERROR;
		}
		if (ipnet_has(&net, ip) && (int)net.bits > *best)
			*best = (int)net.bits;
	}
	return ANSWER_YES;
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
ownip_has(struct ownip *own, const struct ip *ip, bool stock, struct problem *problem)
{
	int ours = MASK_NONE, not_ours = MASK_NONE;

	*problem = (struct problem) { 0 };
	if (stock)
		return ip_equal(ip, &any) ? ANSWER_YES : is_interface(ip, true);
	if (longest_built_in(ip, &ours) == ANSWER_ERROR ||
	    read_files(own, problem) == ANSWER_ERROR ||
	    longest_in(&own->more, more_path, ip, &ours, problem) == ANSWER_ERROR ||
	    longest_in(&own->less, less_path, ip, &not_ours, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	return ours > not_ours ? ANSWER_YES : ANSWER_NO;
}
