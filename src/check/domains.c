/* Whose mail is taken, and what becomes of it: me, rcpthosts, locals, virtualdomains, percenthack. */
#include "check/check.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "config/cdbmap.h"
#include "config/domainmap.h"
#include "lib/ascii.h"
#include "lib/ip.h"
#include "users/account.h"
#include "users/getpw.h"

/* --- the form of names ---------------------------------------------------------------------------- */

static bool
has_odd_octet(struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '-' && c != '.' &&
		    c != '_' && (unsigned char)c < 0x80)
			return true;
	}
	return false;
}

/* NULL, or what is odd in a domain; `has_suffixes`: a list that knows ".domain". */
static const char *
odd_in(struct view name, bool has_suffixes)
{
	struct ip ip;

	if (view_index(name, '@') < name.len)
		return "an address, where a domain should be: it matches nothing";
	if (view_index(name, '*') < name.len)
		return "there are no wildcards: it matches nothing";
	if (name.len > 1 && name.at[name.len - 1] == '.')
		return "a domain with a dot at its end matches nothing";
	if (ip_parse_literal(name, &ip))
		return NULL;
	if (ip_parse(name, &ip))
		return "an address without brackets matches no address literal";
	if (name.at[0] == '.' && !has_suffixes)
		return "no subdomains here: a name that begins with a dot matches "
		       "nothing";
	if (view_contains(name, VIEW("..")))
		return "two dots in a row: it matches nothing";
	return has_odd_octet(name) ? "an octet in it that no host name has" : NULL;
}

static void
check_form(struct check *c, const char *path, bool has_suffixes)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(c, path, &list);
	for (i = 0; i < list.count; i++) {
		const char *odd =
		    odd_in(view_trim_left(list.entries[i].text), has_suffixes);

		if (odd)
			finding_add(&c->out, FINDING_WARNING, path, list.entries[i].line,
			    has_suffixes
				? "a line is a domain, or .domain for all below it"
				: "a line is a domain",
			    odd, (char *)NULL);
	}
	control_list_free(&list);
}

/* --- me ------------------------------------------------------------------------------------------- */

static void
check_me(struct check *c)
{
	const char hint[] = "write the full name of this host into it";
	struct str name = { 0 };
	struct problem problem = { 0 };
	enum answer found = control_line("control/me", &name, &problem);
	struct view me = str_view(&name);

	if (found == ANSWER_NO)
		finding_add(&c->out, FINDING_ERROR, "control/me", 0, hint,
		    "missing: qmail-smtpd answers 421, and most programs do nothing "
		    "without "
		    "it",
		    (char *)NULL);
	else if (found == ANSWER_YES && me.len == 0)
		finding_add(&c->out, FINDING_ERROR, "control/me", 1, hint,
		    "an empty name: this host has none in greetings, bounces and "
		    "addresses",
		    (char *)NULL);
	else if (found == ANSWER_YES && view_index(me, '.') == me.len)
		finding_add(&c->out, FINDING_WARNING, "control/me", 1, hint,
		    "a name without a domain: many servers refuse who says that in EHLO",
		    (char *)NULL);
	else if (found == ANSWER_YES && odd_in(me, false))
		finding_add(&c->out, FINDING_WARNING, "control/me", 1, hint,
		    odd_in(me, false), (char *)NULL);
	str_free(&name);
}

/* --- who is taken, and who stays ------------------------------------------------------------------ */

/* rcpthosts with its companion. */
struct taken {
	bool is_open; /* there is no rcpthosts */
	struct domainmap names;
	struct cdbmap *more;
};

static bool
is_taken(const struct taken *t, struct view domain)
{
	struct str lower = { 0 };
	bool found = t->is_open || domainmap_find_suffix(&t->names, domain, NULL);
	struct view rest;

	str_append_lower(&lower, domain);
	rest = str_view(&lower);
	while (!found && t->more && rest.len > 0) {
		struct view after = view_from(rest, 1);

		found = cdbmap_find(t->more, rest, NULL, NULL) == ANSWER_YES;
		rest = view_from(after, view_index(after, '.'));
	}
	str_free(&lower);
	return found;
}

