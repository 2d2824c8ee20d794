/* newrcpt: for thousands of little worlds out of few words, the list says what deliverable() says; in
 * worlds that no list can say, it refuses nobody that deliverable() does not. */
#include "users/newrcpt.h"

#include <stdio.h>

#include "lib/mem.h"
#include "unit/unit.h"

enum {
	WORLDS = 400,
	ADDRESSES = 300,
	THINGS = 6, /* of a kind, at most */
	PIECES = 4, /* of a name */
	TEXT = 64,  /* octets of one */
};

/* --- chance ---------------------------------------------------------------------------------------- */

static unsigned
chance(unsigned long *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(*seed >> 33) % below;
}

static void
make_name(unsigned long *seed, char out[TEXT])
{
	static const char *const pieces[] = { "a", "b", "-", "-", "a-", "b-a", "default",
		"-default", ".", ":", "ab", "A" };
	unsigned count = 1 + chance(seed, PIECES);

	out[0] = '\0';
	while (count-- > 0)
		strcat(out, pieces[chance(seed, COUNT(pieces))]);
}

/* --- a world ---------------------------------------------------------------------------------------- */

struct assignment {
	char local[TEXT]; /* in lower case, as in users/cdb */
	bool wildcard;
	unsigned home;
	const char *dash;
	char ext[TEXT];
};

struct world {
	struct routes routes;
	struct assignment assignments[THINGS];
	unsigned assignment_count;
	struct roster roster;
	struct roster_user users[THINGS];
	char user_names[THINGS][TEXT];
	struct home homes[THINGS]; /* the last is alias's */
	struct home_file files[THINGS][THINGS];
	char file_names[THINGS][THINGS][TEXT];
	char home_names[THINGS][TEXT];
	char text[TEXT * THINGS];
};

static void
to_lower(char *text)
{
	for (; *text; text++)
		if (*text == 'A')
			*text = 'a';
}

static int
by_name(const void *one, const void *two)
{
	const struct home_file *a = one, *b = two;

	return view_compare(a->name, b->name);
}

static int
users_by_name(const void *one, const void *two)
{
	const struct roster_user *a = one, *b = two;
	int order = view_compare(a->name, b->name);

	return order ? order : a->order < b->order ? -1 : 1;
}

static void
make_homes(struct world *w, unsigned long *seed, bool rough)
{
	unsigned i, j;

	for (i = 0; i < THINGS; i++) {
		struct home *home = &w->homes[i];

		sprintf(w->home_names[i], "/home/%u", i);
		*home = (struct home) { .path = view_of(w->home_names[i]),
			.state = DOTQMAIL_PRESENT,
			.files = w->files[i],
			.count = chance(seed, THINGS) };
		if (chance(seed, 8) == 0)
			home->state =
			    chance(seed, 2) ? DOTQMAIL_FORBIDDEN : DOTQMAIL_FAILED;
		for (j = 0; j < home->count; j++) {
			char name[TEXT];
			struct home_file *file = &home->files[j];

			make_name(seed, name);
			sprintf(w->file_names[i][j], ".qmail%s%s",
			    chance(seed, 6) ? "-" : "",
			    chance(seed, 5) ? name : "default");
			*file = (struct home_file) { view_of(w->file_names[i][j]),
				DOTQMAIL_PRESENT, false };
			if (rough && chance(seed, 5) == 0) {
				file->state = DOTQMAIL_ABSENT;
				file->is_directory = true;
			}
		}
		qsort(home->files, home->count, sizeof *home->files, by_name);
	}
}

static void
make_users(struct world *w, unsigned long *seed, bool rough)
{
	unsigned i;

	w->roster.users = w->users;
	w->roster.count = 1 + chance(seed, THINGS - 1);
	for (i = 0; i < w->roster.count; i++) {
		char *name = w->user_names[i];

		do
			make_name(seed, name);
		while (!rough && strstr(name, "-default"));
		to_lower(name);
		if (i == 0 && chance(seed, 10))
			strcpy(name, "alias");
		w->users[i] = (struct roster_user) { .name = view_of(name),
			.home = w->homes[i ? i : THINGS - 1].path,
			.order = i,
			.counts = chance(seed, 5) > 0 };
	}
	qsort(w->users, w->roster.count, sizeof *w->users, users_by_name);
}

static void
make_assignments(struct world *w, unsigned long *seed, bool rough)
{
	static const char *const dashes[] = { "-", "-", "-", "", "-a-" };
	unsigned i;

	w->assignment_count = chance(seed, THINGS);
	for (i = 0; i < w->assignment_count; i++) {
		struct assignment *a = &w->assignments[i];

		make_name(seed, a->local);
		to_lower(a->local);
		a->wildcard = chance(seed, 2) > 0;
		if (!rough && !a->wildcard && strstr(a->local, "-default"))
			a->wildcard = true;
		if (!rough && a->wildcard)
			strcat(a->local, "-");
		if (a->wildcard && chance(seed, 20) == 0)
			a->local[0] = '\0';
		a->home = chance(seed, THINGS);
		a->dash = dashes[chance(seed, COUNT(dashes))];
		a->ext[0] = '\0';
		if (chance(seed, 3) == 0)
			make_name(seed, a->ext);
		if (!rough && a->ext[0])
			strcat(a->ext, "-");
	}
}

