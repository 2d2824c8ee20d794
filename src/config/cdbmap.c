#include "config/cdbmap.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "config/present.h"
#include "lib/fd.h"
#include "lib/mem.h"

enum { HEADER = 2048 }; /* of a cdb: what is shorter is none */

struct cdbmap {
	int fd;
	off_t size;
	struct str path;
};

/* Of a regular file; -1 with errno. */
static off_t
size_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	errno = EPROTO;
	return S_ISREG(st.st_mode) && st.st_size >= HEADER ? st.st_size : -1;
}

enum answer
cdbmap_open(const char *path, struct cdbmap **out, struct problem *problem)
{
	int fd = present_open(path);
	off_t size;

	*out = NULL;
	if (fd < 0) {
		if (errno == ENOENT)
			return ANSWER_NO;
		problem_note(problem, path, 0, "unreadable", errno);
		return ANSWER_ERROR;
	}
	size = size_of(fd);
	if (size < 0) {
		problem_note(problem, path, 0, "not a cdb file", errno);
		fd_close(&fd);
		return ANSWER_ERROR;
	}
	*out = mem_alloc(sizeof **out);
	**out = (struct cdbmap) { .fd = fd, .size = size };
	str_append_text(&(*out)->path, path);
	return ANSWER_YES;
}

void
cdbmap_close(struct cdbmap *map)
{
	if (!map)
		return;
	fd_close(&map->fd);
	str_free(&map->path);
	mem_free(map);
}

/* The data of a record, at which cdb_seek() has left the descriptor.  0, or -1 with errno. */
static int
read_data(const struct cdbmap *map, unsigned len, struct str *data)
{
	struct str bytes = { 0 };

	if (len > INT_MAX || (off_t)len > map->size) {
		errno = EPROTO;
		return -1;
	}
	str_reserve(&bytes, len);
	if (cdb_bread(map->fd, bytes.at, (int)len) < 0) {
		str_wipe(&bytes);
		return -1;
	}
	bytes.len = len;
	bytes.at[len] = '\0';
	str_wipe(data); /* it may be a credential */
	*data = bytes;
	return 0;
}

enum answer
cdbmap_find(
    struct cdbmap *map, struct view key, struct str *data, struct problem *problem)
{
	unsigned len = 0;
	int found = cdb_seek(map->fd, key.at, (unsigned)key.len, &len);

	if (found > 0 && data)
		found = read_data(map, len, data) < 0 ? -1 : found;
	if (found >= 0)
		return found > 0 ? ANSWER_YES : ANSWER_NO;
	problem_note(problem, str_text(&map->path), 0, "corrupt", errno);
	return ANSWER_ERROR;
}

/* All of the file is read: for that a mapping is the better way. */
enum answer
cdbmap_each(
    struct cdbmap *map, cdbmap_taker *take, void *context, struct problem *problem)
{
	struct cdb cdb;
	unsigned position;
	int result = cdb_init(&cdb, map->fd);

	if (result == 0) {
		cdb_seqinit(&position, &cdb);
		while ((result = cdb_seqnext(&position, &cdb)) > 0) {
			const char *key = cdb_getkey(&cdb), *data = cdb_getdata(&cdb);

			if (!key || !data)
				break;
			take(context, (struct view) { key, cdb_keylen(&cdb) },
			    (struct view) { data, cdb_datalen(&cdb) });
		}
		cdb_free(&cdb);
	}
	if (result == 0)
		return ANSWER_YES;
	problem_note(problem, str_text(&map->path), 0, "corrupt", errno);
	return ANSWER_ERROR;
}

enum answer
cdbmap_first(struct cdbmap *map, struct str *data, struct problem *problem)
{
	struct cdb cdb;
	unsigned position;
	const char *bytes = NULL;
	int result = cdb_init(&cdb, map->fd);

	if (result == 0) {
		cdb_seqinit(&position, &cdb);
		result = cdb_seqnext(&position, &cdb);
		if (result > 0)
			bytes = cdb_getdata(&cdb);
		if (bytes)
			str_set(data, (struct view) { bytes, cdb_datalen(&cdb) });
		cdb_free(&cdb);
	}
	if (result == 0 || bytes)
		return bytes ? ANSWER_YES : ANSWER_NO;
	problem_note(problem, str_text(&map->path), 0, "corrupt", errno);
	return ANSWER_ERROR;
}
