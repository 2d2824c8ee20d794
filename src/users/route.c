#include "users/route.h"

void
route_table_parse(struct route_table *table, struct view text, char separator)
{
	str_set(&table->text, text);
	domainmap_of(&table->map, str_view(&table->text), separator);
}

void
route_table_free(struct route_table *table)
{
	domainmap_free(&table->map);
	str_free(&table->text);
}

enum answer
route_table_read(const char *file, const char *heir, char separator,
    struct route_table *out, struct problem *problem)
{
	struct str text = { 0 };
	enum answer answer = control_bytes(file, &text, problem);

	if (answer == ANSWER_NO && heir)
		answer = control_line(heir, &text, problem);
	if (answer != ANSWER_YES) {
		str_free(&text);
		return answer;
	}
	out->text = text;
	domainmap_of(&out->map, str_view(&out->text), separator);
	return ANSWER_YES;
}

enum answer
routes_read(struct routes *out, struct problem *problem)
{
	enum answer answer =
	    route_table_read("control/locals", "control/me", 0, &out->locals, problem);

	if (answer == ANSWER_NO)
		problem_note(problem, "control/me", 0, "missing", 0);
	if (answer != ANSWER_YES ||
	    route_table_read("control/virtualdomains", NULL, ':', &out->virtualdomains,
		problem) == ANSWER_ERROR ||
	    route_table_read("control/percenthack", NULL, 0, &out->percenthack,
		problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	answer = control_line_or(
	    "control/envnoathost", "control/me", &out->envnoathost, problem);
	if (answer == ANSWER_NO)
		str_set(&out->envnoathost, VIEW("envnoathost"));
	return answer == ANSWER_ERROR ? ANSWER_ERROR : ANSWER_YES;
}

void
routes_free(struct routes *r)
{
	route_table_free(&r->locals);
	route_table_free(&r->virtualdomains);
	route_table_free(&r->percenthack);
	str_free(&r->envnoathost);
}

static struct view
domain_of(struct view address)
{
	size_t at = view_rindex(address, '@');

	return view_from(address, at == address.len ? at : at + 1);
}

/* While the domain is one of percenthack's: user%host@domain is user@host. */
static void
apply_percenthack(const struct routes *r, struct str *address)
{
	for (;;) {
		struct view whole = str_view(address);
		size_t at = view_rindex(whole, '@');
		size_t percent = view_rindex(view_first(whole, at), '%');

		if (at == whole.len || percent == at ||
		    !domainmap_find(&r->percenthack.map, domain_of(whole), NULL))
			return;
		str_cut(address, at);
		address->at[percent] = '@';
	}
}

static bool
find_virtual(const struct routes *r, struct view address, struct domainmap_hit *hit)
{
	const struct domainmap *map = &r->virtualdomains.map;

	return domainmap_find(map, address, hit) ||
	    domainmap_find_suffix(map, domain_of(address), hit) ||
	    domainmap_find(map, VIEW(""), hit);
}

enum channel_kind
route_recipient(const struct routes *r, struct view recipient, struct str *out)
{
	struct str address = { 0 };
	struct domainmap_hit hit;
	enum channel_kind channel = CHANNEL_REMOTE;

	str_set(&address, recipient);
	if (view_index(recipient, '@') == recipient.len) {
		str_append_byte(&address, '@');
		str_append(&address, str_view(&r->envnoathost));
	}
	apply_percenthack(r, &address);
	str_clear(out);
	if (domainmap_find(&r->locals.map, domain_of(str_view(&address)), NULL))
		channel = CHANNEL_LOCAL;
	else if (find_virtual(r, str_view(&address), &hit) && hit.value.len > 0) {
		channel = CHANNEL_LOCAL;
		str_append(out, hit.value);
		str_append_byte(out, '-');
	}
	str_append(out, str_view(&address));
	str_free(&address);
	return channel;
}

struct view
route_strip_prefix(const struct routes *r, struct view recipient)
{
	const struct domainmap *map = &r->virtualdomains.map;
	struct domainmap_hit hit;
	struct view rest;

	if (view_index(recipient, '@') == recipient.len)
		return recipient;
	if (!domainmap_find_suffix(map, domain_of(recipient), &hit) &&
	    !domainmap_find(map, VIEW(""), &hit))
		return recipient;
	if (hit.value.len == 0 || !view_starts(recipient, hit.value))
		return recipient;
	rest = view_from(recipient, hit.value.len);
	return rest.len > 0 && rest.at[0] == '-' ? view_from(rest, 1) : recipient;
}
