/* Three ways to look a name up say the same as a walk through all entries does: a search in memory, one in a file,
 * and an index.  Input: the separator, the length of the name, the name, how far from the end of the first window of
 * a file the list is to start; the rest is the list. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "config/control.h"
#include "config/domainmap.h"
#include "config/namefile.h"
#include "lib/fd.h"
#include "lib/fmt.h"

enum { ENOUGH = 40, FEW = 2 }; /* searches that make an index, and that do not */

static const char LINE[] =
    "###############################################################\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What all must say. */
static struct domainmap_hit
expected(struct view bytes, struct view wanted, char separator)
{
	struct domainmap_hit hit = { VIEW(""), 0 };
	struct control_list list = { 0 };
	size_t i;

	control_list_parse(bytes, &list);
	for (i = 0; i < list.count; i++) {
		struct view name = list.entries[i].text, value = VIEW("");

		if (separator && !view_cut(name, separator, &name, &value))
			continue;
		if (view_equal_nocase(name, wanted))
			hit = (struct domainmap_hit) {
				{ bytes.at + (value.at - list.bytes.at), value.len },
				list.entries[i].line
			};
	}
	control_list_free(&list);
	return hit;
}

static void
compare(const struct domainmap *map, struct view name, const struct domainmap_hit *right,
    size_t times)
{
	struct domainmap_hit hits[2] = { { VIEW(""), 0 }, { VIEW(""), 0 } };
	struct view names[2] = { VIEW("none.example"), name };
	size_t i;

	for (i = 0; i < times; i++) {
		domainmap_find_all(map, names, 2, hits);
		if (hits[1].line != right->line ||
		    (right->value.len && !view_equal(hits[1].value, right->value)))
			abort();
	}
	if (domainmap_find(map, name, NULL) != (right->line > 0))
		abort();
	domainmap_find_suffix(map, name, NULL);
}

static void
compare_file(struct view bytes, struct view name, size_t times)
{
	struct domainmap_hit right = expected(bytes, name, 0);
	struct domainmap map = { 0 };
	struct problem problem;
	struct str path = { 0 };
	int fd = memfd_create("list", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, bytes) < 0)
		abort();
	str_append_text(&path, "/proc/self/fd/");
	fmt_u64(&path, (uint64_t)fd);
	if (domainmap_open(&map, str_text(&path), &problem) != ANSWER_YES)
		abort();
	compare(&map, name, &right, times);
	if (domainmap_failed(&map, &problem))
		abort();
	domainmap_free(&map);
	str_free(&path);
	fd_close(&fd);
}

/* The list behind lines that fill a window but for `gap` octets. */
static void
compare_behind_padding(struct view list, struct view name, size_t gap)
{
	struct str bytes = { 0 };

	while (bytes.len + gap + sizeof LINE <= NAMEFILE_WINDOW)
		str_append_text(&bytes, LINE);
	while (bytes.len + gap < NAMEFILE_WINDOW)
		str_append_byte(&bytes, '#');
	str_append_byte(&bytes, '\n');
	str_append(&bytes, list);
	while (bytes.len <= NAMEFILE_WINDOW)
		str_append_byte(&bytes, '\n');
	compare_file(str_view(&bytes), name, FEW);
	str_free(&bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, name;
	struct domainmap_hit right;
	struct domainmap map;
	char separator;
	size_t gap;

	if (size < 3)
		return 0;
	separator = rest.at[0] & 1 ? ':' : '\0';
	gap = data[2];
	name = view_first(view_from(rest, 3), data[1]);
	rest = view_from(rest, 3 + name.len);
	right = expected(rest, name, separator);
	domainmap_of(&map, rest, separator);
	compare(&map, name, &right, ENOUGH);
	domainmap_free(&map);
	compare_file(rest, name, gap % 8 ? FEW : ENOUGH);
	compare_behind_padding(rest, name, gap);
	return 0;
}
