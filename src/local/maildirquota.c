#include "local/maildirquota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"

static const char file_name[] = "maildirsize";

/* --- the file ------------------------------------------------------------------------------------- */

/* A regular file and no link: who can write to the Maildir shall not make us write elsewhere. */
static int
open_file(int root, int flags)
{
	int fd = openat(root, file_name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	fd_close(&fd);
	errno = EINVAL;
	return -1;
}

struct account {
	struct str bytes;
	size_t sums; /* lines behind the first */
	struct stat status;
};

/* False if it is missing, unreadable or too long. */
static bool
read_file(int root, struct account *a)
{
	int fd = open_file(root, O_RDONLY);
	bool is_read = fd >= 0 && fstat(fd, &a->status) == 0 &&
	    fd_read_all(fd, &a->bytes, MAILDIRQUOTA_FILE_MAX) == 0;
	size_t i;

	fd_close(&fd);
	for (i = 0; is_read && i < a->bytes.len; i++)
		a->sums += a->bytes.at[i] == '\n';
	if (a->sums > 0)
		a->sums--;
	return is_read;
}

/* --- whose quota ---------------------------------------------------------------------------------- */

/* The first line, if there is a file.  Only that is read: a file of any length has one. */
static const char *
read_quota(struct maildirquota *q)
{
	char line[256];
	int fd = open_file(q->root, O_RDONLY);
	bool is_missing = fd < 0 && errno == ENOENT;
	ssize_t n = fd >= 0 ? fd_read(fd, line, sizeof line) : -1;
	struct view text;

	fd_close(&fd);
	if (n < 0)
		return is_missing ? "" : "unreadable";
	text = (struct view) { line, (size_t)n };
	text = view_trim_right(view_first(text, view_index(text, '\n')));
	if (!quota_parse(text, &q->quota))
		return "no quota in its first line";
	str_set(&q->text, text);
	return NULL;
}

/* With maildirfolder in it, and in another Maildir; Dovecot puts that file into any. */
static bool
is_folder(int dir)
{
	return faccessat(dir, file_name, F_OK, AT_EACCESS) < 0 &&
	    faccessat(dir, "maildirfolder", F_OK, AT_EACCESS) == 0 &&
	    faccessat(dir, "../new", F_OK, AT_EACCESS) == 0;
}

void
maildirquota_open(struct maildirquota *q, int dir, struct view given, const char **why)
{
	const char *trouble = NULL;
	struct stat st;

	*q = (struct maildirquota) { .root = dir, .mode = 0600 };
	*why = NULL;
	if (is_folder(dir)) {
		q->root = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		q->is_folder = true;
	}
	if (fstatat(q->root, file_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		q->mode = st.st_mode & 0777;
	if (q->root < 0)
		trouble = "unreadable";
	else if (given.len == 0)
		trouble = read_quota(q);
	else if (quota_parse(given, &q->quota))
		str_set(&q->text, given);
	else
		trouble = "no quota";
	if (trouble && *trouble)
		*why = trouble;
	if (trouble || (q->quota.octets == 0 && q->quota.messages == 0))
		maildirquota_close(q);
}

void
maildirquota_close(struct maildirquota *q)
{
	if (q->is_folder)
		fd_close(&q->root);
	str_free(&q->text);
	*q = (struct maildirquota) { .root = -1 };
}

/* --- counting ------------------------------------------------------------------------------------- */

bool
maildirquota_size_in_name(struct view name, uint64_t *octets)
{
	struct view base = view_first(name, view_index(name, ':'));
	struct view field;

	while (view_cut(base, ',', &field, &base)) {
		struct view rest = view_first(base, view_index(base, ','));

		if (view_starts(rest, VIEW("S=")) &&
		    scan_whole_u64(view_from(rest, 2), octets))
			return true;
	}
	return false;
}

bool
maildirquota_is_trashed(struct view name)
{
	struct view flags = view_from(name, view_rindex(name, ':'));

	return view_starts(flags, VIEW(":2,")) && view_index(flags, 'T') < flags.len;
}

struct count {
	struct quota used;
	struct timespec newest; /* change of a directory */
};

static void
note_change(struct count *c, const struct timespec *changed)
{
	if (changed->tv_sec > c->newest.tv_sec ||
	    (changed->tv_sec == c->newest.tv_sec && changed->tv_nsec > c->newest.tv_nsec))
		c->newest = *changed;
}

/* A message that goes away while we count is not counted. */
static void
count_message(struct count *c, int dir, const char *name)
{
	struct stat st;
	uint64_t octets;

	if (name[0] == '.' || maildirquota_is_trashed(view_of(name)))
		return;
	if (!maildirquota_size_in_name(view_of(name), &octets)) {
		if (fstatat(dir, name, &st, 0) < 0)
			return;
		octets = (uint64_t)st.st_size;
	}
	c->used.octets =
	    octets > UINT64_MAX - c->used.octets ? UINT64_MAX : c->used.octets + octets;
	c->used.messages++;
}

static DIR *
open_list(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	if (!list)
		fd_close(&fd);
	return list;
}

/* new/ or cur/ of a Maildir; with `contents`, what is in it. */
static void
count_directory(struct count *c, int maildir, const char *name, bool contents)
{
	DIR *list = open_list(maildir, name);
	struct dirent *entry;
	struct stat st;

	if (!list)
		return;
	if (fstat(dirfd(list), &st) == 0)
		note_change(c, &st.st_mtim);
	while (contents && (entry = readdir(list)))
		count_message(c, dirfd(list), entry->d_name);
	closedir(list);
}

static void
count_maildir(struct count *c, int maildir, bool contents)
{
	count_directory(c, maildir, "new", contents);
	count_directory(c, maildir, "cur", contents);
}

static bool
is_counted_folder(const char *name)
{
	return name[0] == '.' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	    strcmp(name, ".Trash") != 0;
}

static void
count_all(struct count *c, int root, bool contents)
{
	DIR *list = open_list(root, ".");
	struct dirent *entry;

	*c = (struct count) { .newest = { 0, 0 } };
	count_maildir(c, root, contents);
	while (list && (entry = readdir(list))) {
		int folder = is_counted_folder(entry->d_name)
		    ? openat(root, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		    : -1;

		if (folder >= 0)
			count_maildir(c, folder, contents);
		fd_close(&folder);
	}
	if (list)
		closedir(list);
}

/* --- a new file ----------------------------------------------------------------------------------- */

static void
append_sum(struct str *out, uint64_t octets, uint64_t messages)
{
	fmt_u64(out, octets);
	str_append_byte(out, ' ');
	fmt_u64(out, messages);
	str_append_byte(out, '\n');
}

/* The quota may be nowhere else, so the new file is on the disk before the old one goes. */
static int
write_file(const struct maildirquota *q, const struct quota *used, const char *path)
{
	struct str text = { 0 };
	int fd = openat(q->root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, q->mode);
	int status = -1;

	str_append(&text, str_view(&q->text));
	str_append_byte(&text, '\n');
	append_sum(&text, used->octets, used->messages);
	if (fd >= 0 && fd_write_all(fd, str_view(&text)) == 0 && fsync(fd) == 0 &&
	    renameat(q->root, path, q->root, file_name) == 0)
		status = 0;
	else if (fd >= 0)
		unlinkat(q->root, path, 0);
	fd_close(&fd);
	str_free(&text);
	return status;
}

/* What came or went while we counted is in no sum: then the file goes, and the next one counts. */
static void
recount(const struct maildirquota *q, const char *unique, struct quota *used)
{
	struct count before, after;
	struct str path = { 0 };

	count_all(&before, q->root, true);
	str_append_text(&path, "tmp/");
	str_append_text(&path, unique);
	str_append_byte(&path, '.');
	str_append_text(&path, file_name);
	if (write_file(q, &before.used, str_text(&path)) == 0) {
		count_all(&after, q->root, false);
		if (after.newest.tv_sec != before.newest.tv_sec ||
		    after.newest.tv_nsec != before.newest.tv_nsec)
			unlinkat(q->root, file_name, 0);
	}
	str_free(&path);
	*used = before.used;
}

/* --- the question --------------------------------------------------------------------------------- */

static bool
fits(const struct quota *limit, const struct quota *used, uint64_t octets)
{
	if (limit->octets &&
	    (octets > limit->octets || used->octets > limit->octets - octets))
		return false;
	return !limit->messages || used->messages < limit->messages;
}

static bool
is_of_quota(const struct account *a, const struct maildirquota *q)
{
	struct view bytes = str_view(&a->bytes);

	return view_equal(view_trim_right(view_first(bytes, view_index(bytes, '\n'))),
	    str_view(&q->text));
}

bool
maildirquota_has_room(
    struct maildirquota *q, uint64_t octets, int64_t now, const char *unique)
{
	struct account a = { .sums = 0 };
	struct quota used = { 0 };
	bool has_room, is_known;

	if (q->root < 0)
		return true;
	is_known = read_file(q->root, &a) && is_of_quota(&a, q) &&
	    quota_parse_maildirsize(str_view(&a.bytes), &used);
	has_room = is_known && fits(&q->quota, &used, octets);
	if (!has_room &&
	    !(is_known && a.sums == 1 && now - a.status.st_mtime < MAILDIRQUOTA_FRESH)) {
		recount(q, unique, &used);
		has_room = fits(&q->quota, &used, octets);
	}
	str_free(&a.bytes);
	return has_room;
}

void
maildirquota_add(const struct maildirquota *q, uint64_t octets)
{
	struct str line = { 0 };
	int fd;

	if (q->root < 0)
		return;
	fd = open_file(q->root, O_WRONLY | O_APPEND);
	append_sum(&line, octets, 1);
	/* What is not written is found when all is counted. */
	if (fd >= 0)
		fd_write_all(fd, str_view(&line));
	fd_close(&fd);
	str_free(&line);
}
