#define _XOPEN_SOURCE 700
#include "lib/env.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

extern char **environ;

/* A session asks for more than a hundred variables, and hardly any is set: most entries are passed
 * over at their first octet, without a call. */
static char *const *
find(char *const *entries, const char *name)
{
	size_t len = strlen(name);
	char *const *at;

	for (at = entries; at && *at; at++)
		if (**at == *name && strncmp(*at, name, len) == 0 && (*at)[len] == '=')
			return at;
	return NULL;
}

static const char *
value_of(char *const *entry)
{
	return entry ? strchr(*entry, '=') + 1 : NULL;
}

const char *
env_value(const char *name)
{
	return value_of(find(environ, name));
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

/* All in one allocation: there are dozens, and most stay as they are. */
static void
fill(struct env_list *list, char *const *from)
{
	char *const *at;
	size_t octets = 0;
	char *to;

	for (at = from; at && *at; at++)
		octets += strlen(*at) + 1;
	to = list->block = mem_alloc(octets);
	for (at = from; at && *at; at++) {
		if (!strchr(*at, '='))
			continue;
		add(list, to);
		to = stpcpy(to, *at) + 1;
	}
	list->in_block = list->count;
}

void
env_list_inherit(struct env_list *list)
{
	fill(list, environ);
}

void
env_list_copy(struct env_list *list, const struct env_list *from)
{
	fill(list, from->entries);
}

const char *
env_list_value(const struct env_list *list, const char *name)
{
	return value_of(find(list->entries, name));
}

/* The last entry takes the place of the one that goes; those in the block stay the first. */
static void
take_out(struct env_list *list, size_t i)
{
	if (i < list->in_block) {
		list->entries[i] = list->entries[--list->in_block];
		i = list->in_block;
	} else {
		mem_free(list->entries[i]);
	}
	list->entries[i] = list->entries[--list->count];
	list->entries[list->count] = NULL;
}

/* Every entry of that name: a caller may have handed us several, and the one left over would
 * come to light. */
void
env_list_unset(struct env_list *list, const char *name)
{
	char *const *entry;

	while ((entry = find(list->entries, name)))
		take_out(list, (size_t)(entry - list->entries));
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
	while (list->count > list->in_block)
		mem_free(list->entries[--list->count]);
	mem_free(list->block);
	mem_free(list->entries);
	*list = (struct env_list) { 0 };
}
