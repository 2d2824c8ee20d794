#define _GNU_SOURCE
#include "users/authfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/cdbwriter.h"
#include "config/ids.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/sync.h"
#include "users/authdb.h"
#include "users/password.h"

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

/* --- lines --------------------------------------------------------------------------------------- */

bool
authfile_next_line(struct view *rest, struct view *line)
{
	if (rest->len == 0)
		return false;
	if (!view_cut(*rest, '\n', line, rest)) {
		*line = *rest;
		*rest = VIEW("");
	}
	return true;
}

static bool
is_entry_of(struct view line, struct view name, struct authline *out)
{
	struct authline entry;
	const char *why;

	if (authline_parse(line, &entry, &why) != AUTHLINE_ENTRY ||
	    !authline_is_same_name(entry.name, name))
		return false;
	*out = entry;
	return true;
}

bool
authfile_find(struct view bytes, struct view name, struct authline *out)
{
	struct view line;

	while (authfile_next_line(&bytes, &line))
		if (is_entry_of(line, name, out))
			return true;
	return false;
}

static void
append_line(struct str *out, struct view line)
{
	str_append(out, line);
	str_append_byte(out, '\n');
}

static void
append_entry(struct str *out, const struct authline *entry)
{
	str_append(out, entry->name);
	str_append_byte(out, ':');
	authdb_append_data(out, entry);
	str_append_byte(out, '\n');
}

void
authfile_put(struct str *out, struct view bytes, const struct authline *entry)
{
	struct authline old;
	struct view line;
	bool done = false;

	while (authfile_next_line(&bytes, &line)) {
		if (!is_entry_of(line, entry->name, &old)) {
			append_line(out, line);
		} else if (!done) {
			append_entry(out, entry);
			done = true;
		}
	}
	if (!done)
		append_entry(out, entry);
}

void
authfile_remove(struct str *out, struct view bytes, struct view name)
{
	struct authline old;
	struct view line;

	while (authfile_next_line(&bytes, &line))
		if (!is_entry_of(line, name, &old))
			append_line(out, line);
}

/* --- is it all right? ------------------------------------------------------------------------------ */

struct place {
	struct view name;
	size_t line;
};

struct places {
	struct place *at;
	size_t count, size;
};

static void
note_place(struct places *places, struct view name, size_t line)
{
	if (places->count == places->size) {
		places->size = places->size ? 2 * places->size : 64;
		places->at = mem_resize(places->at, places->size * sizeof *places->at);
	}
	places->at[places->count++] = (struct place) { name, line };
}

static int
compare_keys(struct view a, struct view b)
{
	struct str x = { 0 }, y = { 0 };
	int order;

	authline_append_key(&x, a);
	authline_append_key(&y, b);
	order = strcmp(str_text(&x), str_text(&y)); /* no name has a NUL */
	str_free(&x);
	str_free(&y);
	return order;
}

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_keys(x->name, y->name);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : 1;
}

static int
check_twice(struct places *places, struct problem *problem)
{
	size_t i, first = 0;

	if (places->count > 1)
		qsort(places->at, places->count, sizeof *places->at, compare_places);
	for (i = 1; i < places->count; i++)
		if (compare_keys(places->at[i - 1].name, places->at[i].name) == 0 &&
		    (first == 0 || places->at[i].line < first))
			first = places->at[i].line;
	if (first == 0)
		return 0;
	problem_note(problem, AUTHFILE_PATH, first, "this name is in a line before", 0);
	return -1;
}

static bool
is_hash_known(struct view hash)
{
	struct str text = { 0 };
	bool known;

	if (authline_is_locked(hash))
		return true;
	str_set(&text, hash);
	known = password_is_known_kind(str_text(&text));
	str_wipe(&text);
	return known;
}

static int
check_lines(struct view bytes, struct places *places, struct problem *problem)
{
	struct authline entry;
	struct view line;
	size_t number = 0;

	while (authfile_next_line(&bytes, &line)) {
		const char *why = NULL;
		enum authline_kind kind = authline_parse(line, &entry, &why);

		number++;
		if (kind == AUTHLINE_ENTRY && !is_hash_known(entry.hash))
			why = "crypt(3) does not know this kind of hash";
		if (kind != AUTHLINE_EMPTY && why) {
			problem_note(problem, AUTHFILE_PATH, number, why, 0);
			return -1;
		}
		if (kind == AUTHLINE_ENTRY)
			note_place(places, entry.name, number);
	}
	return 0;
}

int
authfile_check(struct view bytes, struct problem *problem)
{
	struct places places = { NULL, 0, 0 };
	int result = check_lines(bytes, &places, problem);

	if (result == 0)
		result = check_twice(&places, problem);
	mem_free(places.at);
	return result;
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

	while (authfile_next_line(&bytes, &line))
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

	while (result == 0 && authfile_next_line(&bytes, &line)) {
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
