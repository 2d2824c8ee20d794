#define _GNU_SOURCE
#include "oauth/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/hash.h"
#include "lib/scan.h"
#include "lib/sync.h"

enum { FOR_GROUP = 0640, FOR_US = 0600, FILE_MAX = TOKEN_MAX + 1024 };

static const char *
path_of(struct str *path, struct view name, const char *suffix)
{
	token_kept_path(path, name);
	str_append_text(path, suffix);
	return str_text(path);
}

int
keep_lock(struct view name)
{
	struct str path = { 0 };
	int fd, result;

	fd = open(path_of(&path, name, ".lock"),
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FOR_US);
	str_free(&path);
	if (fd < 0)
		return -1;
	do
		result = flock(fd, LOCK_EX);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		fd_close(&fd);
	return fd;
}

static bool
read_file(struct view name, const char *suffix, struct str *out)
{
	struct str path = { 0 };
	bool ok;

	str_clear(out);
	ok = fd_read_file(path_of(&path, name, suffix), out, FILE_MAX) == 0;
	str_free(&path);
	return ok;
}

static int
write_whole(const char *path, struct view bytes, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int result = -1;

	if (fd < 0)
		return -1;
	if (fchmod(fd, mode) == 0 && fd_write_all(fd, bytes) == 0 && fsync(fd) == 0)
		result = 0;
	fd_close(&fd);
	return result;
}

/* Under another name first; whoever is killed in between leaves the old one. */
static int
write_file(struct view name, const char *suffix, struct view bytes, mode_t mode)
{
	struct str path = { 0 }, fresh = { 0 };
	int result;

	path_of(&path, name, suffix);
	path_of(&fresh, name, suffix);
	str_append_text(&fresh, ".new");
	result = write_whole(str_text(&fresh), bytes, mode);
	if (result == 0)
		result = rename(str_text(&fresh), str_text(&path));
	if (result == 0)
		result = sync_parent(str_text(&path));
	str_free(&path);
	str_free(&fresh);
	return result;
}

/* --- the access token --------------------------------------------------------------------------- */

bool
keep_read_token(struct view name, struct str *room, struct token_kept *out)
{
	return read_file(name, "", room) && token_kept_parse(str_view(room), out);
}

int
keep_write_token(struct view name, const struct token_kept *kept)
{
	struct str bytes = { 0 };
	int result;

	token_kept_format(&bytes, kept);
	result = write_file(name, "", str_view(&bytes), FOR_GROUP);
	str_wipe(&bytes);
	return result;
}

/* --- the refresh token -------------------------------------------------------------------------- */

int
keep_try(struct view name)
{
	char room[TOKEN_MAX] = { 0 };
	struct str path = { 0 };
	int result;

	result = write_whole(path_of(&path, name, ".refresh.new"),
	    (struct view) { room, sizeof room }, FOR_US);
	unlink(str_text(&path));
	str_free(&path);
	return result;
}

/* What ties a renewed token to the admin's. */
static void
append_origin(struct str *out, struct view given)
{
	unsigned char digest[TOKEN_DIGEST];

	token_digest(given, digest);
	fmt_hex(out, (struct view) { (const char *)digest, sizeof digest });
}

/* A whole file, of a token given in place of this one? */
static bool
read_renewed(struct view name, const char *suffix, struct view given, struct str *out)
{
	struct str bytes = { 0 }, origin = { 0 };
	struct view token, rest;
	bool ok;

	append_origin(&origin, given);
	str_append_byte(&origin, '\n');
	ok = read_file(name, suffix, &bytes) &&
	    view_cut(str_view(&bytes), '\n', &token, &rest) && token_is_token(token) &&
	    view_equal(rest, str_view(&origin));
	if (ok)
		str_set(out, token);
	str_wipe(&bytes);
	str_free(&origin);
	return ok;
}

/* Who was killed before the renaming has left the last one under the other name. */
static void
finish_write(struct view name)
{
	struct str path = { 0 }, fresh = { 0 };

	path_of(&path, name, ".refresh");
	path_of(&fresh, name, ".refresh.new");
	if (rename(str_text(&fresh), str_text(&path)) == 0)
		sync_parent(str_text(&path));
	str_free(&path);
	str_free(&fresh);
}

void
keep_read_refresh(struct view name, struct view given, struct str *out)
{
	if (read_renewed(name, ".refresh.new", given, out))
		finish_write(name);
	else if (!read_renewed(name, ".refresh", given, out))
		str_set(out, given);
}

int
keep_write_refresh(struct view name, struct view given, struct view renewed)
{
	struct str bytes = { 0 };
	int result;

	str_append(&bytes, renewed);
	str_append_byte(&bytes, '\n');
	append_origin(&bytes, given);
	str_append_byte(&bytes, '\n');
	result = write_file(name, ".refresh", str_view(&bytes), FOR_US);
	str_wipe(&bytes);
	return result;
}

/* --- the last failure --------------------------------------------------------------------------- */

static bool
parse_failure(struct view bytes, struct keep_failure *out)
{
	struct view at, count;

	if (!view_cut(bytes, '\n', &at, &bytes) ||
	    !view_cut(bytes, '\n', &count, &bytes) || !scan_whole_u64(at, &out->at) ||
	    !scan_whole_u64(count, &out->count))
		return false;
	str_clear(&out->words);
	token_tame(&out->words, view_trim_right(bytes));
	return true;
}

bool
keep_read_failure(struct view name, struct keep_failure *out)
{
	struct str bytes = { 0 };
	bool ok =
	    read_file(name, ".failed", &bytes) && parse_failure(str_view(&bytes), out);

	str_free(&bytes);
	return ok;
}

void
keep_write_failure(struct view name, const struct keep_failure *failure)
{
	struct str bytes = { 0 };

	fmt_u64(&bytes, failure->at);
	str_append_byte(&bytes, '\n');
	fmt_u64(&bytes, failure->count);
	str_append_byte(&bytes, '\n');
	str_append(&bytes, str_view(&failure->words));
	str_append_byte(&bytes, '\n');
	/* If it cannot be kept, the next one asks the server once more. */
	write_file(name, ".failed", str_view(&bytes), FOR_US);
	str_free(&bytes);
}

void
keep_forget_failure(struct view name)
{
	struct str path = { 0 };

	unlink(path_of(&path, name, ".failed"));
	str_free(&path);
}
