#define _GNU_SOURCE
#include "users/authfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/cdbwriter.h"
#include "config/ids.h"
#include "lib/fd.h"
#include "lib/sync.h"
#include "users/authdb.h"
#include "users/authentries.h"

static const char lock_path[] = "users/auth.lock";
static const char new_path[] = AUTHFILE_PATH ".tmp";
static const char new_cdb_path[] = AUTHDB_PATH ".tmp";

int
authfile_lock(struct problem *problem)
{
	int fd = open(lock_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return 0;
	problem_note(problem, lock_path, 0, "unable to lock", errno);
	fd_close(&fd);
	return -1;
}

int
authfile_read(struct str *bytes, struct problem *problem)
{
	str_clear(bytes);
	if (fd_read_file(AUTHFILE_PATH, bytes, AUTHFILE_MAX) == 0 || errno == ENOENT)
		return 0;
	problem_note(problem, AUTHFILE_PATH, 0, "unable to read", errno);
	return -1;
}

/* --- writing ---------------------------------------------------------------------------------------- */

/* Give the new file owner and mode before it gets its name.  0, or -1 with errno; ESRCH: there is
 * no group qmaila. */
static int
hand_over(const char *new_file, const char *path)
{
	struct stat st;
	gid_t gid;

	if (stat(path, &st) == 0)
		return chown(new_file, st.st_uid, st.st_gid) < 0
		    ? -1
		    : chmod(new_file, st.st_mode & 0660);
	if (errno != ENOENT)
		return -1;
	if (geteuid() != 0)
		return chmod(new_file, 0600);
	switch (ids_group("qmaila", &gid)) {
	case ANSWER_NO:
		errno = ESRCH;
		return -1;
	case ANSWER_ERROR:
		return -1;
	case ANSWER_YES:
		break;
	}
	return chown(new_file, 0, gid) < 0 ? -1 : chmod(new_file, 0640);
}

static int
note_failure(struct problem *problem, const char *path)
{
	if (errno == ESRCH)
		problem_note(
		    problem, path, 0, "there is no group qmaila to give it to", 0);
	else
		problem_note(problem, path, 0, "unable to write", errno);
	return -1;
}

int
authfile_write(struct view bytes, struct problem *problem)
{
	int fd;

	unlink(new_path);
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return note_failure(problem, new_path);
	if (fd_write_all(fd, bytes) < 0 || hand_over(new_path, AUTHFILE_PATH) < 0 ||
	    fsync(fd) < 0 || rename(new_path, AUTHFILE_PATH) < 0) {
		note_failure(problem, AUTHFILE_PATH);
		fd_close(&fd);
		unlink(new_path);
		return -1;
	}
	fd_close(&fd);
	return sync_parent(AUTHFILE_PATH) < 0 ? note_failure(problem, AUTHFILE_PATH) : 0;
}

/* The first hash that is not locked: most users have its kind. */
static int
add_decoy(struct cdbwriter *cdb, struct view bytes)
{
	struct authline entry;
	struct view line;
	const char *why;

	while (authentries_next(&bytes, &line))
		if (authline_parse(line, &entry, &why) == AUTHLINE_ENTRY &&
		    !authline_is_locked(entry.hash))
			return cdbwriter_add(cdb, VIEW(""), entry.hash);
	return 0;
}

static int
add_entries(struct cdbwriter *cdb, struct view bytes)
{
	struct str key = { 0 }, data = { 0 };
	struct authline entry;
	struct view line;
	const char *why;
	int result = 0;

	while (result == 0 && authentries_next(&bytes, &line)) {
		if (authline_parse(line, &entry, &why) != AUTHLINE_ENTRY)
			continue;
		str_clear(&key);
		str_clear(&data);
		authline_append_key(&key, entry.name);
		authdb_append_data(&data, &entry);
		result = cdbwriter_add(cdb, str_view(&key), str_view(&data));
	}
	str_free(&key);
	str_wipe(&data);
	return result;
}

int
authfile_compile(struct view bytes, struct problem *problem)
{
	struct cdbwriter *cdb;

	unlink(new_cdb_path);
	cdb = cdbwriter_open(new_cdb_path);
	if (!cdb)
		return note_failure(problem, new_cdb_path);
	if (add_decoy(cdb, bytes) < 0 || add_entries(cdb, bytes) < 0 ||
	    hand_over(new_cdb_path, AUTHDB_PATH) < 0) {
		note_failure(problem, AUTHDB_PATH);
		cdbwriter_abandon(cdb);
		return -1;
	}
	return cdbwriter_commit(cdb, AUTHDB_PATH) < 0 ? note_failure(problem, AUTHDB_PATH)
						      : 0;
}
