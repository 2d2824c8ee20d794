#include "try/describe.h"

#include <sys/stat.h>

#include "lib/date.h"
#include "lib/fd.h"
#include "wire/token.h"

/* --- route and relay -------------------------------------------------------------------------- */

static void
append_relays(struct str *out, const struct relaylist *relays)
{
	size_t i;

	for (i = 0; i < relays->count; i++) {
		str_append_text(out, i > 0 ? ", " : "");
		show_append_server(
		    out, str_view(&relays->relays[i].name), relays->relays[i].port);
	}
}

void
describe_route(struct show *show, const struct task *task)
{
	const struct route *route = &task->route;
	struct str text = { 0 };

	if (route->relays.count == 0) {
		str_append_text(&text, "mail exchangers of ");
		str_append(&text, task->host);
	} else {
		append_relays(&text, &route->relays);
	}
	if (route->name.len > 0) {
		str_append_text(&text, ", route ");
		str_append(&text, str_view(&route->name));
	}
	show_line(show, "route", str_view(&text), route->from.text);
	str_free(&text);
	if (route->flaw)
		show_warning(show, route->from.text, view_of(route->flaw));
}

/* --- credential ------------------------------------------------------------------------------- */

/* When the token that qmail-oauth has fetched ends, if that is known. */
static void
append_kept_expiry(struct str *out, struct view name)
{
	struct str path = { 0 }, bytes = { 0 };
	struct token_kept kept;

	token_kept_path(&path, name);
	if (fd_read_file(str_text(&path), &bytes, 2 * TOKEN_MAX) == 0 &&
	    token_kept_parse(str_view(&bytes), &kept)) {
		str_append_text(out, ", valid until ");
		date_format_rfc3339(out, (int64_t)kept.expires);
	}
	str_wipe(&bytes);
	str_free(&path);
}

static void
append_file_age(struct str *out, struct view user)
{
	struct str path = { 0 };
	struct stat st;

	str_append_text(&path, "control/oauthtokens/");
	str_append(&path, user);
	str_append(out, str_view(&path));
	if (stat(str_text(&path), &st) == 0) {
		str_append_text(out, ", written ");
		date_format_rfc3339(out, (int64_t)st.st_mtime);
	}
	str_free(&path);
}

static void
append_kind(struct str *out, const struct route *route)
{
	if (!route->credential.is_token) {
		str_append_text(out, ", password");
	} else if (route->oauth.len > 0) {
		str_append_text(out, ", OAuth 2 token ");
		str_append(out, str_view(&route->oauth));
		append_kept_expiry(out, str_view(&route->oauth));
	} else {
		str_append_text(out, ", OAuth 2 token of ");
		append_file_age(out, credential_user(&route->credential));
	}
}

static void
describe_credential(struct show *show, const struct route *route)
{
	struct str text = { 0 };

	if (!credential_is_set(&route->credential)) {
		show_text(show, "credential", "none", NULL);
		return;
	}
	str_append_text(&text, "user ");
	str_append(&text, credential_user(&route->credential));
	append_kind(&text, route);
	show_line(show, "credential", str_view(&text), route->credential_from.text);
	str_free(&text);
}

/* A relay that wants one sender only gets that one. */
static void
describe_sender(struct show *show, const struct task *task)
{
	if (!view_equal(task->sender, task->routed_sender))
		show_line(
		    show, "sent-as", task->sender, task->route.credential_from.text);
}

/* --- ourselves -------------------------------------------------------------------------------- */

static void
describe_source(
    struct show *show, const char *name, const struct ip *ip, const struct origin *from)
{
	struct str text = { 0 };

	if (ip->version == 0)
		return;
	ip_format(&text, ip);
	show_line(show, name, str_view(&text), from->text);
	str_free(&text);
}

static void
describe_us(struct show *show, const struct controls *c)
{
	show_line(show, "helo", str_view(&c->helohost), c->helohost_from.text);
	if (c->outgoing4.version == 0 && c->outgoing6.version == 0)
		show_text(show, "source", "as the kernel chooses", NULL);
	describe_source(show, "source", &c->outgoing4, &c->outgoing4_from);
	describe_source(show, "source", &c->outgoing6, &c->outgoing6_from);
}

void
describe_plan(struct show *show, const struct task *task)
{
	describe_route(show, task);
	describe_credential(show, &task->route);
	describe_sender(show, task);
	describe_us(show, &task->controls);
}
