/* maildirmake - make a Maildir, or a folder in one, and set its quota.  See maildirmake(1). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/str.h"
#include "lib/sync.h"
#include "local/maildirquota.h"
#include "os/os.h"

enum { EXIT_USAGE = 100, EXIT_FAILED = 111, COUNT_TRIES = 10 };

static const char *const parts[] = { "tmp", "new", "cur" };
enum { PARTS = sizeof parts / sizeof *parts };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "maildirmake: fatal: out of memory\n", EXIT_FAILED);
}

static _Noreturn void
usage(void)
{
	complain("maildirmake: usage: maildirmake [ -q quota ] [ -f folder ] name",
	    (char *)NULL);
	_exit(EXIT_USAGE);
}

static _Noreturn void
fail(const char *what, const char *path)
{
	complain("maildirmake: fatal: ", what, path, ": ", strerror(errno), (char *)NULL);
	_exit(EXIT_FAILED);
}

static void
set_part(struct str *path, const char *name, const char *part)
{
	str_set(path, view_of(name));
	str_append_byte(path, '/');
	str_append_text(path, part);
}

/* What was made of it goes again, so that the command can be repeated. */
static void
unmake(const char *name, size_t made)
{
	struct str path = { 0 };
	int error = errno;

	while (made > 0) {
		set_part(&path, name, parts[--made]);
		rmdir(str_text(&path));
	}
	rmdir(name);
	str_free(&path);
	errno = error;
}

/* The directory and its three parts, on disk when this returns. */
static void
make(const char *name)
{
	struct str path = { 0 };
	size_t i;

	if (mkdir(name, 0700) < 0)
		fail("unable to mkdir ", name);
	for (i = 0; i < PARTS; i++) {
		set_part(&path, name, parts[i]);
		if (mkdir(str_text(&path), 0700) < 0) {
			unmake(name, i);
			fail("unable to mkdir ", str_text(&path));
		}
	}
	str_free(&path);
	if (sync_directory(AT_FDCWD, name) < 0 || sync_parent(name) < 0)
		fail("unable to sync ", name);
}

static bool
is_maildir(const char *name)
{
	struct str path = { 0 };
	struct stat st;
	bool is = true;
	size_t i;

	for (i = 0; i < PARTS && is; i++) {
		set_part(&path, name, parts[i]);
		is = stat(str_text(&path), &st) == 0 && S_ISDIR(st.st_mode);
	}
	str_free(&path);
	return is;
}

/* A dot in the name stands for a level: "lists.qmail" is qmail in lists. */
static bool
is_folder_name(struct view name)
{
	return name.len > 0 && name.at[0] != '.' && name.at[name.len - 1] != '.' &&
	    view_index(name, '/') == name.len && !view_contains(name, VIEW(".."));
}

/* The folder is a Maildir below the Maildir, its name behind a dot, with an empty file that says what
 * it is. */
static void
make_folder(const char *maildir, const char *folder)
{
	struct str path = { 0 };
	int fd;

	if (!is_folder_name(view_of(folder))) {
		errno = EINVAL;
		fail("not the name of a folder: ", folder);
	}
	if (!is_maildir(maildir)) {
		errno = ENOENT;
		fail("not a Maildir: ", maildir);
	}
	set_part(&path, maildir, ".");
	str_append_text(&path, folder);
	make(str_text(&path));
	str_append_text(&path, "/maildirfolder");
	fd = open(str_text(&path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || sync_parent(str_text(&path)) < 0)
		fail("unable to create ", str_text(&path));
	fd_close(&fd);
	str_free(&path);
}

/* --- the quota ---------------------------------------------------------------------------------- */

/* As every reader of maildirsize takes it. */
static void
append_quota(struct str *out, const struct quota *q)
{
	if (q->octets) {
		fmt_u64(out, q->octets);
		str_append_byte(out, 'S');
	}
	if (q->octets && q->messages)
		str_append_byte(out, ',');
	if (q->messages) {
		fmt_u64(out, q->messages);
		str_append_byte(out, 'C');
	}
}

static void
remove_quota(const char *maildir)
{
	struct str path = { 0 };

	set_part(&path, maildir, "maildirsize");
	if (unlink(str_text(&path)) < 0 && errno != ENOENT)
		fail("unable to remove ", str_text(&path));
	str_free(&path);
}

/* Count what is there, and write that behind the quota.  Who counts while mail comes removes his file again:
 * then once more, because the quota is nowhere else. */
static bool
count(int dir, struct view quota, const char *unique)
{
	struct maildirquota q;
	const char *why;
	int tries = 0;
	bool is_there = false;

	while (!is_there && tries++ < COUNT_TRIES) {
		maildirquota_open(&q, dir, quota, &why);
		if (q.root < 0)
			return false;
		maildirquota_has_room(&q, 0, time(NULL), unique);
		is_there = faccessat(q.root, "maildirsize", F_OK, 0) == 0;
		maildirquota_close(&q);
	}
	return is_there;
}

static void
set_quota(const char *maildir, const char *text)
{
	struct quota quota = { 0 };
	struct str canonical = { 0 }, unique = { 0 };
	int dir;

	if (!quota_parse(view_of(text), &quota)) {
		complain("maildirmake: fatal: not a quota, as 50000000S,1000C: ", text,
		    (char *)NULL);
		_exit(EXIT_FAILED);
	}
	if (quota.octets == 0 && quota.messages == 0) {
		remove_quota(maildir);
		return;
	}
	append_quota(&canonical, &quota);
	fmt_u64(&unique, (uint64_t)time(NULL));
	str_append_byte(&unique, '.');
	fmt_u64(&unique, (uint64_t)getpid());
	dir = open(maildir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || !count(dir, str_view(&canonical), str_text(&unique)) ||
	    sync_directory(dir, ".") < 0)
		fail("unable to set the quota of ", maildir);
	fd_close(&dir);
	str_free(&canonical);
	str_free(&unique);
}

int
main(int argc, char **argv)
{
	const char *folder = NULL, *quota = NULL;
	int option;

	program_start(out_of_memory);
	umask(077);
	opterr = 0;
	while ((option = getopt(argc, argv, "+f:q:")) != -1)
		switch (option) {
		case 'f':
			folder = optarg;
			break;
		case 'q':
			quota = optarg;
			break;
		default:
			usage();
		}
	if (argc - optind != 1)
		usage();
	if (folder)
		make_folder(argv[optind], folder);
	else if (!quota || !is_maildir(argv[optind]))
		make(argv[optind]);
	if (quota)
		set_quota(argv[optind], quota);
	return 0;
}
