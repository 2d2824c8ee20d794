#include "tlspolicy/tlsdestinations.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/scan.h"
#include "route/route.h"
#include "tlspolicy/tlspolicy.h"
#include "tlspolicy/tlssource.h"

enum { FIELDS = 4 };

/* --- a line's value --- */

/* [DIGITS] [";" ["s"] DIGITS]; true also for nothing at all. */
static bool
parse_depth_and_port(struct view field, struct tlsdestination *out)
{
	struct view depth = field, port = VIEW("");
	uint64_t number = 0;
	bool implicit = false;

	view_cut(field, ';', &depth, &port);
	if (port.len > 1 && (port.at[0] == 's' || port.at[0] == 'S')) {
		implicit = true;
		port = view_from(port, 1);
	}
	if (depth.len > 0 && (!scan_whole_u64(depth, &number) || number > UINT8_MAX))
		return false;
	out->depth = (uint8_t)number;
	number = 0;
	if (port.len > 0 &&
	    (!scan_whole_u64(port, &number) || number == 0 || number > UINT16_MAX))
		return false;
	out->port = (uint16_t)number;
	out->implicit =
	    implicit || number == ROUTE_PORT_TLS || number == ROUTE_PORT_QMTPS;
	return true;
}

static bool
is_depth_and_port(struct view field)
{
	struct tlsdestination ignored;

	return parse_depth_and_port(field, &ignored);
}

/* Which of the second and the third field is depth and port?  The other one is a list of ciphers.  If
 * both could be, one of them is empty: what stands in the other says it all, in either order. */
static bool
parse_middle(struct view second, struct view third, struct tlsdestination *out)
{
	bool by_sqmail =
	    second.len > 0 ? is_depth_and_port(second) : !is_depth_and_port(third);

	if (second.len > 0 && third.len > 0 && is_depth_and_port(second) &&
	    is_depth_and_port(third))
		return false;
	out->ciphers = by_sqmail ? third : second;
	return parse_depth_and_port(by_sqmail ? second : third, out);
}

bool
tlsdestinations_parse(struct view value, struct tlsdestination *out)
{
	struct view field[FIELDS] = { VIEW(""), VIEW(""), VIEW(""), VIEW("") };
	struct view rest = view_trim_left(view_trim_right(value));
	struct tlsdestination d = { 0 };
	size_t i = 0;

	while (view_cut(rest, '|', &field[i], &rest))
		if (++i == FIELDS)
			return false;
	field[i] = rest;
	if (view_index(value, '\0') < value.len)
		return false;
	/* "destination:;port" is short for "destination:||;port". */
	if (field[0].len > 0 && field[0].at[0] == ';' && i == 0) {
		field[2] = field[0];
		field[0] = VIEW("");
	}
	if (!parse_middle(field[1], field[2], &d))
		return false;
	d.store = field[0];
	d.sender = field[3];
	*out = d;
	return true;
}

/* --- which line --- */

/* In aQmail's order.  First by the host's name... */
static const struct rule {
	const char *prefix;
	bool suffixes; /* of the host's name too */
	enum tls_level level;
	bool exact;
} host_rules[] = {
	{ "!", true, TLS_NONE, false },
	{ "%", false, TLS_FINGERPRINT, false },
	{ "=", false, TLS_VERIFY, true },
	{ "~", true, TLS_VERIFY, false },
	{ "", true, TLS_CHAIN, false },
	{ "-", true, TLS_ENCRYPT, false },
};

/* ... then for all. */
static const struct rule other_rules[] = {
	{ "=*", false, TLS_VERIFY, true },
	{ "~*", false, TLS_VERIFY, false },
	{ "+*", false, TLS_CHAIN, false },
	{ "-*", false, TLS_ENCRYPT, false },
	{ "*", false, TLS_MAY, false },
	{ "-", false, TLS_MAY, false },
};

struct search {
	const struct control_list *list;
	struct view sender_domain;
	struct tlsdestination *out;
	size_t *line;
};

/* A line may be for one sender's domain; with a dot in front, for those below it. */
static bool
is_for_sender(struct view wanted, struct view domain)
{
	if (wanted.len == 0)
		return true;
	return wanted.at[0] == '.' ? view_ends_nocase(domain, wanted)
				   : view_equal_nocase(domain, wanted);
}

/* An address may be in brackets, and with colons it has to be. */
static bool
is_key(struct view key, struct view prefix, struct view name)
{
	if (!view_starts(key, prefix))
		return false;
	key = view_from(key, prefix.len);
	if (key.len > 2 && key.at[0] == '[' && key.at[key.len - 1] == ']')
		key = view_first(view_from(key, 1), key.len - 2);
	return view_equal_nocase(view_trim_root(key), name);
}

