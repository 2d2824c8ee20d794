#include "users/homes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "os/identity.h"
#include "users/failure.h"

void
homes_free(struct homes *h)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		mem_free(h->homes[i]->files);
	mem_free(h->homes);
	arena_free(&h->mem);
	*h = (struct homes) { 0 };
}

static void
note_failure(struct homes *h, struct view path, const char *name, int error)
{
	struct str whole = { 0 };

	if (!h->failed.what) {
		str_set(&whole, path);
		if (name) {
			str_append_byte(&whole, '/');
			str_append_text(&whole, name);
		}
		problem_note(&h->failed, str_text(&whole), 0, "unreadable", error);
	}
	str_free(&whole);
}

/* --- reading ------------------------------------------------------------------------------------- */

static void
add_file(struct homes *h, struct home *home, const char *name, enum dotqmail state,
    bool is_directory)
{
	if ((home->count & (home->count - 1)) == 0) /* full: 0, 1, 2, 4, 8, ... */
		home->files = mem_resize(home->files,
		    (home->count ? 2 * home->count : 1) * sizeof *home->files);
	home->files[home->count++] =
	    (struct home_file) { .name = arena_copy(&h->mem, view_of(name)),
		    .state = state,
		    .is_directory = is_directory };
}

static void
look_at_name(struct homes *h, struct home *home, int directory, const char *name)
{
	struct stat st;

	if (fstatat(directory, name, &st, 0) == 0) {
		if (S_ISREG(st.st_mode))
			add_file(h, home, name, DOTQMAIL_PRESENT, false);
		else if (S_ISDIR(st.st_mode))
			add_file(h, home, name, DOTQMAIL_ABSENT, true);
	} else if (errno == EACCES || errno == EPERM) {
		add_file(h, home, name, DOTQMAIL_FORBIDDEN, true);
	} else if (failure_is_temporary(errno)) {
		note_failure(h, home->path, name, errno);
	}
}

static int
compare_files(const void *one, const void *two)
{
	const struct home_file *a = one, *b = two;

	return view_compare(a->name, b->name);
}

/* All names of an open directory.  0, or -1 with errno. */
static int
read_names(struct homes *h, struct home *home, DIR *directory)
{
	const struct dirent *entry;
	struct stat st;

	if (fstatat(dirfd(directory), ".", &st, 0) < 0) /* may it be searched? */
		return -1;
	while ((errno = 0, entry = readdir(directory)) != NULL) {
		if (strncmp(entry->d_name, ".qmail", 6) != 0)
			continue;
		if (home->count == HOME_FILES_MAX) {
			errno = E2BIG;
			return -1;
		}
		look_at_name(h, home, dirfd(directory), entry->d_name);
	}
	if (errno != 0)
		return -1;
	if (home->count > 0)
		qsort(home->files, home->count, sizeof *home->files, compare_files);
	return 0;
}

static int
read_directory(struct homes *h, struct home *home)
{
	DIR *directory = opendir(home->path.at);
	int result, error;

	if (!directory)
		return -1;
	result = read_names(h, home, directory);
	error = errno;
	closedir(directory);
	errno = error;
	return result;
}

/* What cannot be read for now is a failure of the whole. */
static void
settle(struct homes *h, struct home *home, int error)
{
	home->error = error;
	if (error == 0)
		home->state = DOTQMAIL_PRESENT;
	else if (error == EACCES || error == EPERM)
		home->state = DOTQMAIL_FORBIDDEN;
	else
		home->state = DOTQMAIL_FAILED;
	if (failure_is_temporary(error))
		note_failure(h, home->path, NULL, error);
}

static void
read_home(struct homes *h, struct home *home)
{
	bool is_root = geteuid() == 0;
	int error = 0;

	if (is_root && os_act_as(home->uid, home->gid) < 0) {
		note_failure(h, home->path, NULL, errno);
		return;
	}
	if (read_directory(h, home) < 0)
		error = errno;
	settle(h, home, error);
	if (is_root && os_act_as_root() < 0)
		note_failure(h, home->path, NULL, errno);
}

/* --- asking -------------------------------------------------------------------------------------- */

static int
compare(const struct home *home, const struct account *account)
{
	int by_path = view_compare(home->path, str_view(&account->home));

	if (by_path != 0)
		return by_path;
	if (home->uid != account->uid)
		return home->uid < account->uid ? -1 : 1;
	return home->gid < account->gid ? -1 : home->gid > account->gid;
}

static struct home *
insert(struct homes *h, size_t at, const struct account *account)
{
	struct home *home = arena_alloc(&h->mem, sizeof *home);

	if (h->count == h->size) {
		h->size = h->size ? 2 * h->size : 64;
		h->homes = mem_resize(h->homes, h->size * sizeof(struct home *));
	}
	memmove(
	    h->homes + at + 1, h->homes + at, (h->count - at) * sizeof(struct home *));
	*home = (struct home) { .path = arena_copy(&h->mem, str_view(&account->home)),
		.uid = account->uid,
		.gid = account->gid,
		.state = DOTQMAIL_FAILED };
	h->homes[at] = home;
	h->count++;
	return home;
}

const struct home *
homes_look(struct homes *h, const struct account *account)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(h->homes[middle], account) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == h->count || compare(h->homes[low], account) != 0)
		read_home(h, insert(h, low, account));
	return h->homes[low];
}

static const struct home_file *
named(const struct home *home, struct view name)
{
	struct home_file wanted = { .name = name };

	if (home->count == 0)
		return NULL;
	return bsearch(
	    &wanted, home->files, home->count, sizeof *home->files, compare_files);
}

enum dotqmail
home_file_state(const struct home *home, struct view name)
{
	const struct home_file *file =
	    named(home, view_first(name, view_index(name, '/')));

	if (!file)
		return DOTQMAIL_ABSENT;
	if (view_index(name, '/') < name.len)
		return file->is_directory ? DOTQMAIL_PRESENT : DOTQMAIL_ABSENT;
	return file->state;
}