static void
make_routes(struct world *w, unsigned long *seed, bool rough)
{
	char name[TEXT];

	route_table_parse(&w->routes.locals,
	    chance(seed, 10) ? VIEW("here\nOther\n")
		: rough      ? VIEW("here\n.wild\n")
			     : VIEW("here\n"),
	    0);
	strcpy(w->text, "mine:a\n.wild:b\nnot.wild:\nmine:");
	make_name(seed, name);
	strcat(strcat(w->text, name), "\n");
	if (chance(seed, 3) == 0)
		strcat(w->text, ":alias-x\n");
	make_name(seed, name);
	if (rough || !strstr(name, "-default"))
		strcat(
		    strcat(w->text, name), chance(seed, 2) ? "@here:b\n" : "@x.wild:b\n");
	if (rough)
		strcat(w->text, "a@.wild:a\nb@:a\n@here:a\na-default@mine:b\n");
	route_table_parse(&w->routes.virtualdomains, view_of(w->text), ':');
	route_table_parse(&w->routes.percenthack,
	    rough && chance(seed, 5) == 0 ? VIEW("here\nfar\n") : VIEW(""), 0);
	str_set(&w->routes.envnoathost,
	    chance(seed, 2)       ? VIEW("here")
		: chance(seed, 2) ? VIEW("y.wild")
				  : VIEW("far"));
}

static struct world *
make_world(unsigned long *seed, bool rough)
{
	struct world *w = mem_alloc_zeroed(1, sizeof *w);

	make_homes(w, seed, rough);
	make_users(w, seed, rough);
	make_assignments(w, seed, rough);
	make_routes(w, seed, rough);
	return w;
}

/* --- what is so in it -------------------------------------------------------------------------------- */

static const struct assignment *
find_assignment(const struct world *w, struct view lower)
{
	const struct assignment *best = NULL;
	unsigned i;

	for (i = 0; i < w->assignment_count; i++)
		if (!w->assignments[i].wildcard &&
		    view_equal(lower, view_of(w->assignments[i].local)))
			return &w->assignments[i];
	for (i = 0; i < w->assignment_count; i++) {
		const struct assignment *a = &w->assignments[i];

		if (a->wildcard && view_starts(lower, view_of(a->local)) &&
		    (!best || strlen(a->local) > strlen(best->local)))
			best = a;
	}
	return best;
}

static bool
find_account(void *context, struct view local, struct account *out, const char **why)
{
	const struct world *w = context;
	const struct assignment *a;
	struct str lower = { 0 };

	str_append_lower(&lower, local);
	a = find_assignment(w, str_view(&lower));
	str_free(&lower);
	*why = "no alias";
	if (!a)
		return roster_find(&w->roster, local, out) == GETPW_FOUND;
	str_set(&out->home, w->homes[a->home].path);
	str_set(&out->dash, view_of(a->dash));
	str_set(&out->ext, view_of(a->ext));
	if (a->wildcard)
		str_append(&out->ext, view_from(local, strlen(a->local)));
	return true;
}

static const struct home *
find_home(void *context, const struct account *account)
{
	const struct world *w = context;
	unsigned i;

	for (i = 0; i < THINGS - 1; i++)
		if (view_equal(w->homes[i].path, str_view(&account->home)))
			break;
	return &w->homes[i];
}

static enum dotqmail
look_at_home(void *context, const struct account *account)
{
	return find_home(context, account)->state;
}

static enum dotqmail
look_at_file(void *context, const struct account *account, const char *name)
{
	return home_file_state(find_home(context, account), view_of(name));
}

/* --- the list, and how it is read --------------------------------------------------------------------- */

struct keys {
	struct rcptset_item *items;
	size_t count;
	struct arena mem;
};

static void
take(void *context, struct view key, bool good)
{
	struct keys *k = context;

	k->items = mem_resize(k->items, (k->count + 1) * sizeof *k->items);
	k->items[k->count++] =
	    (struct rcptset_item) { arena_copy(&k->mem, key), false, good };
}

static const struct rcptset_item *
find_key(const struct keys *k, struct view local, const char *end, struct view host)
{
	struct str key = { 0 };
	size_t i;

	str_append(&key, local);
	str_append_text(&key, end);
	str_append(&key, host);
	for (i = 0; i < k->count && !view_equal(k->items[i].name, str_view(&key)); i++)
		continue;
	str_free(&key);
	return i < k->count ? &k->items[i] : NULL;
}

