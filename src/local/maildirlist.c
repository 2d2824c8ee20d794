#define _GNU_SOURCE
#include "local/maildirlist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"

enum { ABANDONED_SECONDS = 36 * 3600 };

/* The directory `name` below `at`, to be read; NULL with errno. */
static DIR *
open_part(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static void
add(struct maildirlist *list, const char *part, const char *name, int64_t time)
{
	struct str path = { 0 };

	if (list->count == list->size) {
		list->size = list->size ? list->size * 2 : 64;
		list->entries =
		    mem_resize(list->entries, list->size * sizeof *list->entries);
	}
	str_append_text(&path, part);
	str_append_byte(&path, '/');
	str_append_text(&path, name);
	list->entries[list->count].path = path.at; /* kept */
	list->entries[list->count].time = time;
	list->count++;
}

/* The next name that does not begin with a dot; NULL at the end, with errno 0, or for an error. */
static const char *
next_name(DIR *dir)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(dir);
	} while (entry && entry->d_name[0] == '.');
	return entry ? entry->d_name : NULL;
}

/* A file that is gone in between, or is none, is no message. */
static int
read_part(struct maildirlist *list, int at, const char *part, int64_t now,
    struct problem *problem)
{
	DIR *dir = open_part(at, part);
	const char *name;
	struct stat st;
	int error = errno;

	while (dir && (name = next_name(dir)))
		if (fstatat(dirfd(dir), name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime < now)
			add(list, part, name, st.st_mtime);
	if (dir)
		error = errno;
	if (dir)
		closedir(dir);
	if (!dir || error) {
		problem_note(problem, part, 0, "unable to scan", error);
		return -1;
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct maildirlist_entry *one = a, *other = b;

	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	return strcmp(strchr(one->path, '/'), strchr(other->path, '/'));
}

int
maildirlist_read(struct maildirlist *list, int dir, int64_t now, struct problem *problem)
{
	if (read_part(list, dir, "new", now, problem) < 0 ||
	    read_part(list, dir, "cur", now, problem) < 0)
		return -1;
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof *list->entries, compare);
	return 0;
}

void
maildirlist_free(struct maildirlist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		mem_free(list->entries[i].path);
	mem_free(list->entries);
	*list = (struct maildirlist) { 0 };
}

void
maildirlist_clean(int at, int64_t now)
{
	DIR *dir = open_part(at, "tmp");
	const char *name;
	struct stat st;

	while (dir && (name = next_name(dir)))
		if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_atime + ABANDONED_SECONDS < now)
			unlinkat(dirfd(dir), name, 0);
	if (dir)
		closedir(dir);
}