static void
check_open(struct check *c, const struct taken *t)
{
	if (!t->is_open || (c->has_no_queue && !check_has("bin/qmail-smtpd")))
		return;
	finding_add(&c->out, FINDING_ERROR, "control/rcpthosts", 0,
	    "list the domains that mail is taken for, one a line",
	    "missing: an OPEN RELAY, mail for every host is taken from everybody",
	    (char *)NULL);
	if (check_has("control/morercpthosts.cdb"))
		finding_add(&c->out, FINDING_ERROR, "control/morercpthosts.cdb", 0,
		    "make control/rcpthosts, perhaps empty",
		    "of no effect without control/rcpthosts", (char *)NULL);
}

/* What is delivered here and never taken: by SMTP, that is. */
static void
check_taken(struct check *c, const struct taken *t, const char *path, char separator)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(c, path, &list);
	for (i = 0; i < list.count; i++) {
		struct view name = list.entries[i].text;
		size_t end = separator ? view_index(name, separator) : name.len;
		size_t at;

		name = view_first(name, end);
		at = view_rindex(name, '@');
		name = at < name.len ? view_from(name, at + 1) : name;
		if (name.len == 0 || odd_in(name, true) || name.at[0] == '.' ||
		    name.at[0] == '[' || view_equal_nocase(name, VIEW("localhost")) ||
		    is_taken(t, name))
			continue;
		finding_add(&c->out, FINDING_WARNING, path, list.entries[i].line,
		    "add it to control/rcpthosts, unless no mail comes to it from "
		    "outside",
		    "not in control/rcpthosts: mail to it is refused by qmail-smtpd",
		    (char *)NULL);
	}
	control_list_free(&list);
}

/* What is taken and goes out again: this host relays for it. */
static void
check_delivered(
    struct check *c, const struct domainmap *locals, const struct domainmap *virtuals)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(c, "control/rcpthosts", &list);
	for (i = 0; i < list.count; i++) {
		struct view name = list.entries[i].text;

		if (odd_in(name, true) || name.at[0] == '.' || name.at[0] == '[' ||
		    domainmap_find(locals, name, NULL) ||
		    domainmap_find_suffix(virtuals, name, NULL) ||
		    domainmap_find(virtuals, VIEW(""), NULL))
			continue;
		finding_add(&c->out, FINDING_NOTE, "control/rcpthosts",
		    list.entries[i].line, "right for a backup MX or a gateway",
		    "in neither control/locals nor control/virtualdomains: mail to it is "
		    "taken and sent on",
		    (char *)NULL);
	}
	control_list_free(&list);
}

/* --- virtual domains ------------------------------------------------------------------------------ */

/* Does ~alias/.qmail-PREFIX... exist for anything?  Who may not look has no say. */
static bool
has_alias(struct view prefix)
{
	DIR *dir = opendir("alias");
	bool found = (!dir && errno != ENOENT) || check_has("alias/.qmail-default");
	struct str start = { 0 };
	struct dirent *entry;
	size_t i;

	str_append_text(&start, ".qmail-");
	for (i = 0; i < prefix.len; i++)
		str_append_byte(
		    &start, prefix.at[i] == '.' ? ':' : ascii_lower(prefix.at[i]));
	while (dir && !found && (entry = readdir(dir))) {
		struct view name = view_of(entry->d_name);

		found = view_starts(name, str_view(&start)) &&
		    (name.len == start.len || name.at[start.len] == '-');
	}
	if (dir)
		closedir(dir);
	str_free(&start);
	return found;
}

/* Whose are the addresses of the prefix? */
static bool
has_owner(struct check *c, struct view prefix)
{
	struct account account = { 0 };
	struct str local = { 0 };
	enum answer found;
	bool good = true;

	str_append(&local, prefix);
	str_append_text(&local, "-x");
	found = account_from_cdb(str_view(&local), &account, NULL);
	if (found == ANSWER_NO) {
		good = getpw_find(str_view(&local), &account) == GETPW_FOUND;
		/* Of alias-PREFIX it is what is behind the '-'; of alias itself, anything. */
		if (good && view_equal(str_view(&account.user), VIEW("alias")))
			good = account.ext.len < 2 ||
			    has_alias(
				view_first(str_view(&account.ext), account.ext.len - 2));
		else if (good && c->is_rootless)
			good = has_alias(prefix);
	}
	account_free(&account);
	str_free(&local);
	return good;
}

