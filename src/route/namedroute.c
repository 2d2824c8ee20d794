#include "route/namedroute.h"

#include <errno.h>
#include <sys/stat.h>

#include "route/namedvalue.h"
#include "route/tokenfile.h"
#include "smtp/envelope.h"

/* One reading of a directory. */
struct reading {
	const struct namedroute_query *query;
	struct route *route;
	struct str path; /* of the file read last */
	struct problem *problem;
};

static bool
invalid(struct reading *r, size_t line, const char *what)
{
	problem_note(r->problem, str_text(&r->path), line, what, 0);
	return false;
}

static enum answer
read_line(struct reading *r, const char *file, struct str *out)
{
	return namedvalue_line(r->query->name, file, out, &r->path, r->problem);
}

static enum answer
read_own_line(struct reading *r, const char *file, struct str *out)
{
	return namedvalue_own_line(r->query->name, file, out, &r->path, r->problem);
}

static enum answer
read_list(struct reading *r, const char *file, struct control_list *out)
{
	return namedvalue_list(r->query->name, file, out, &r->path, r->problem);
}

/* --- whom it is for ---------------------------------------------------------------------------- */

static bool
lists(struct view entry, struct view sender)
{
	size_t at = view_rindex(sender, '@');
	struct view domain = view_from(sender, at < sender.len ? at + 1 : at);

	if (sender.len == 0)
		return view_equal(entry, VIEW("!@"));
	if (entry.at[0] == '@')
		entry = view_from(entry, 1);
	else if (view_index(entry, '@') < entry.len)
		return view_equal_nocase(entry, sender);
	if (entry.len > 0 && entry.at[0] == '.')
		return view_ends_nocase(domain, entry);
	return domain.len > 0 && view_equal_nocase(entry, domain);
}

static enum route_result
check_sender(struct reading *r)
{
	struct control_list list = { 0 };
	enum answer found = read_list(r, "senders", &list);
	bool listed = found == ANSWER_NO;
	size_t i;

	for (i = 0; i < list.count && !listed; i++)
		listed = lists(list.entries[i].text, r->query->sender);
	control_list_free(&list);
	if (found == ANSWER_ERROR)
		return ROUTE_INVALID;
	if (listed)
		return ROUTE_OK;
	invalid(r, 0, "does not list the sender");
	return ROUTE_NOT_FOR_SENDER;
}

/* --- where it goes ----------------------------------------------------------------------------- */

static bool
read_port(struct reading *r, struct route_value *usual)
{
	struct str text = { 0 };
	enum answer found = read_line(r, "port", &text);
	bool ok = found == ANSWER_NO;

	if (found == ANSWER_YES)
		ok = (route_parse_port(str_view(&text), usual) && usual->has_port &&
			 !usual->has_penalty) ||
		    invalid(r, 1, "not a port");
	str_free(&text);
	return ok;
}

/* "{region}" in a line becomes what the file says.  False, with `problem`: it says nothing. */
static bool
put_region(struct reading *r, struct view line, struct str *out)
{
	static const struct view mark = { "{region}", sizeof "{region}" - 1 };
	struct str region = { 0 };
	size_t at = view_index(line, '{');
	bool ok = true;

	str_clear(out);
	if (!view_starts(view_from(line, at), mark)) {
		str_append(out, line);
		return true;
	}
	if (read_line(r, "region", &region) != ANSWER_YES || region.len == 0) {
		namedvalue_own_path(&r->path, r->query->name, "region");
		ok = invalid(r, 0, "missing, and the relay's name needs it");
	}
	str_append(out, view_first(line, at));
	str_append(out, str_view(&region));
	str_append(out, view_from(line, at + mark.len));
	str_free(&region);
	return ok;
}

/* The first relay says what counts for all: penalty and tolerance. */
static bool
add_relay(
    struct reading *r, const struct control_entry *entry, const struct route_value *usual)
{
	struct route *route = r->route;
	struct str path = { 0 }, line = { 0 };
	struct route_value value;
	bool ok, first = route->relays.count == 0;

	str_set(&path, str_view(&r->path));
	ok = put_region(r, entry->text, &line);
	if (ok) {
		str_set(&r->path, str_view(&path));
		ok = relaylist_add_line(&route->relays, str_view(&line), usual, &value) ||
		    invalid(r, entry->line, "not a relay");
	}
	if (ok && first) {
		value.allow_clear = route->value.allow_clear;
		route->value = value;
		str_set(&route->relay, value.relay);
	}
	str_free(&path);
	str_free(&line);
	return ok;
}

