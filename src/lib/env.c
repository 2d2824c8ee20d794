#define _XOPEN_SOURCE 700
#include "lib/env.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

extern char **environ;

const char *
env_value(const char *name)
{
	return getenv(name);
}

void
env_put(char *entry)
{
	putenv(entry);
}

void
env_unset(const char *name)
{
	unsetenv(name);
}

static size_t
position(const struct env_list *list, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < list->count; i++)
		if (strncmp(list->entries[i], name, len) == 0 &&
		    list->entries[i][len] == '=')
			break;
	return i;
}

static void
make_room(struct env_list *list)
{
	if (list->count + 1 < list->size)
		return;
	list->size = list->size ? list->size * 2 : 64;
	list->entries = mem_resize(list->entries, list->size * sizeof *list->entries);
}

static void
add(struct env_list *list, char *entry)
{
	make_room(list);
	list->entries[list->count++] = entry;
	list->entries[list->count] = NULL;
}

static char *
entry_of(struct view name, struct view value)
{
	char *entry = mem_alloc(name.len + value.len + 2);

	memcpy(entry, name.at, name.len);
	entry[name.len] = '=';
	if (value.len)
		memcpy(entry + name.len + 1, value.at, value.len);
	entry[name.len + 1 + value.len] = '\0';
	return entry;
}

void
env_list_inherit(struct env_list *list)
{
	char **at;

	for (at = environ; at && *at; at++) {
		struct view name, value;

		if (view_cut(view_of(*at), '=', &name, &value))
			add(list, entry_of(name, value));
	}
}

void
env_list_copy(struct env_list *list, const struct env_list *from)
{
	size_t i;

	for (i = 0; i < from->count; i++) {
		struct view name, value;

		if (view_cut(view_of(from->entries[i]), '=', &name, &value))
			add(list, entry_of(name, value));
	}
}

/* Every entry of that name: a caller may have handed us several, and the one left over would
 * come to light. */
void
env_list_unset(struct env_list *list, const char *name)
{
	size_t i;

	while ((i = position(list, name)) < list->count) {
		mem_free(list->entries[i]);
		list->entries[i] = list->entries[--list->count];
		list->entries[list->count] = NULL;
	}
}

void
env_list_set(struct env_list *list, const char *name, struct view value)
{
	char *entry = entry_of(view_of(name), view_first(value, view_index(value, '\0')));

	env_list_unset(list, name);
	add(list, entry);
}

char *const *
env_list_array(struct env_list *list)
{
	make_room(list);
	list->entries[list->count] = NULL;
	return list->entries;
}

void
env_list_free(struct env_list *list)
{
	while (list->count > 0)
		mem_free(list->entries[--list->count]);
	mem_free(list->entries);
	*list = (struct env_list) { 0 };
}
