#include "route/relaysecrets.h"

#include "config/control.h"
#include "lib/base64.h"
#include "lib/scan.h"
#include "route/route.h"
#include "smtp/envelope.h"

/* --- the grammar ------------------------------------------------------------------------------- */

static struct view
without_brackets(struct view relay)
{
	if (relay.len < 2 || relay.at[0] != '[' || relay.at[relay.len - 1] != ']')
		return relay;
	relay = (struct view) { relay.at + 1, relay.len - 2 };
	return view_starts_nocase(relay, VIEW("IPv6:")) ? view_from(relay, 5) : relay;
}

bool
relaysecret_cut(struct view line, struct relaysecret_line *out)
{
	struct relaysecret_line l = { .port = VIEW("") };
	struct view fields, second, others;
	uint64_t number;

	if (!route_cut(line, &l.relay, &fields) ||
	    !view_cut(fields, ':', &l.first, &l.rest))
		return false;
	if (l.relay.len > 0 && scan_whole_u64(l.first, &number) &&
	    view_cut(l.rest, ':', &second, &others)) {
		l.port = l.first;
		l.first = second;
		l.rest = others;
	}
	l.relay = without_brackets(l.relay);
	*out = l;
	return true;
}

bool
relaysecret_decode(
    struct view base64, struct str *bytes, struct view *user, struct view *pass)
{
	struct view authorised, authenticated, secret;

	str_clear(bytes);
	str_reserve(bytes, base64.len);
	if (!base64_decode(bytes, base64) ||
	    !view_cut(str_view(bytes), '\0', &authorised, &secret) ||
	    !view_cut(secret, '\0', &authenticated, &secret))
		return false;
	if (authorised.len > 0 && !view_equal(authorised, authenticated))
		return false;
	*user = authenticated;
	*pass = secret;
	return true;
}

/* --- selection --------------------------------------------------------------------------------- */

enum { FITS_ALL = 1, FITS_PORT, FITS_NAME };

struct search {
	struct view relay;
	uint16_t port;
};

static unsigned
fits(const struct relaysecret_line *line, const struct search *search)
{
	uint64_t port;

	if (line->relay.len == 0)
		return FITS_ALL;
	if (!view_equal_nocase(line->relay, search->relay))
		return 0;
	if (line->port.len == 0)
		return FITS_NAME;
	return scan_whole_u64(line->port, &port) && port == search->port ? FITS_PORT : 0;
}

/* The best line that fits better than `least`; of equals the last.  How well; 0: there is none. */
static unsigned
select_line(const struct control_list *list, const struct search *search, unsigned least,
    struct relaysecret_line *out, size_t *number)
{
	unsigned best = least;
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct relaysecret_line line;
		unsigned how_well;

		if (!relaysecret_cut(list->entries[i].text, &line))
			continue;
		how_well = fits(&line, search);
		if (how_well <= least || how_well < best)
			continue;
		best = how_well;
		*out = line;
		*number = list->entries[i].line;
	}
	return best > least ? best : 0;
}

/* An empty user or password: the line says that there is to be no credential. */
static bool
take_secret(const struct relaysecret_line *line, struct relaysecret *out)
{
	if (line->first.len == 0 || line->rest.len == 0)
		return true;
	return credential_set(&out->credential, line->first, line->rest);
}

static bool
take_auth(const struct relaysecret_line *line, struct relaysecret *out)
{
	struct str bytes = { 0 };
	struct view user, pass;
	bool ok = !envelope_is_forbidden(line->first);

	if (ok && line->rest.len > 0) {
		ok = relaysecret_decode(line->rest, &bytes, &user, &pass);
		if (ok && user.len > 0 && pass.len > 0)
			ok = credential_set(&out->credential, user, pass);
	}
	if (ok)
		str_set(&out->sender, line->first);
	str_wipe(&bytes);
	return ok;
}

/* One of the files. */
struct source {
	const char *path;
	bool (*take)(const struct relaysecret_line *line, struct relaysecret *out);
};

/* *fits is how well what was found so far fits. */
static bool
consult(const struct source *source, const struct search *search, unsigned *least,
    struct relaysecret *out, struct problem *problem)
{
	struct control_list list = { 0 };
	struct relaysecret_line line;
	unsigned how_well;
	size_t number = 0;
	bool ok = control_list(source->path, &list, problem) != ANSWER_ERROR;

	if (ok && (how_well = select_line(&list, search, *least, &line, &number)) > 0) {
		*least = how_well;
		relaysecret_free(out);
		ok = source->take(&line, out);
		origin_note(&out->from, source->path, number);
		if (!ok)
			problem_note(
			    problem, source->path, number, "not a credential", 0);
	}
	str_wipe(&list.bytes);
	control_list_free(&list);
	return ok;
}

enum answer
relaysecrets_find(
    struct view relay, uint16_t port, struct relaysecret *out, struct problem *problem)
{
	static const struct source secrets = { "control/remotesecrets", take_secret },
				   auth = { "control/remoteauth", take_auth };
	struct search search = { relay, port };
	struct relaysecret found = { 0 };
	unsigned least = 0;
	enum answer answer = ANSWER_NO;

	if (!consult(&secrets, &search, &least, &found, problem) ||
	    (least < FITS_NAME && !consult(&auth, &search, &least, &found, problem)))
		answer = ANSWER_ERROR;
	else if (credential_is_set(&found.credential) || found.sender.len > 0)
		answer = ANSWER_YES;
	if (answer == ANSWER_YES) {
		*out = found;
		credential_wipe(&found.credential);
	} else {
		relaysecret_free(&found);
	}
	return answer;
}

void
relaysecret_free(struct relaysecret *secret)
{
	credential_wipe(&secret->credential);
	str_free(&secret->sender);
	secret->from.text[0] = '\0';
}
