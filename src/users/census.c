#include "users/census.h"

#include "users/dotfile.h"

static const struct view NOBODY = CENSUS_NOBODY;
static const struct view DEFAULT = { "default", 7 };

static bool
is_good(const struct census *c, struct view local)
{
	const char *why;

	return deliverable_local(c->sources, local, &why) != DELIVERABLE_NO;
}

static bool
nobody_is_good(const struct census *c, struct view start)
{
	struct str local = { 0 };
	bool good;

	str_set(&local, start);
	str_append(&local, NOBODY);
	good = is_good(c, str_view(&local));
	str_free(&local);
	return good;
}

/* The beginning that `local` is a part of. */
static struct view
beginning_of(struct view local)
{
	size_t dash = view_rindex(local, '-');

	return view_first(local, dash == local.len ? 0 : dash + 1);
}

static void
add_to_beginning(struct census *c, struct view local, bool good)
{
	struct view beginning = beginning_of(local);

	rcptset_add(c->set, beginning, true, good || nobody_is_good(c, beginning));
}

static void
add_start(struct census *c, struct view start)
{
	add_to_beginning(c, start, nobody_is_good(c, start));
}

/* In the list "x-default" is the key of all that start with "x-", too. */
static void
add_local(struct census *c, struct view local)
{
	if (view_ends(local, VIEW("-default")))
		add_to_beginning(c, local, is_good(c, local));
	else if (local.len > 0)
		rcptset_add(c->set, local, false, is_good(c, local));
}

void
census_local(struct census *c, struct view local)
{
	struct str lower = { 0 };

	str_append_lower(&lower, local);
	add_local(c, str_view(&lower));
	str_free(&lower);
}

/* --- the files of a home ------------------------------------------------------------------------ */

/* What is behind `start` in an address that finds `file`; "default" is cut off. */
struct found {
	struct view start, rest;
	enum { FOUND_LOCAL, FOUND_BEGINNING, FOUND_DIRECTORY } kind;
};

static void
add_address(struct census *c, struct view address, const struct found *found)
{
	struct str start = { 0 };

	switch (found->kind) {
	case FOUND_LOCAL:
		add_local(c, address);
		break;
	case FOUND_BEGINNING:
		add_start(c, address);
		break;
	case FOUND_DIRECTORY:
		str_set(&start, address);
		str_append_byte(&start, '/');
		add_start(c, str_view(&start));
		break;
	}
	str_free(&start);
}

/* Which of the ':' in it are a '.' is what the bits of `dots` say. */
static void
make_address(struct str *out, const struct found *found, unsigned dots)
{
	size_t i;

	str_set(out, found->start);
	for (i = 0; i < found->rest.len; i++) {
		char c = found->rest.at[i];

		if (c == ':') {
			c = dots & 1 ? '.' : ':';
			dots >>= 1;
		}
		str_append_byte(out, c);
	}
}

static unsigned
count_colons(struct view v)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < v.len; i++)
		count += v.at[i] == ':';
	return count;
}

/* Too many to say: they are taken together, from the first ':' on. */
static void
add_blurred(struct census *c, const struct found *found)
{
	struct str address = { 0 };

	make_address(&address, found, 0);
	str_cut(&address, found->start.len + view_index(found->rest, ':'));
	add_to_beginning(c, str_view(&address), true);
	str_free(&address);
}

/* All addresses that find it.  *left is how many the home has left. */
static void
add_found(struct census *c, const struct found *found, unsigned *left)
{
	unsigned colons = count_colons(found->rest), dots;
	struct str address = { 0 };

	if (colons > CENSUS_DOTS_MAX || *left < 1u << colons) {
		add_blurred(c, found);
		return;
	}
	for (dots = 0; dots < 1u << colons; dots++) {
		make_address(&address, found, dots);
		add_address(c, str_view(&address), found);
	}
	*left -= 1u << colons;
	str_free(&address);
}

static void
add_file(
    struct census *c, struct found *found, const struct home_file *file, unsigned *left)
{
	struct view whole = found->rest;

	found->kind = FOUND_DIRECTORY;
	if (file->is_directory)
		add_found(c, found, left);
	found->kind = FOUND_LOCAL;
	add_found(c, found, left);
	if (!view_ends(whole, DEFAULT))
		return;
	found->kind = FOUND_BEGINNING;
	found->rest = view_first(whole, whole.len - DEFAULT.len);
	add_found(c, found, left);
}

static void
add_files(struct census *c, struct view start, const struct account *account,
    const struct home *home)
{
	unsigned left = CENSUS_ADDRESSES_MAX;
	struct str before = { 0 }; /* in the name, what no address decides */
	size_t i;

	dotfile_name(&before, str_view(&account->dash), str_view(&account->ext), "");
	for (i = 0; i < home->count; i++) {
		struct view name = home->files[i].name;
		struct found found = { .start = start };

		if (!view_starts(name, str_view(&before)))
			continue;
		found.rest = view_from(name, before.len);
		add_file(c, &found, &home->files[i], &left);
	}
	str_free(&before);
}

/* --- who owns them ------------------------------------------------------------------------------ */

static void
add_home(struct census *c, struct view start)
{
	void *context = c->sources->context;
	struct account account = { 0 };
	struct str local = { 0 };
	const char *why;

	str_set(&local, start);
	str_append(&local, NOBODY);
	if (c->sources->account(context, str_view(&local), &account, &why) &&
	    account.dash.len > 0 && view_ends(str_view(&account.ext), NOBODY)) {
		str_cut(&account.ext, account.ext.len - NOBODY.len);
		add_files(c, start, &account, c->home(context, &account));
	}
	account_free(&account);
	str_free(&local);
}

void
census_start(struct census *c, struct view start)
{
	struct str lower = { 0 };

	str_append_lower(&lower, start);
	add_start(c, str_view(&lower));
	add_local(c, str_view(&lower));
	add_home(c, str_view(&lower));
	str_free(&lower);
}
