/* A cdb file with any bytes in it: the first input byte is the length of the key, the key follows, the rest is
 * the file. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "config/cdbmap.h"
#include "lib/fd.h"
#include "lib/fmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_down(void *context, struct view key, struct view data)
{
	struct str *all = context;

	str_set(all, key);
	str_append(all, data);
}

static void
look_up(const char *path, struct view key)
{
	struct problem problem;
	struct str found = { 0 };
	struct cdbmap *map;

	if (cdbmap_open(path, &map, &problem) == ANSWER_YES) {
		cdbmap_find(map, key, &found, &problem);
		cdbmap_find(map, key, NULL, NULL);
		cdbmap_each(map, write_down, &found, &problem);
		cdbmap_close(map);
	}
	str_free(&found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, key;
	struct str path = { 0 };
	int fd;

	if (size == 0)
		return 0;
	key = view_first(view_from(rest, 1), data[0]);
	rest = view_from(rest, 1 + key.len);
	fd = memfd_create("cdb", MFD_CLOEXEC);
	if (fd < 0 || fd_write_all(fd, rest) < 0)
		abort();
	str_append_text(&path, "/proc/self/fd/");
	fmt_u64(&path, (uint64_t)fd);
	look_up(str_text(&path), key);
	str_free(&path);
	fd_close(&fd);
	return 0;
}