static void
check_virtual_line(struct check *c, const struct control_entry *e,
    const struct domainmap *locals, const struct domainmap *virtuals)
{
	static const char path[] = "control/virtualdomains";
	struct domainmap_hit hit;
	struct view key, prefix;

	if (!view_cut(e->text, ':', &key, &prefix)) {
		finding_add(&c->out, FINDING_ERROR, path, e->line, "domain:user",
		    "without a ':' it is passed over", (char *)NULL);
		return;
	}
	if (domainmap_find(virtuals, key, &hit) && hit.line != e->line)
		finding_add(&c->out, FINDING_WARNING, path, e->line, "keep one of them",
		    "of no effect: a later line has the same key", (char *)NULL);
	if (domainmap_find(locals, key, NULL))
		finding_add(&c->out, FINDING_WARNING, path, e->line,
		    "remove it from one of both",
		    "of no effect: the domain is in control/locals, too", (char *)NULL);
	if (key.len == 0)
		finding_add(&c->out, FINDING_WARNING, path, e->line, "name a domain",
		    "without a key it takes all mail that leaves this host",
		    (char *)NULL);
	if (prefix.len > 0 && !has_owner(c, prefix))
		finding_add(&c->out, FINDING_WARNING, path, e->line,
		    "make the user, or an alias/.qmail-USER-default",
		    "mail to it will bounce: neither a user nor an alias is behind it",
		    (char *)NULL);
}

static void
check_virtuals(struct check *c, const struct domainmap *locals,
    const struct control_list *list, const struct domainmap *virtuals)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		check_virtual_line(c, &list->entries[i], locals, virtuals);
}

/* --- all together --------------------------------------------------------------------------------- */

/* locals; where there is none, me. */
static void
read_locals(struct check *c, struct str *text, struct domainmap *out)
{
	struct problem problem;

	(void)c;
	if (control_bytes("control/locals", text, &problem) == ANSWER_NO)
		control_line("control/me", text, NULL);
	domainmap_of(out, control_without_mark(str_view(text)), 0);
}

/* Where nothing is taken from strangers, that is meant so. */
static bool
takes_any(const struct taken *t)
{
	struct control_list list = { 0 };
	bool any = t->more != NULL;

	if (control_list("control/rcpthosts", &list, NULL) == ANSWER_YES)
		any = any || list.count > 0;
	control_list_free(&list);
	return any;
}

static void
compare_lists(struct check *c, struct taken *t, const struct domainmap *locals)
{
	struct control_list list = { 0 };
	struct domainmap virtuals = { 0 };

	check_list_of(c, "control/virtualdomains", &list);
	domainmap_of(&virtuals, str_view(&list.bytes), ':');
	check_virtuals(c, locals, &list, &virtuals);
	if (!t->is_open && takes_any(t)) {
		check_taken(c, t, "control/locals", 0);
		check_taken(c, t, "control/virtualdomains", ':');
		check_delivered(c, locals, &virtuals);
	}
	domainmap_free(&virtuals);
	control_list_free(&list);
}

void
check_domains(struct check *c)
{
	struct taken taken = { 0 };
	struct domainmap locals = { 0 };
	struct str text = { 0 };
	struct problem problem;

	check_me(c);
	check_form(c, "control/rcpthosts", true);
	check_form(c, "control/morercpthosts", true);
	check_form(c, "control/locals", false);
	check_form(c, "control/percenthack", false);
	taken.is_open =
	    domainmap_open(&taken.names, "control/rcpthosts", &problem) == ANSWER_NO;
	if (cdbmap_open("control/morercpthosts.cdb", &taken.more, &problem) != ANSWER_YES)
		taken.more = NULL;
	read_locals(c, &text, &locals);
	check_open(c, &taken);
	if (taken.is_open || access("control/rcpthosts", R_OK) == 0)
		compare_lists(c, &taken, &locals);
	domainmap_free(&locals);
	domainmap_free(&taken.names);
	cdbmap_close(taken.more);
	str_free(&text);
}
