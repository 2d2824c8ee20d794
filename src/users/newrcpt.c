#include "users/newrcpt.h"

#include "config/cdbmap.h"
#include "config/control.h"
#include "config/domainmap.h"

static const struct view NOBODY = CENSUS_NOBODY;
static const struct view DEFAULT = { "default", 7 };

/* --- who may be there --------------------------------------------------------------------------- */

static void
take_key(void *context, struct view key, struct view data)
{
	struct census *c = context;

	(void)data;
	if (key.len == 0 || key.at[0] != '!')
		return;
	key = view_from(key, 1);
	if (key.len > 0 && key.at[key.len - 1] == '\0')
		census_local(c, view_first(key, key.len - 1));
	else
		census_start(c, key);
}

enum answer
newrcpt_count_cdb(struct census *c, struct problem *problem)
{
	struct cdbmap *map;
	enum answer answer = cdbmap_open("users/cdb", &map, problem);

	if (answer != ANSWER_YES)
		return answer == ANSWER_NO ? ANSWER_YES : answer;
	answer = cdbmap_each(map, take_key, c, problem);
	cdbmap_close(map);
	return answer;
}

void
newrcpt_count_users(struct census *c, const struct roster *roster)
{
	struct str start = { 0 };
	size_t i;

	for (i = 0; i < roster->count; i++) {
		str_set(&start, roster->users[i].name);
		census_local(c, str_view(&start));
		str_append_byte(&start, '-');
		census_start(c, str_view(&start));
	}
	census_start(c, VIEW("")); /* alias */
	str_free(&start);
}

/* --- domains ------------------------------------------------------------------------------------- */

/* "@domain" for each name in one file of the routes. */
static void
add_hosts(struct str *out, const struct route_table *table, bool has_values)
{
	struct control_list lines = { 0 };
	size_t i;

	control_list_parse(str_view(&table->text), &lines);
	for (i = 0; i < lines.count; i++) {
		struct view name = lines.entries[i].text;

		if (has_values)
			name = view_first(name, view_index(name, ':'));
		if (view_index(name, '@') < name.len)
			continue;
		str_append_byte(out, '@');
		str_append_lower(out, name);
		str_append_byte(out, '\n');
	}
	control_list_free(&lines);
}

/* "@domain" for each name in the routes, and "@"; in lower case, some more than once. */
static void
list_hosts(const struct routes *routes, struct control_list *out)
{
	struct str text = { 0 };

	str_append_text(&text, "@\n");
	add_hosts(&text, &routes->locals, false);
	add_hosts(&text, &routes->virtualdomains, true);
	add_hosts(&text, &routes->percenthack, false);
	control_list_parse(str_view(&text), out);
	str_free(&text);
}

/* Does anything at `host`, "@domain" or "", need to be taken?  What percenthack rewrites can be for
 * anybody; and a name of locals that looks like a wildcard would be one in the list. */
static bool
is_open(const struct routes *routes, struct view host)
{
	struct view domain = view_from(host, 1);

	if (host.len == 0)
		domain = str_view(&routes->envnoathost);
	return domainmap_find(&routes->percenthack.map, domain, NULL) ||
	    (view_starts(domain, VIEW(".")) && host.len > 0 &&
		domainmap_find(&routes->locals.map, domain, NULL));
}

/* What is put before local parts at `host`.  False: all of them are taken, or not for us. */
static bool
find_start(const struct routes *routes, struct view host, struct str *start)
{
	struct str address = { 0 }, routed = { 0 };
	bool is_local;

	str_set(&address, NOBODY);
	str_append(&address, host);
	is_local =
	    route_recipient(routes, str_view(&address), &routed) == CHANNEL_LOCAL &&
	    !is_open(routes, host);
	str_free(&address);
	str_cut(&routed, view_rindex(str_view(&routed), '@') - NOBODY.len);
	str_clear(start);
	str_append_lower(start, str_view(&routed));
	str_free(&routed);
	return is_local;
}

static void
count_host(struct census *c, const struct routes *routes, struct view host)
{
	struct str start = { 0 };

	if (find_start(routes, host, &start))
		census_start(c, str_view(&start));
	str_free(&start);
}

void
newrcpt_count_routes(struct census *c, const struct routes *routes)
{
	struct control_list hosts = { 0 };
	size_t i;

	list_hosts(routes, &hosts);
	for (i = 0; i < hosts.count; i++)
		count_host(c, routes, hosts.entries[i].text);
	count_host(c, routes, VIEW(""));
	control_list_free(&hosts);
}

/* --- keys ---------------------------------------------------------------------------------------- */

struct list {
	newrcpt_taker *take;
	void *context;
	struct view host;
	struct str key;
};

static void
take_item(void *context, const struct rcptset_item *item)
{
	struct list *list = context;

	str_set(&list->key, item->name);
	if (item->begins && item->name.len > 0)
		str_append(&list->key, DEFAULT);
	str_append(&list->key, list->host);
	list->take(list->context, str_view(&list->key), item->good);
}

static void
list_host(struct list *list, const struct census *c, const struct routes *routes)
{
	struct str start = { 0 };

	if (find_start(routes, list->host, &start))
		rcptset_each(c->set, str_view(&start), take_item, list);
	else
		list->take(list->context, list->host, true);
	str_free(&start);
}

/* An address that virtualdomains names decides for itself: unless its key would for others, too. */
static void
list_address(struct list *list, const struct census *c, const struct routes *routes,
    struct view address)
{
	size_t at = view_rindex(address, '@');
	struct view local = view_first(address, at), domain = view_from(address, at + 1);
	const char *why;
	bool good;

	if (at == address.len || local.len == 0)
		return;
	good = domain.len == 0 || domain.at[0] == '.' ||
	    view_ends_nocase(local, VIEW("-default")) ||
	    deliverable(c->sources, address, &why) != DELIVERABLE_NO;
	str_clear(&list->key);
	str_append_lower(&list->key, address);
	list->take(list->context, str_view(&list->key), good);
	if (view_equal_nocase(domain, str_view(&routes->envnoathost)))
		list->take(
		    list->context, view_first(str_view(&list->key), local.len), good);
}

static void
list_addresses(struct list *list, const struct census *c, const struct routes *routes)
{
	struct control_list lines = { 0 };
	struct view address, value;
	size_t i;

	control_list_parse(str_view(&routes->virtualdomains.text), &lines);
	for (i = 0; i < lines.count; i++)
		if (view_cut(lines.entries[i].text, ':', &address, &value))
			list_address(list, c, routes, address);
	control_list_free(&lines);
}

void
newrcpt_list(const struct census *c, const struct routes *routes, newrcpt_taker *take,
    void *context)
{
	struct list list = { .take = take, .context = context };
	struct control_list hosts = { 0 };
	struct domainmap lines;
	struct domainmap_hit hit;
	size_t i;

	list_addresses(&list, c, routes);
	list_hosts(routes, &hosts);
	domainmap_of(&lines, str_view(&hosts.bytes), 0);
	for (i = 0; i < hosts.count; i++) {
		list.host = hosts.entries[i].text;
		if (domainmap_find(&lines, list.host, &hit) &&
		    hit.line == hosts.entries[i].line)
			list_host(&list, c, routes);
	}
	list.host = VIEW("");
	list_host(&list, c, routes);
	domainmap_free(&lines);
	control_list_free(&hosts);
	str_free(&list.key);
}
