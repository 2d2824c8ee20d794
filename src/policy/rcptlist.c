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

/* The keys of `address`, which is in lower case and has its '@' at `at`, behind the first. */
static enum answer
find_default(const struct check_list *list, struct view address, size_t at,
    enum answer *verdict, struct problem *problem)
{
	struct view domain = view_from(address, at);
	struct str key = { 0 };
	enum answer found = ANSWER_NO;
	size_t i;

	for (i = at; i > 0 && found == ANSWER_NO; i--) {
		if (address.at[i - 1] != '-')
			continue;
		str_set(&key, view_first(address, i));
		str_append_text(&key, "default");
		str_append(&key, domain);
		found = look_up(list, str_view(&key), verdict, problem);
	}
	if (found == ANSWER_NO)
		found = look_up(list, domain, verdict, problem);
	str_free(&key);
	return found;
}

enum answer
rcptlist_find(const struct check_list *list, const struct address *recipient,
    struct problem *problem)
{
	enum answer verdict = ANSWER_NO, found;
	struct str address = { 0 };

	*problem = list->broken;
	if (list->broken.what)
		return ANSWER_ERROR;
	str_append_lower(&address, recipient->whole);
	found = look_up(list, str_view(&address), &verdict, problem);
	if (found == ANSWER_NO && recipient->has_at)
		found = find_default(
		    list, str_view(&address), recipient->local.len, &verdict, problem);
	str_free(&address);
	return found == ANSWER_ERROR ? found : verdict;
}
