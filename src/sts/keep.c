#define _GNU_SOURCE
#include "sts/keep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/str.h"

enum {
	MODE = 0640,       /* the group is that of qmail-remote */
	USELESS = 86400,   /* seconds after which "there is no policy" is forgotten */
	IDLE = 30 * 86400, /* without mail for so long, a policy is let to end */
	STALE = 600,       /* a writer's file so old is nobody's */
};

/* No domain begins with a dot. */
static const char UNFINISHED[] = ".new.";

static void
path_of(struct str *path, struct view name)
{
	str_set(path, VIEW(STS_CACHE "/"));
	str_append(path, name);
}

static int
write_whole(const char *path, struct view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
	int result = -1;

	if (fd < 0)
		return -1;
	if (fchmod(fd, MODE) == 0 && fd_write_all(fd, bytes) == 0 && fsync(fd) == 0)
		result = 0;
	fd_close(&fd);
	return result;
}

int
keep_write(const struct sts_kept *kept)
{
	struct str path = { 0 }, fresh = { 0 }, bytes = { 0 };
	int result;

	path_of(&path, VIEW(""));
	str_append_lower(&path, kept->domain);
	path_of(&fresh, view_of(UNFINISHED));
	fmt_u64(&fresh, (uint64_t)getpid());
	sts_kept_format(&bytes, kept);
	result = write_whole(str_text(&fresh), str_view(&bytes));
	if (result == 0)
		result = rename(str_text(&fresh), str_text(&path));
	if (result < 0)
		unlink(str_text(&fresh));
	str_free(&path);
	str_free(&fresh);
	str_free(&bytes);
	return result;
}

/* --- the walk ----------------------------------------------------------------------------------- */

static bool
is_stale(const char *path, uint64_t now)
{
	struct stat st;

	return stat(path, &st) == 0 && (uint64_t)st.st_mtime + STALE < now;
}

/* Says the file something still?  A failure is news for as long as it holds the next look back. */
static bool
is_worth_keeping(const struct sts_kept *k, const struct keep_sweep *sweep)
{
	if (sts_kept_is_valid(k, sweep->now))
		return true;
	return !sweep->full && k->checked + USELESS > sweep->now;
}

static void
see_to(struct keep_sweep *sweep, struct view name, const char *path)
{
	struct str room = { 0 };
	struct sts_kept k;
	bool off;

	if (sts_read(name, &room, &k, &off) != ANSWER_YES ||
	    !is_worth_keeping(&k, sweep)) {
		unlink(path);
	} else {
		sweep->kept++;
		if (sweep->due && sts_kept_is_valid(&k, sweep->now) &&
		    k.next <= sweep->now && k.used + IDLE > sweep->now)
			sweep->due(sweep->context, k.domain);
	}
	str_free(&room);
}

int
keep_sweep(struct keep_sweep *sweep)
{
	DIR *directory = opendir(STS_CACHE);
	const struct dirent *entry;
	struct str path = { 0 };

	sweep->kept = 0;
	if (!directory)
		return -1;
	while ((entry = readdir(directory))) {
		struct view name = view_of(entry->d_name);

		path_of(&path, name);
		if (sts_is_domain(name))
			see_to(sweep, name, str_text(&path));
		else if (view_starts(name, view_of(UNFINISHED)) &&
		    is_stale(str_text(&path), sweep->now))
			unlink(str_text(&path));
	}
	closedir(directory);
	str_free(&path);
	return 0;
}

int
keep_list(void (*each)(void *context, const struct sts_kept *kept), void *context)
{
	DIR *directory = opendir(STS_CACHE);
	const struct dirent *entry;
	struct str room = { 0 };
	struct sts_kept k;
	bool off;

	if (!directory)
		return -1;
	while ((entry = readdir(directory)))
		if (sts_read(view_of(entry->d_name), &room, &k, &off) == ANSWER_YES)
			each(context, &k);
	closedir(directory);
	str_free(&room);
	return 0;
}
