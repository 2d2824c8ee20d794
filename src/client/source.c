#include "client/source.h"

#include "config/control.h"
#include "smtp/envelope.h"

static const char DOMAINIPS[] = "control/domainips";

/* "ip%interface", or nothing. */
static bool
parse_address(struct view text, struct ip *out)
{
	struct view interface;

	if (view_cut(text, '%', &text, &interface) && interface.len == 0)
		return false;
	return text.len == 0 || ip_parse_literal(text, out) || ip_parse(text, out);
}

bool
source_parse(struct view value, struct source_value *out)
{
	struct source_value v = { .name = VIEW("") };
	struct view address = view_trim_left(view_trim_right(value));

	view_cut(address, '|', &address, &v.name);
	if (!parse_address(view_trim_right(address), &v.ip) ||
	    envelope_is_forbidden_host(v.name))
		return false;
	*out = v;
	return true;
}

static void
set_address(struct controls *controls, const struct ip *ip, const struct origin *from)
{
	struct ip *place = ip->version == 6 ? &controls->outgoing6 : &controls->outgoing4;

	if (ip->version == 0)
		return;
	*place = ip_is_unspecified(ip) ? (struct ip) { 0 } : *ip;
	*(ip->version == 6 ? &controls->outgoing6_from : &controls->outgoing4_from) =
	    *from;
}

static void
set_name(struct controls *controls, struct view name, const struct origin *from)
{
	if (name.len == 0)
		return;
	str_set(&controls->helohost, name);
	controls->helohost_from = *from;
}

/* All lines of the key, in their order: the last word on each thing counts.  ANSWER_NO: there is no
 * such line. */
static enum answer
take_lines(const struct control_list *list, struct view domain, struct controls *controls,
    struct problem *problem)
{
	enum answer found = ANSWER_NO;
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct source_value value;
		struct view key, rest;
		struct origin from;

		if (!view_cut(list->entries[i].text, ':', &key, &rest) ||
		    !view_equal_nocase(key, domain))
			continue;
		if (!source_parse(rest, &value)) {
			problem_note(problem, DOMAINIPS, list->entries[i].line,
			    "not an address and a name", 0);
			return ANSWER_ERROR;
		}
		origin_note(&from, DOMAINIPS, list->entries[i].line);
		set_address(controls, &value.ip, &from);
		set_name(controls, value.name, &from);
		found = ANSWER_YES;
	}
	return found;
}

static enum answer
choose_by_sender(struct view sender, struct controls *controls, struct problem *problem)
{
	size_t at = view_rindex(sender, '@');
	struct control_list list = { 0 };
	enum answer found = control_list(DOMAINIPS, &list, problem);

	if (found != ANSWER_YES)
		return found;
	found = ANSWER_NO;
	if (at < sender.len)
		found = take_lines(&list, view_from(sender, at + 1), controls, problem);
	if (found == ANSWER_NO)
		found = take_lines(&list, VIEW("*"), controls, problem);
	control_list_free(&list);
	return found;
}

/* The directory of a named route. */
static void
note_route(struct origin *from, const struct route *route)
{
	struct str path = { 0 };

	str_append_text(&path, "control/routes/");
	str_append(&path, str_view(&route->name));
	origin_note(from, str_text(&path), 0);
	str_free(&path);
}

enum answer
source_choose(struct view sender, const struct route *route, struct controls *controls,
    struct problem *problem)
{
	struct origin from;

	if (choose_by_sender(sender, controls, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	note_route(&from, route);
	set_address(controls, &route->source4, &from);
	set_address(controls, &route->source6, &from);
	set_name(controls, str_view(&route->helo), &from);
	return ANSWER_YES;
}
