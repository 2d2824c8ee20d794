#include "oauth/settings.h"

#include <errno.h>
#include <sys/stat.h>

#include "config/control.h"
#include "lib/ascii.h"

/* Reading one directory. */
struct reading {
	struct str directory, path;
	struct problem *problem;
	struct oauth_settings *s;
};

static const char *
path_of(struct reading *r, const char *file)
{
	str_set(&r->path, str_view(&r->directory));
	str_append_text(&r->path, file);
	return str_text(&r->path);
}

static enum answer
wrong(struct reading *r, const char *file, const char *what)
{
	problem_note(r->problem, path_of(r, file), 0, what, 0);
	return ANSWER_ERROR;
}

static void
note_change(struct reading *r, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_mtime > 0 &&
	    (uint64_t)st.st_mtime > r->s->changed)
		r->s->changed = (uint64_t)st.st_mtime;
}

/* A value is a line of printable octets. */
static enum answer
read_value(struct reading *r, const char *file, struct str *out)
{
	enum answer found = control_line(path_of(r, file), out, r->problem);
	size_t i;

	if (found != ANSWER_YES)
		return found;
	for (i = 0; i < out->len; i++)
		if (ascii_is_control(out->at[i]))
			return wrong(r, file, "not one line of text");
	note_change(r, str_text(&r->path));
	return out->len > 0 ? ANSWER_YES : ANSWER_NO;
}

static enum answer
read_values(struct reading *r)
{
	const struct {
		const char *file;
		struct str *out;
	} values[] = {
		{ "tokenurl", &r->s->tokenurl },
		{ "clientid", &r->s->clientid },
		{ "clientsecret", &r->s->clientsecret },
		{ "refreshtoken", &r->s->refreshtoken },
		{ "scope", &r->s->scope },
		{ "cafile", &r->s->cafile },
	};
	size_t i;

	for (i = 0; i < sizeof values / sizeof *values; i++)
		if (read_value(r, values[i].file, values[i].out) == ANSWER_ERROR)
			return ANSWER_ERROR;
	return ANSWER_YES;
}

static enum answer
read_grant(struct reading *r)
{
	struct str word = { 0 };
	enum answer found = read_value(r, "grant", &word);

	r->s->grant =
	    r->s->refreshtoken.len > 0 ? GRANT_REFRESH_TOKEN : GRANT_CLIENT_CREDENTIALS;
	if (found == ANSWER_YES && !grant_by_name(str_view(&word), &r->s->grant))
		found = wrong(r, "grant", "neither client_credentials nor refresh_token");
	str_free(&word);
	return found;
}

/* The tenant becomes a part of a URL: an id or a domain. */
static bool
is_tenant(struct view tenant)
{
	size_t i;

	for (i = 0; i < tenant.len; i++)
		if (!ascii_is_letter(tenant.at[i]) && !ascii_is_digit(tenant.at[i]) &&
		    view_index(VIEW("-."), tenant.at[i]) == 2)
			return false;
	return tenant.len > 0;
}

static enum answer
fill_url(struct reading *r, const struct oauth_profile *profile)
{
	struct str tenant = { 0 };
	enum answer result = ANSWER_YES;

	str_append_text(&r->s->tokenurl, profile->url_start);
	if (!profile->url_end)
		return ANSWER_YES;
	if (read_value(r, "tenant", &tenant) == ANSWER_ERROR) {
		result = ANSWER_ERROR;
	} else if (!is_tenant(str_view(&tenant))) {
		result = wrong(r, "tenant", "missing, or not an id or a domain");
	} else {
		str_append(&r->s->tokenurl, str_view(&tenant));
		str_append_text(&r->s->tokenurl, profile->url_end);
	}
	str_free(&tenant);
	return result;
}

static enum answer
apply_profile(struct reading *r, struct view name)
{
	const struct oauth_profile *profile = profile_by_name(name);
	const char *scope;

	if (!profile)
		return wrong(r, "profile", "no such profile");
	scope = profile->scope[r->s->grant];
	if (!scope)
		return wrong(r, "refreshtoken", "missing");
	if (r->s->scope.len == 0)
		str_append_text(&r->s->scope, scope);
	return r->s->tokenurl.len > 0 ? ANSWER_YES : fill_url(r, profile);
}

static enum answer
read_profile(struct reading *r)
{
	struct str name = { 0 };
	enum answer found = read_value(r, "profile", &name);

	if (found == ANSWER_YES)
		found = apply_profile(r, str_view(&name));
	str_free(&name);
	return found;
}

/* What no request can do without. */
static enum answer
check(struct reading *r)
{
	const struct oauth_settings *s = r->s;

	if (!view_starts_nocase(str_view(&s->tokenurl), VIEW("https://")))
		return wrong(r, "tokenurl", "missing, or does not begin with https://");
	if (s->clientid.len == 0)
		return wrong(r, "clientid", "missing");
	if (s->grant == GRANT_CLIENT_CREDENTIALS && s->clientsecret.len == 0)
		return wrong(r, "clientsecret", "missing");
	if (s->grant == GRANT_REFRESH_TOKEN && s->refreshtoken.len == 0)
		return wrong(r, "refreshtoken", "missing");
	return ANSWER_YES;
}

static enum answer
read_directory(struct reading *r)
{
	struct stat st;

	if (stat(str_text(&r->directory), &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return ANSWER_NO;
		problem_note(r->problem, str_text(&r->directory), 0, "unreadable", errno);
		return ANSWER_ERROR;
	}
	if (read_values(r) == ANSWER_ERROR || read_grant(r) == ANSWER_ERROR ||
	    read_profile(r) == ANSWER_ERROR)
		return ANSWER_ERROR;
	return check(r);
}

enum answer
settings_read(struct view name, struct oauth_settings *out, struct problem *problem)
{
	struct oauth_settings s = { .grant = GRANT_CLIENT_CREDENTIALS };
	struct reading r = { .problem = problem, .s = &s };
	enum answer found;

	str_append_text(&r.directory, "control/oauth");
	str_append_byte(&r.directory, '/');
	str_append(&r.directory, name);
	str_append_byte(&r.directory, '/');
	found = read_directory(&r);
	str_free(&r.directory);
	str_free(&r.path);
	if (found == ANSWER_YES)
		*out = s;
	else
		settings_free(&s);
	return found;
}

void
settings_free(struct oauth_settings *s)
{
	str_free(&s->tokenurl);
	str_free(&s->clientid);
	str_wipe(&s->clientsecret);
	str_wipe(&s->refreshtoken);
	str_free(&s->scope);
	str_free(&s->cafile);
	*s = (struct oauth_settings) { .grant = GRANT_CLIENT_CREDENTIALS };
}
