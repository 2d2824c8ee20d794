#include "config/cdbmap.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>

#include "lib/fd.h"
#include "lib/mem.h"

struct cdbmap {
	struct cdb cdb;
	int fd;
	struct str path;
};

enum answer
cdbmap_open(const char *path, struct cdbmap **out, struct problem *problem)
{
	struct cdbmap *map;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	*out = NULL;
	if (fd < 0) {
		if (errno == ENOENT)
			return ANSWER_NO;
		problem_note(problem, path, 0, "unreadable", errno);
		return ANSWER_ERROR;
	}
	map = mem_alloc_zeroed(1, sizeof *map);
	map->fd = fd;
	str_append_text(&map->path, path);
	if (cdb_init(&map->cdb, fd) < 0) {
		problem_note(problem, path, 0, "not a cdb file", errno);
		fd_close(&map->fd);
		str_free(&map->path);
		mem_free(map);
		return ANSWER_ERROR;
	}
	*out = map;
	return ANSWER_YES;
}

void
cdbmap_close(struct cdbmap *map)
{
	if (!map)
		return;
	cdb_free(&map->cdb);
	fd_close(&map->fd);
	str_free(&map->path);
	mem_free(map);
}

enum answer
cdbmap_find(
    struct cdbmap *map, struct view key, struct str *data, struct problem *problem)
{
	int found = cdb_find(&map->cdb, key.at, (unsigned)key.len);
	const char *bytes;

	if (found == 0)
		return ANSWER_NO;
	if (found > 0) {
		if (!data)
			return ANSWER_YES;
		bytes = cdb_getdata(&map->cdb);
		if (bytes) {
			str_set(data, (struct view) { bytes, cdb_datalen(&map->cdb) });
			return ANSWER_YES;
		}
	}
	problem_note(problem, str_text(&map->path), 0, "corrupt", errno);
	return ANSWER_ERROR;
}

enum answer
cdbmap_each(
    struct cdbmap *map, cdbmap_taker *take, void *context, struct problem *problem)
{
	unsigned position;
	int result;

	cdb_seqinit(&position, &map->cdb);
	while ((result = cdb_seqnext(&position, &map->cdb)) > 0) {
		const char *key = cdb_getkey(&map->cdb), *data = cdb_getdata(&map->cdb);

		if (!key || !data)
			break;
		take(context, (struct view) { key, cdb_keylen(&map->cdb) },
		    (struct view) { data, cdb_datalen(&map->cdb) });
	}
	if (result == 0)
		return ANSWER_YES;
	problem_note(problem, str_text(&map->path), 0, "corrupt", errno);
	return ANSWER_ERROR;
}
