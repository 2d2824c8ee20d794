#include "wire/brokerenv.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/view.h"
#include "wire/frame.h"
#include "wire/kinds.h"

extern char **environ;

char **
brokerenv_copy(void)
{
	size_t count = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = mem_alloc((count + 1) * sizeof *copy);
	if (count > 0)
		memcpy(copy, environ, count * sizeof *copy);
	copy[count] = NULL;
	return copy;
}

/* Variables that find no room in the START go before it. */
struct changes {
	struct str *start, *more;
};

static void
add_change(struct changes *c, uint16_t tag, struct view octets)
{
	enum { FIELD_HEADER = 4 };

	if (octets.len + FIELD_HEADER <= FRAME_MAX - c->start->len)
		frame_add(c->start, tag, octets);
	else
		frame_add(c->more, tag, octets);
}

static bool
has_entry(char *const *list, const char *entry)
{
	size_t i;

	for (i = 0; list[i]; i++)
		if (strcmp(list[i], entry) == 0)
			return true;
	return false;
}

static bool
has_name(char *const *list, struct view name)
{
	size_t i;

	for (i = 0; list[i]; i++)
		if (strncmp(list[i], name.at, name.len) == 0 && list[i][name.len] == '=')
			return true;
	return false;
}

void
brokerenv_add_changes(
    struct str *start, struct str *more, char *const *base, char *const *now)
{
	struct changes c = { start, more };
	struct view name, value;
	size_t i, same = 0;

	/* Both are mostly the same, in the same order. */
	while (base[same] && now[same] &&
	    (base[same] == now[same] || strcmp(base[same], now[same]) == 0))
		same++;
	for (i = same; now[i]; i++)
		if (!has_entry(base, now[i]))
			add_change(&c, TAG_BROKER_SET, view_of(now[i]));
	for (i = same; base[i]; i++)
		if (view_cut(view_of(base[i]), '=', &name, &value) &&
		    !has_name(now, name))
			add_change(&c, TAG_BROKER_UNSET, name);
}
