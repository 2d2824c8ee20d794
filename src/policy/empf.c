#include "policy/empf.h"

#include "lib/ascii.h"
#include "lib/str.h"
#include "policy/wildmat.h"

/* --- the grammar -------------------------------------------------------------------------------- */

/* The line of a domain. */
struct domain_policy {
	struct view policy;
	struct view users; /* "user:POLICY," any times */
	size_t line;       /* 0: there is none */
};

/* A letter of a POLICY, and whom it is about. */
struct rule {
	char letter;
	bool has_addresses;
	struct view addresses; /* with commas between them */
};

/* Take what stands before the next comma that is in no brackets.  False: there is none. */
static bool
cut_item(struct view *rest, struct view *item)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < rest->len; i++) {
		char c = rest->at[i];

		if (c == '(' || c == ')') {
			inside = c == '(';
		} else if (c == ',' && !inside) {
			*item = view_first(*rest, i);
			*rest = view_from(*rest, i + 1);
			return true;
		}
	}
	return false;
}

/* Take the next address of a list that is not empty. */
static struct view
cut_address(struct view *addresses)
{
	struct view address = view_first(*addresses, view_index(*addresses, ','));

	*addresses = view_from(*addresses, address.len + 1);
	return address;
}

/* Take the next letter of a POLICY that is not empty.  False: it is malformed. */
static bool
cut_rule(struct view *rest, struct rule *rule)
{
	struct view letters = VIEW("lrie");

	*rule = (struct rule) { .letter = *rest->at };
	if (view_index(letters, ascii_lower(rule->letter)) == letters.len)
		return false;
	*rest = view_from(*rest, 1);
	if (!view_starts(*rest, VIEW("(")))
		return true;
	rule->has_addresses = true;
	return view_cut(view_from(*rest, 1), ')', &rule->addresses, rest);
}

static const char *
fault_of_addresses(struct view addresses)
{
	size_t i, start = 0;

	for (i = 0; i <= addresses.len; i++)
		if (i == addresses.len || addresses.at[i] == ',') {
			if (i == start)
				return "empty address";
			start = i + 1;
		}
	return NULL;
}

static const char *
fault_of_policy(struct view policy)
{
	const char *fault = policy.len == 0 ? "empty policy" : NULL;
	struct rule rule;

	while (policy.len > 0 && !fault) {
		if (!cut_rule(&policy, &rule))
			return "malformed policy";
		if (rule.has_addresses)
			fault = fault_of_addresses(rule.addresses);
	}
	return fault;
}

static const char *
fault_of_users(struct view users)
{
	struct view item, user, policy;
	const char *fault = NULL;

	while (users.len > 0 && !fault) {
		if (!cut_item(&users, &item))
			return "no comma at the end";
		if (!view_cut(item, ':', &user, &policy) || user.len == 0)
			return "malformed user";
		fault = fault_of_policy(policy);
	}
	return fault;
}

/* What is behind the colon of a domain's line. */
static const char *
parse_line(struct view text, struct domain_policy *out)
{
	const char *fault;

	if (!cut_item(&text, &out->policy))
		return "no comma behind the policy";
	out->users = text;
	fault = fault_of_policy(out->policy);
	return fault ? fault : fault_of_users(out->users);
}

/* False: a line that was looked at is malformed. */
static bool
find_domain(const struct control_list *lines, struct view domain,
    struct domain_policy *out, struct empf_ruling *why)
{
	struct view name, rest;
	size_t i;

	for (i = 0; i < lines->count; i++) {
		struct view text = lines->entries[i].text;

		if (view_starts(text, VIEW(";")))
			continue;
		why->line = lines->entries[i].line;
		why->fault = "no colon";
		if (!view_cut(text, ':', &name, &rest))
			return false;
		if (!view_equal_nocase(name, domain))
			continue;
		out->line = why->line;
		why->fault = parse_line(rest, out);
		return why->fault == NULL;
	}
	return true;
}

/* --- the decision --------------------------------------------------------------------------------- */

/* As fnmatch(3), whose sets know "[!a]" besides "[^a]". */
static bool
matches(struct view pattern, struct view text)
{
	struct str glob = { 0 };
	bool found;
	size_t i;

	for (i = 0; i < pattern.len; i++)
		str_append_byte(&glob,
		    i > 0 && pattern.at[i] == '!' && pattern.at[i - 1] == '['
			? '^'
			: pattern.at[i]);
	found = wildmat(str_view(&glob), text);
	str_free(&glob);
	return found;
}

static bool
is_about(const struct rule *rule, struct view address)
{
	struct view addresses = rule->addresses;

	if (!rule->has_addresses)
		return true;
	while (addresses.len > 0)
		if (matches(cut_address(&addresses), address))
			return true;
	return false;
}

/* Does the last such letter of `policy` allow mail from or to `other`?  False, and *allows is left
 * alone, if there is none. */
static bool
policy_says(struct view policy, char letter, struct view other, bool *allows)
{
	struct rule rule, last = { 0 };

	while (policy.len > 0 && cut_rule(&policy, &rule))
		if (ascii_lower(rule.letter) == letter)
			last = rule;
	if (!last.letter)
		return false;
	*allows = (last.letter != letter) == is_about(&last, other);
	return true;
}

static bool
find_user(struct view users, struct view local, struct view *policy)
{
	struct view item, user, user_policy;
	bool found = false;

	while (cut_item(&users, &item))
		if (view_cut(item, ':', &user, &user_policy) && matches(user, local)) {
			*policy = user_policy;
			found = true;
		}
	return found;
}

static bool
allows(const struct domain_policy *domain, char letter, const struct address *user,
    const struct address *other)
{
	struct view policy;
	bool answer = true;

	if (domain->line &&
	    !(find_user(domain->users, user->local, &policy) &&
		policy_says(policy, letter, other->whole, &answer)))
		policy_says(domain->policy, letter, other->whole, &answer);
	return answer;
}

enum empf_verdict
empf_decide(const struct control_list *lines, const struct empf_question *q,
    struct empf_ruling *why)
{
	struct domain_policy from = { 0 }, to = { 0 };
	bool same;

	if (q->has_local_sender && q->sender->has_at &&
	    !find_domain(lines, q->sender->domain, &from, why))
		return EMPF_BROKEN;
	if (q->has_local_recipient && q->recipient->has_at &&
	    !find_domain(lines, q->recipient->domain, &to, why))
		return EMPF_BROKEN;
	same = from.line && from.line == to.line;
	why->fault = NULL;
	why->line = from.line;
	if (!allows(&from, same ? 'l' : 'r', q->sender, q->recipient))
		return EMPF_DENIED;
	why->line = to.line;
	if (!allows(&to, same ? 'i' : 'e', q->recipient, q->sender))
		return EMPF_DENIED;
	return EMPF_ALLOWED;
}
