#define _GNU_SOURCE
#include "repair/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/view.h"

int
tree_open(const struct repair *r, const char *path)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = openat(r->layout.fd, path, flags | O_NOFOLLOW);
	struct stat st;

	if (fd >= 0 || (errno != ENOTDIR && errno != ELOOP))
		return fd;
	if (fstatat(r->layout.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) && (st.st_uid == 0 || st.st_uid == getuid()))
		return openat(r->layout.fd, path, flags);
	return errno = ENOTDIR, -1;
}

/* As its user: somebody else's directory may have been looked at before. */
static DIR *
open_directory(struct repair *r, enum layout_dir whose, const char *path)
{
	DIR *dir;
	int fd;

	repair_as(r, whose);
	fd = tree_open(r, path);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		fd_close(&fd);
	return dir;
}

struct visit {
	struct repair *r;
	enum layout_dir dir;
	bool report;
	tree_each_file *each;
	void *context;
};

static void
report_stray(const struct visit *v, const char *at, const char *name)
{
	struct str path = { 0 };

	if (!v->report || strchr(name, '.') || strcmp(name, "lost+found") == 0)
		return;
	str_append_text(&path, at);
	str_append_byte(&path, '/');
	str_append_text(&path, name);
	repair_left(v->r, str_text(&path), "is no file of qmail's");
	str_free(&path);
}

static void
visit_file(const struct visit *v, struct tree_file *f, const char *at, const char *name)
{
	uint64_t k = f->part;

	if (fstatat(f->holder, name, &f->st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (k == TREE_FLAT)
		name_flat(f->path, layout_name(v->dir), f->number);
	else
		name_split(f->path, layout_name(v->dir), k, f->number);
	f->name = strrchr(f->path, '/') + 1;
	/* "007" is a number to nobody else. */
	if (!S_ISREG(f->st.st_mode) || strcmp(f->name, name) != 0)
		report_stray(v, at, name);
	else
		v->each(v->r, f, v->context);
}

static bool
is_directory(int holder, const char *name)
{
	struct stat st;

	return fstatat(holder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

static void visit_part(const struct visit *v, const char *at, uint64_t part);

/* What was called for the entry before may have acted as somebody else. */
static void
visit_entry(
    const struct visit *v, const char *at, uint64_t part, int holder, const char *name)
{
	struct tree_file f = { .dir = v->dir, .part = part, .holder = holder };
	char below[NAME_MAX_OCTETS];

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	repair_as(v->r, v->dir);
	if (!name_number(view_of(name), &f.number)) {
		report_stray(v, at, name);
	} else if (part == TREE_FLAT && is_directory(holder, name)) {
		name_flat(below, layout_name(v->dir), f.number);
		visit_part(v, below, f.number);
	} else {
		visit_file(v, &f, at, name);
	}
}

static void
visit_part(const struct visit *v, const char *at, uint64_t part)
{
	DIR *dir = open_directory(v->r, v->dir, at);
	const struct dirent *entry;

	if (!dir) {
		repair_left(v->r, at, strerror(errno));
		return;
	}
	while ((entry = readdir(dir)))
		visit_entry(v, at, part, dirfd(dir), entry->d_name);
	closedir(dir);
}

void
tree_each(struct repair *r, enum layout_dir dir, bool report, tree_each_file *each,
    void *context)
{
	struct visit v = { r, dir, report, each, context };

	visit_part(&v, layout_name(dir), TREE_FLAT);
}

void
tree_each_subdirectory(
    struct repair *r, enum layout_dir dir, tree_each_part *each, void *context)
{
	DIR *open = open_directory(r, dir, layout_name(dir));
	const struct dirent *entry;
	uint64_t part;

	while (open && (entry = readdir(open)))
		if (name_number(view_of(entry->d_name), &part) &&
		    is_directory(dirfd(open), entry->d_name))
			each(r, part, context);
	if (open)
		closedir(open);
}

int
tree_stat(struct repair *r, enum layout_dir dir, uint64_t n, struct stat *st)
{
	char path[NAME_MAX_OCTETS];

	repair_as(r, dir);
	layout_path(&r->layout, dir, n, path);
	return fstatat(r->layout.fd, path, st, AT_SYMLINK_NOFOLLOW);
}

/* What cannot be looked at is taken for present: nothing is removed or overwritten for it. */
bool
tree_has(struct repair *r, enum layout_dir dir, uint64_t n)
{
	struct stat st;

	return tree_stat(r, dir, n, &st) == 0 || errno != ENOENT;
}

int
tree_remove(struct repair *r, enum layout_dir dir, uint64_t n)
{
	char path[NAME_MAX_OCTETS];

	repair_as(r, dir);
	layout_path(&r->layout, dir, n, path);
	return unlinkat(r->layout.fd, path, 0) == 0 || errno == ENOENT ? 0 : -1;
}
