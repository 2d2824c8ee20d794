#include "policy/rcptlist.h"

#include "lib/str.h"

/* One key: is it there?  Then *verdict is what its data says. */
static enum answer
look_up(const struct check_list *list, struct view key, enum answer *verdict,
    struct problem *problem)
{
	struct str data = { 0 };
	enum answer found = cdbmap_find(list->more, key, &data, problem);

	if (found == ANSWER_YES)
		*verdict = data.len > 0 && data.at[0] == '-' ? ANSWER_NO : ANSWER_YES;
	str_free(&data);
	return found;
}

/* The keys of `local` at `host`, which is "@domain" or what stands for it. */
static enum answer
find_at(const struct check_list *list, struct view local, struct view host,
    enum answer *verdict, struct problem *problem)
{
	struct str key = { 0 };
	enum answer found;
	size_t i;

	str_set(&key, local);
	str_append(&key, host);
	found = look_up(list, str_view(&key), verdict, problem);
	for (i = local.len; i > 0 && found == ANSWER_NO; i--) {
		if (local.at[i - 1] != '-')
			continue;
		str_set(&key, view_first(local, i));
		str_append_text(&key, "default");
		str_append(&key, host);
		found = look_up(list, str_view(&key), verdict, problem);
	}
	if (found == ANSWER_NO)
		found = look_up(list, host, verdict, problem);
	str_free(&key);
	return found;
}

/* The wildcard that stands for `domain`, with its '@', into *host: "@" if there is no closer one. */
static enum answer
find_wildcard(const struct check_list *list, struct view domain, struct str *host,
    struct problem *problem)
{
	enum answer found = ANSWER_NO, verdict;

	while (found == ANSWER_NO && domain.len > 0) {
		struct view after = view_from(domain, 1);

		domain = view_from(after, view_index(after, '.'));
		str_set(host, VIEW("@"));
		str_append(host, domain);
		found = look_up(list, str_view(host), &verdict, problem);
	}
	return found;
}

static enum answer
find_wild(const struct check_list *list, struct view local, struct view host,
    enum answer *verdict, struct problem *problem)
{
	struct str wildcard = { 0 };
	enum answer found = find_at(list, local, host, verdict, problem);

	if (found == ANSWER_NO && host.len > 0) {
		found = find_wildcard(list, view_from(host, 1), &wildcard, problem);
		if (found == ANSWER_YES)
			found =
			    find_at(list, local, str_view(&wildcard), verdict, problem);
	}
	str_free(&wildcard);
	return found;
}

enum answer
rcptlist_find(const struct check_list *list, enum rcptlist_form form,
    const struct address *recipient, struct problem *problem)
{
	enum answer verdict = ANSWER_NO, found;
	struct str address = { 0 };
	struct view local, host;

	if (check_list_is_broken(list, problem))
		return ANSWER_ERROR;
	str_append_lower(&address, recipient->whole);
	local = view_first(str_view(&address), recipient->local.len);
	host = view_from(str_view(&address), local.len);
	if (form == RCPTLIST_WILD)
		found = find_wild(list, local, host, &verdict, problem);
	else if (recipient->has_at)
		found = find_at(list, local, host, &verdict, problem);
	else
		found = look_up(list, local, &verdict, problem);
	str_free(&address);
	return found == ANSWER_ERROR ? found : verdict;
}
