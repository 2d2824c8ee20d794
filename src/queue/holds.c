#define _GNU_SOURCE
#include "queue/holds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "lib/scan.h"
#include "lib/sync.h"

void
holds_make_places(void)
{
	/* In a rootless home; else setup made them, as the user of qmail-send.  Others keep things in state/,
	 * too, whatever our umask is. */
	if (mkdir("state", 0755) == 0)
		chmod("state", 0755);
	mkdir("state/send", 0700);
	mkdir(HOLDS_MESSAGES, 0700);
	mkdir(HOLDS_DOMAINS, 0700);
}

bool
holds_is_domain(struct view domain)
{
	size_t i;

	if (domain.len == 0 || domain.len > HOLDS_DOMAIN_MAX || domain.at[0] == '.')
		return false;
	for (i = 0; i < domain.len; i++)
		if (!ascii_is_letter(domain.at[i]) && !ascii_is_digit(domain.at[i]) &&
		    view_index(VIEW(".-_"), domain.at[i]) == 3)
			return false;
	return true;
}

/* --- what is held ----------------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const struct holds_message *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->birth > y->birth) - (x->birth < y->birth);
}

static void
add_message(struct holds *h, struct view name)
{
	struct view id, birth;
	uint64_t n, at;

	if (!view_cut(name, '.', &id, &birth) || !scan_whole_u64(id, &n) ||
	    !scan_whole_u64(birth, &at))
		return;
	if (h->count == h->size) {
		h->size = h->size ? h->size * 2 : 16;
		h->messages = mem_resize(h->messages, h->size * sizeof *h->messages);
	}
	h->messages[h->count++] = (struct holds_message) { n, (int64_t)at };
}

static void
add_domain(struct holds *h, struct view name)
{
	if (!holds_is_domain(name))
		return;
	str_append_lower(&h->domains, name);
	str_append_byte(&h->domains, '\0');
}

static int
read_place(struct holds *h, const char *path, void (*add)(struct holds *, struct view))
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while ((errno = 0, entry = readdir(dir)))
		add(h, view_of(entry->d_name));
	if (errno != 0) {
		closedir(dir);
		return -1;
	}
	return closedir(dir);
}

int
holds_read(struct holds *h)
{
	struct holds found = { 0 };

	if (read_place(&found, HOLDS_MESSAGES, add_message) < 0 ||
	    read_place(&found, HOLDS_DOMAINS, add_domain) < 0) {
		holds_free(&found);
		return -1;
	}
	if (found.count > 0)
		qsort(found.messages, found.count, sizeof *found.messages, compare);
	holds_free(h);
	*h = found;
	return 0;
}

void
holds_free(struct holds *h)
{
	mem_free(h->messages);
	str_free(&h->domains);
	*h = (struct holds) { 0 };
}

bool
holds_message(const struct holds *h, uint64_t id, int64_t birth)
{
	struct holds_message key = { id, birth };

	return h->count > 0 &&
	    bsearch(&key, h->messages, h->count, sizeof key, compare) != NULL;
}

bool
holds_domain(const struct holds *h, struct view domain)
{
	struct view rest = str_view(&h->domains), name;

	while (view_cut(rest, '\0', &name, &rest))
		if (view_equal_nocase(name, domain))
			return true;
	return false;
}

/* --- changes ---------------------------------------------------------------------------------------------- */

/* *changed: it was otherwise before. */
static int
put(const char *path, bool held, bool *changed)
{
	int fd;

	*changed = true;
	if (!held)
		return unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST) { /* a link or a pipe is no hold */
		*changed = false;
		fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	fd_close(&fd);
	return 0;
}

/* Who is told that it failed finds it as it was. */
static int
set(const char *place, const char *path, bool held)
{
	bool changed, ignored;
	int saved;

	if (put(path, held, &changed) < 0)
		return !held && errno == ENOENT ? 0 : -1;
	if (sync_directory(AT_FDCWD, place) == 0)
		return 0;
	saved = errno;
	if (changed)
		(void)put(path, !held, &ignored);
	return errno = saved, -1;
}

int
holds_set_message(uint64_t id, int64_t birth, bool held)
{
	struct str path = { 0 };
	int result;

	str_append_text(&path, HOLDS_MESSAGES "/");
	fmt_u64(&path, id);
	str_append_byte(&path, '.');
	fmt_u64(&path, birth > 0 ? (uint64_t)birth : 0);
	result = set(HOLDS_MESSAGES, str_text(&path), held);
	str_free(&path);
	return result;
}

static void
forget_domain(struct holds *h, struct view domain)
{
	struct view rest = str_view(&h->domains), name;
	struct str kept = { 0 };

	while (view_cut(rest, '\0', &name, &rest))
		if (!view_equal_nocase(name, domain)) {
			str_append(&kept, name);
			str_append_byte(&kept, '\0');
		}
	str_free(&h->domains);
	h->domains = kept;
}

int
holds_set_domain(struct holds *h, struct view domain, bool held)
{
	struct str path = { 0 };
	int result;

	if (!holds_is_domain(domain))
		return errno = EINVAL, -1;
	str_append_text(&path, HOLDS_DOMAINS "/");
	str_append_lower(&path, domain);
	result = set(HOLDS_DOMAINS, str_text(&path), held);
	str_free(&path);
	if (result < 0)
		return -1;
	forget_domain(h, domain);
	if (held)
		add_domain(h, domain);
	return 0;
}
