#include "check/nearname.h"

#include "config/controlfiles.h"
#include "lib/ascii.h"

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The table of distances of all beginnings, three rows of it at a time. */
unsigned
nearname_distance(struct view a, struct view b)
{
	unsigned rows[3][NEARNAME_MAX + 1], *two = rows[0], *one = rows[1],
					    *row = rows[2];
	size_t i, k;

	if (a.len > NEARNAME_MAX || b.len > NEARNAME_MAX)
		return NEARNAME_FAR;
	for (k = 0; k <= b.len; k++)
		one[k] = (unsigned)k;
	for (i = 1; i <= a.len; i++) {
		unsigned *spare = two;

		row[0] = (unsigned)i;
		for (k = 1; k <= b.len; k++) {
			char x = ascii_lower(a.at[i - 1]), y = ascii_lower(b.at[k - 1]);

			row[k] = least(
			    one[k - 1] + (x != y), least(one[k] + 1, row[k - 1] + 1));
			if (i > 1 && k > 1 && x == ascii_lower(b.at[k - 2]) &&
			    y == ascii_lower(a.at[i - 2]))
				row[k] = least(row[k], two[k - 2] + 1);
		}
		two = one;
		one = row;
		row = spare;
	}
	return least(one[b.len], NEARNAME_FAR);
}

const char *
nearname_find(struct view name)
{
	unsigned best = NEARNAME_FAR;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < controlfiles_count(); i++) {
		const char *candidate = controlfiles_at(i)->name;
		unsigned distance = nearname_distance(name, view_of(candidate));

		/* of a short name two octets are most of it */
		if (distance < best && (distance < 2 || name.len > 5)) {
			best = distance;
			found = candidate;
		}
	}
	return found;
}