static enum answer
find_key(const struct search *s, const struct rule *rule, struct view name)
{
	struct tlsdestination d;
	struct view key, value;
	size_t i;

	for (i = 0; i < s->list->count; i++) {
		if (!route_cut(s->list->entries[i].text, &key, &value) ||
		    !is_key(key, view_of(rule->prefix), name))
			continue;
		*s->line = s->list->entries[i].line;
		if (!tlsdestinations_parse(value, &d))
			return ANSWER_ERROR;
		if (!is_for_sender(d.sender, s->sender_domain))
			continue;
		d.level = rule->level;
		d.exact = rule->exact;
		*s->out = d;
		return ANSWER_YES;
	}
	return ANSWER_NO;
}

static enum answer
find_host(const struct search *s, const struct rule *rule, struct view host)
{
	enum answer found = find_key(s, rule, host);
	size_t i;

	for (i = 1; i < host.len && rule->suffixes && found == ANSWER_NO; i++)
		if (host.at[i] == '.')
			found = find_key(s, rule, view_from(host, i));
	return found;
}

static enum answer
find_by_name(const struct search *s, struct view name)
{
	enum answer found = ANSWER_NO;
	size_t i;

	for (i = 0; i < sizeof host_rules / sizeof *host_rules && found == ANSWER_NO; i++)
		found = find_host(s, &host_rules[i], name);
	return found;
}

enum answer
tlsdestinations_select(const struct control_list *list, struct view host,
    struct view server, struct view sender_domain, struct tlsdestination *out,
    size_t *line)
{
	struct search search = { list, sender_domain, out, line };
	enum answer found = find_by_name(&search, view_trim_root(host));
	size_t i;

	if (found == ANSWER_NO)
		found = find_by_name(&search, view_trim_root(server));
	for (i = 0; i < sizeof other_rules / sizeof *other_rules && found == ANSWER_NO;
	     i++)
		found = find_key(&search, &other_rules[i], VIEW(""));
	return found;
}

/* --- the source --- */

/* Where a store begins with '=' it is a pin, whatever the prefix (as in aQmail); "%" needs one. */
static bool
take_store(const struct tlsdestination *d, struct tlschoice *c)
{
	bool is_pin = d->store.len > 0 && d->store.at[0] == '=';

	if (d->level == TLS_FINGERPRINT && !is_pin)
		return false;
	if (is_pin && d->level != TLS_NONE && d->level != TLS_MAY) {
		tlschoice_set(c, TLS_FINGERPRINT, NULL);
		return tlspolicy_add_fingerprint(
		    view_from(d->store, 1), &c->fingerprints);
	}
	if (!is_pin && tls_level_verifies(c->level))
		str_set(&c->trust, d->store);
	return true;
}

static bool
apply(const struct tlsdestination *d, struct tlschoice *c)
{
	tlschoice_set(c, d->level,
	    d->level == TLS_NONE || d->level == TLS_MAY ? NULL : "tlsdestinations");
	c->rules.exact = d->exact;
	c->rules.depth = d->depth;
	str_set(&c->ciphers, d->ciphers);
	return take_store(d, c);
}

static const char PATH[] = "control/tlsdestinations";

static enum answer
invalid(size_t line, struct problem *problem)
{
	problem_note(problem, PATH, line, "not a TLS destination", 0);
	return ANSWER_ERROR;
}

static struct view
domain_of(struct view sender)
{
	return view_from(sender, view_rindex(sender, '@') + 1);
}

enum answer
tlsdestinations_read(struct control_list *out, struct problem *problem)
{
	return control_list(PATH, out, problem);
}

enum answer
tlsdestinations_port(const struct control_list *list, struct view host,
    struct view sender, bool is_qmtp, uint16_t *port, bool *implicit,
    struct problem *problem)
{
	struct tlsdestination d;
	size_t line;
	enum answer found =
	    tlsdestinations_select(list, host, VIEW(""), domain_of(sender), &d, &line);

	/* What is spoken at 6209 is not SMTP. */
	if (found == ANSWER_ERROR ||
	    (found == ANSWER_YES && d.port == ROUTE_PORT_QMTPS && !is_qmtp))
		return invalid(line, problem);
	if (found == ANSWER_NO || d.port == 0)
		return ANSWER_NO;
	*port = d.port;
	*implicit = d.implicit;
	return ANSWER_YES;
}

enum answer
tlssource_destinations(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	struct view host = q->is_relay ? q->server : q->host;
	struct tlsdestination d;
	enum answer found = ANSWER_NO;
	size_t line;

	if (q->destinations)
		found = tlsdestinations_select(
		    q->destinations, host, q->server, domain_of(q->sender), &d, &line);
	if (found == ANSWER_ERROR || (found == ANSWER_YES && !apply(&d, c)))
		return invalid(line, problem);
	if (found == ANSWER_YES)
		origin_note(&c->from, PATH, line);
	return found;
}