static const struct rcptset_item *
find_at(const struct keys *k, struct view local, struct view host)
{
	const struct rcptset_item *item = find_key(k, local, "", host);
	size_t i;

	for (i = local.len; !item && i > 0; i--)
		if (local.at[i - 1] == '-')
			item = find_key(k, view_first(local, i), "default", host);
	return item ? item : find_key(k, VIEW(""), "", host);
}

static bool
is_listed(const struct keys *k, struct view address)
{
	size_t at = view_rindex(address, '@');
	struct view local = view_first(address, at), host = view_from(address, at), rest;
	const struct rcptset_item *item = find_at(k, local, host);

	for (rest = view_from(host, 2); !item && host.len > 0;
	     rest = view_from(rest, 1)) {
		char wildcard[TEXT];

		rest = view_from(rest, view_index(rest, '.'));
		sprintf(wildcard, "@%.*s", (int)rest.len, rest.at);
		if (find_key(k, VIEW(""), "", view_of(wildcard)))
			item = find_at(k, local, view_of(wildcard));
	}
	return item && item->good;
}

static void
make_keys(struct census *c, struct world *w, struct keys *keys)
{
	unsigned i;

	newrcpt_count_routes(c, &w->routes);
	newrcpt_count_users(c, &w->roster);
	for (i = 0; i < w->assignment_count; i++)
		if (w->assignments[i].wildcard)
			census_start(c, view_of(w->assignments[i].local));
		else
			census_local(c, view_of(w->assignments[i].local));
	rcptset_sort(c->set);
	newrcpt_list(c, &w->routes, take, keys);
}

/* Half of them begin with a name that is there. */
static void
make_address(const struct world *w, unsigned long *seed, char out[4 * TEXT])
{
	static const char *const hosts[] = { "", "@here", "@HERE", "@other", "@mine",
		"@x.wild", "@not.wild", "@z.y.wild", "@far", "@a.far", "@.wild", "@wild",
		"@" };
	char name[TEXT];

	out[0] = '\0';
	if (chance(seed, 3) == 0 && w->assignment_count > 0)
		strcpy(out, w->assignments[chance(seed, w->assignment_count)].local);
	else if (chance(seed, 3) == 0)
		strcpy(out, w->user_names[chance(seed, (unsigned)w->roster.count)]);
	if (chance(seed, 3) == 0)
		strcat(out, "-");
	if (chance(seed, 3) == 0 || !*out) {
		make_name(seed, name);
		strcat(out, name);
	} else if (chance(seed, 2)) {
		const struct home *home = &w->homes[chance(seed, THINGS)];

		if (home->count > 0)
			strcat(out,
			    home->files[chance(seed, (unsigned)home->count)].name.at + 6);
		if (chance(seed, 4) == 0)
			strcat(out, chance(seed, 2) ? "/a" : "%far");
	}
	strcat(out, hosts[chance(seed, COUNT(hosts))]);
}

/* Returns how many the list refuses. */
static unsigned
compare_all(const struct census *c, const struct world *w, const struct keys *keys,
    unsigned long seed, bool rough)
{
	char address[4 * TEXT];
	struct str lower = { 0 };
	unsigned i, refused = 0;

	for (i = 0; i < ADDRESSES; i++) {
		const char *why;
		bool good, listed;

		make_address(w, &seed, address);
		if (address[0] == '@') /* nobody's */
			continue;
		good = deliverable(c->sources, view_of(address), &why) != DELIVERABLE_NO;
		str_clear(&lower);
		str_append_lower(&lower, view_of(address));
		listed = is_listed(keys, str_view(&lower));
		if (good ? !listed : listed && !rough)
			fail_msg("%s: the list says %d, the delivery %d, %s", address,
			    listed, good, w->text);
		refused += !listed;
	}
	str_free(&lower);
	return refused;
}

static void
end_world(struct world *w, struct rcptset *set, struct keys *keys)
{
	routes_free(&w->routes);
	mem_free(w);
	rcptset_free(set);
	mem_free(keys->items);
	arena_free(&keys->mem);
}

static void
try_worlds(bool rough)
{
	unsigned long seed;
	unsigned refused = 0;

	for (seed = 1; seed <= WORLDS; seed++) {
		unsigned long state = seed;
		struct world *w = make_world(&state, rough);
		struct rcptset set = { 0 };
		struct keys keys = { 0 };
		struct deliverable_sources sources = { w, &w->routes, find_account,
			look_at_home, look_at_file, NULL };
		struct census census = { &sources, find_home, &set };

		make_keys(&census, w, &keys);
		refused += compare_all(&census, w, &keys, state, rough);
		end_world(w, &set, &keys);
	}
	assert_true(refused > WORLDS * ADDRESSES / 10);
}

static void
the_list_says_what_the_delivery_says(void **state)
{
	(void)state;
	try_worlds(false);
}

static void
nobody_is_refused_that_is_there(void **state)
{
	(void)state;
	try_worlds(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_says_what_the_delivery_says),
		cmocka_unit_test(nobody_is_refused_that_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
