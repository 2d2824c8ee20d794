#include "client/identity.h"

#include <stdint.h>
#include <sys/stat.h>

#include "lib/fmt.h"
#include "lib/str.h"
#include "route/tokenfile.h"

enum { PARTS = 2 * (CREDENTIAL_USER + CREDENTIAL_PASS), TLS_PARTS = 16384 };

/* Each part with its length in front, so that no two lists of parts look alike. */
static void
add(struct str *parts, struct view part)
{
	fmt_u64(parts, part.len);
	str_append_byte(parts, ':');
	str_append(parts, part);
}

static void
add_number(struct str *parts, uint64_t number)
{
	fmt_u64(parts, number);
	str_append_byte(parts, ',');
}

static void
add_lower(struct str *parts, struct view part)
{
	struct str lower = { 0 };

	str_append_lower(&lower, part);
	add(parts, str_view(&lower));
	str_free(&lower);
}

static void
add_ip(struct str *parts, const struct ip *ip)
{
	struct str text = { 0 };

	if (ip->version != 0)
		ip_format(&text, ip);
	add(parts, str_view(&text));
	str_free(&text);
}

/* Which file it is, and in which state (DESIGN 5). */
static void
add_file(struct str *parts, const char *path)
{
	struct stat st;

	if (!*path || stat(path, &st) < 0)
		return;
	add_number(parts, (uint64_t)st.st_dev);
	add_number(parts, (uint64_t)st.st_ino);
	add_number(parts, (uint64_t)st.st_size);
	add_number(parts, (uint64_t)st.st_mtim.tv_sec);
	add_number(parts, (uint64_t)st.st_mtim.tv_nsec);
}

/* A password; or where a token comes from.  The token itself changes by the hour, and the session stays
 * that of the same user. */
static void
add_credential(struct str *parts, const struct route *route)
{
	struct view user = credential_user(&route->credential);

	add(parts, user);
	add(parts, credential_pass(&route->credential));
	add(parts, str_view(&route->oauth));
	if (user.len > 0) {
		add_number(parts,
		    route->oauth.len > 0 ? 0 : (uint64_t)tokenfile_exists(user, NULL));
		add_file(parts, "control/authmechs");
	}
}

static struct identity
finish(struct str *parts, struct view salt)
{
	struct identity id;

	hmac(HASH_SHA256, salt, str_view(parts), id.octets);
	str_wipe(parts);
	return id;
}

static void
add_relays(struct str *parts, const struct route *route)
{
	size_t i;

	add(parts, str_view(&route->name));
	add_number(parts, route->value.protocol);
	if (route->relays.count == 0) {
		add_number(parts, route->value.port);
		add_number(parts, route->value.implicit_tls);
	}
	add_number(parts, route->relays.count);
	for (i = 0; i < route->relays.count; i++) {
		const struct relay *relay = &route->relays.relays[i];

		add_lower(parts, str_view(&relay->name));
		add_number(parts, relay->port);
		add_number(parts, relay->implicit_tls);
		add_number(parts, relay->order);
		add_number(parts, relay->weight);
	}
}

struct identity
identity_of_route(const struct task *task, struct view salt)
{
	const struct route *route = &task->route;
	const struct controls *c = &task->controls;
	bool relayed = route->relay.len > 0;
	struct str parts = { 0 };

	str_reserve(&parts, PARTS); /* so that no copy of the password is left behind */
	add_number(&parts, relayed);
	if (relayed)
		add_relays(&parts, route);
	else
		add_lower(&parts, task->host);
	add_number(&parts, route->value.allow_clear);
	add(&parts, str_view(&route->mechanisms));
	add_credential(&parts, route);
	add(&parts, str_view(&c->helohost));
	add_ip(&parts, &c->outgoing4);
	add_ip(&parts, &c->outgoing6);
	return finish(&parts, salt);
}

static bool
is_of_recipient(const struct identity *together, const struct task *task, size_t index,
    struct view salt)
{
	struct route_query query = { task->host, task->routed_sender,
		task->recipients[index].address };
	struct problem problem = { 0 };
	struct task alone = *task;
	struct identity id;
	bool same;

	alone.route = (struct route) { 0 };
	same = route_find(&query, &alone.route, &problem) == ROUTE_OK;
	if (same) {
		id = identity_of_route(&alone, salt);
		same = identity_equal(&id, together);
	}
	route_free(&alone.route);
	return same;
}

bool
identity_is_of_each(
    const struct identity *together, const struct task *task, struct view salt)
{
	size_t i;

	for (i = 0; task->recipient_count > 1 && i < task->recipient_count; i++)
		if (!is_of_recipient(together, task, i, salt))
			return false;
	return true;
}

struct identity
identity_of_tls(const struct tlschoice *tls, bool clear_allowed, struct view salt)
{
	struct str parts = { 0 };

	str_reserve(
	    &parts, TLS_PARTS); /* so that no copy of the password is left behind */
	add_number(&parts, tls->level);
	add_number(&parts, tls->wrong_name);
	add_number(&parts, tls->name_is_ip);
	add_number(&parts, tls->refusal.len > 0);
	add_number(&parts, tls->names_only);
	add_number(&parts, clear_allowed);
	add(&parts, str_view(&tls->name));
	add(&parts, str_view(&tls->also));
	add(&parts, str_view(&tls->sni));
	add(&parts, str_view(&tls->fingerprints));
	add(&parts, str_view(&tls->tlsa));
	add(&parts, str_view(&tls->refusal));
	add_number(&parts, tls->rules.lowest);
	add_number(&parts, tls->rules.highest);
	add_number(&parts, tls->rules.depth);
	add_number(&parts, tls->rules.exact);
	add(&parts, str_view(&tls->ciphers));
	add(&parts, str_view(&tls->trust));
	add_file(&parts, str_text(&tls->trust));
	add(&parts, str_view(&tls->cert));
	add_file(&parts, str_text(&tls->cert));
	add(&parts, str_view(&tls->key));
	add_file(&parts, str_text(&tls->key));
	add(&parts, str_view(&tls->key_password));
	return finish(&parts, salt);
}

bool
identity_equal(const struct identity *a, const struct identity *b)
{
	return hash_equal(a->octets, b->octets, sizeof a->octets);
}