static bool
read_relays(struct reading *r)
{
	struct route_value usual = route_usual(r->query->protocol);
	struct control_list list = { 0 };
	enum answer found;
	bool ok = read_port(r, &usual);
	size_t i;

	if (!ok)
		return false;
	found = read_list(r, "relay", &list);
	for (i = 0; i < list.count && ok; i++)
		ok = add_relay(r, &list.entries[i], &usual);
	control_list_free(&list);
	if (found == ANSWER_ERROR || !ok)
		return false;
	if (r->route->relays.count > 0)
		return true;
	namedvalue_own_path(&r->path, r->query->name, "relay");
	return invalid(r, 1, "missing");
}

/* --- by which credential ----------------------------------------------------------------------- */

/* Only qmail-oauth may look into the directory; that it is there is all we need to know. */
static enum answer
has_oauth(struct reading *r)
{
	struct str path = { 0 };
	struct stat st;
	enum answer found = ANSWER_YES;

	str_append_text(&path, "control/oauth/");
	str_append(&path, r->query->name);
	if (stat(str_text(&path), &st) < 0) {
		found = errno == ENOENT || errno == ENOTDIR ? ANSWER_NO : ANSWER_ERROR;
		if (found == ANSWER_ERROR)
			problem_note(r->problem, str_text(&path), 0, "unreadable", errno);
	}
	str_free(&path);
	return found;
}

/* A user must come with something that proves it: without, mail would leave without credential. */
static bool
read_secret(struct reading *r, struct view user, struct str *password)
{
	enum answer found = has_oauth(r);

	if (found == ANSWER_YES)
		str_set(&r->route->oauth, r->query->name);
	if (found == ANSWER_NO)
		found = tokenfile_exists(user, r->problem);
	if (found != ANSWER_NO)
		return found == ANSWER_YES;
	found = read_own_line(r, "password", password);
	if (found == ANSWER_NO || (found == ANSWER_YES && password->len == 0))
		return invalid(
		    r, 1, "missing, and there is no token for the user either");
	return found == ANSWER_YES;
}

static bool
read_credential(struct reading *r)
{
	struct route *route = r->route;
	struct str user = { 0 }, password = { 0 };
	bool ok = read_own_line(r, "user", &user) != ANSWER_ERROR;

	if (ok && user.len > 0) {
		origin_note(&route->credential_from, str_text(&r->path), 1);
		ok = read_secret(r, str_view(&user), &password);
		if (ok &&
		    !credential_set(
			&route->credential, str_view(&user), str_view(&password)))
			ok = invalid(r, 1, "not a credential");
		route->value.allow_clear = false;
	}
	str_free(&user);
	str_wipe(&password);
	return ok;
}

/* --- as whom ------------------------------------------------------------------------------------- */

static bool
read_source(struct reading *r)
{
	struct control_list list = { 0 };
	bool ok = read_list(r, "source", &list) != ANSWER_ERROR;
	size_t i;

	for (i = 0; i < list.count && ok; i++) {
		struct ip ip;

		if (!ip_parse(list.entries[i].text, &ip))
			ok = invalid(r, list.entries[i].line, "not an IP address");
		else if (ip.version == 6)
			r->route->source6 = ip;
		else
			r->route->source4 = ip;
	}
	control_list_free(&list);
	return ok;
}

static bool
read_tls(struct reading *r)
{
	switch (read_line(r, "tls", &r->route->tls)) {
	case ANSWER_ERROR:
		return false;
	case ANSWER_NO:
		return true;
	case ANSWER_YES:
		break;
	}
	origin_note(&r->route->tls_from, str_text(&r->path), 1);
	/* It was meant to say something. */
	return r->route->tls.len > 0 || invalid(r, 1, "not a TLS policy");
}

static bool
read_helo(struct reading *r)
{
	if (read_line(r, "helo", &r->route->helo) == ANSWER_ERROR)
		return false;
	return !envelope_is_forbidden_host(str_view(&r->route->helo)) ||
	    invalid(r, 1, "not a name");
}

enum route_result
namedroute_take(
    struct route *route, const struct namedroute_query *query, struct problem *problem)
{
	struct reading r = { .query = query, .route = route, .problem = problem };
	enum route_result result = check_sender(&r);

	if (result == ROUTE_OK &&
	    (!read_relays(&r) || !read_credential(&r) || !read_source(&r) ||
		!read_helo(&r) || !read_tls(&r) ||
		read_line(&r, "authmechs", &route->mechanisms) == ANSWER_ERROR))
		result = ROUTE_INVALID;
	str_set(&route->name, query->name);
	str_free(&r.path);
	return result;
}
