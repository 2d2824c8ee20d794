/* qmail-clean - remove files of the queue for qmail-send, which may not: requests on descriptor 0,
 * one byte of answer for each on descriptor 1.  See qmail-clean(8). */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/heard.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "lib/str.h"
#include "queue/layout.h"

enum {
	OSSIFIED = 129600, /* seconds; more than qmail-queue may live */
	SWEEP_EVERY = 31,  /* requests */
	REQUEST_MIN = 7,   /* octets, the NUL included */
	REQUEST_MAX = 100,
	BUFFER = 4096,
	EXIT_NO_WRITE = 100,
	EXIT_NO_HOME = 111,
};

enum reply { DONE = '+', FAILED = '!', MALFORMED = 'x' };

struct request {
	enum layout_dir also; /* where a file is removed after intd/N */
	uint64_t number;
};

/* "N", or in a big-todo queue "K/N" with K the directory of N. */
static bool
parse_number(const struct layout *layout, struct view text, uint64_t *out)
{
	struct view part, number;
	uint64_t k, n;

	if (!view_cut(text, '/', &part, &number))
		return name_number(text, out);
	if (!layout->big_todo || !name_number(part, &k) || !name_number(number, &n) ||
	    k != n % layout->split)
		return false;
	*out = n;
	return true;
}

static bool
parse(const struct layout *layout, struct view line, struct request *out)
{
	if (line.len + 1 < REQUEST_MIN || line.len + 1 > REQUEST_MAX)
		return false;
	if (view_starts(line, VIEW("foop/")))
		out->also = LAYOUT_MESS;
	else if (view_starts(line, VIEW("todo/")))
		out->also = LAYOUT_TODO;
	else
		return false;
	return parse_number(layout, view_from(line, 5), &out->number);
}

static bool
remove_file(const struct layout *layout, enum layout_dir dir, uint64_t n)
{
	char path[NAME_MAX_OCTETS];

	layout_path(layout, dir, n, path);
	return unlinkat(layout->fd, path, 0) == 0 || errno == ENOENT;
}

static bool
is_absent(const struct layout *layout, enum layout_dir dir, uint64_t n)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(layout, dir, n, path);
	return fstatat(layout->fd, path, &st, 0) < 0 && errno == ENOENT;
}

/* intd/N first: no state but those of queue 1.3 is left if we are killed in between.  Without it no
 * qmail-queue can make todo/N any more; is that there, it came in between, after the clock was set
 * ahead perhaps: then the message is acknowledged, and no debris. */
static enum reply
serve(const struct layout *layout, struct view line)
{
	struct request request;

	if (!parse(layout, line, &request))
		return MALFORMED;
	if (!remove_file(layout, LAYOUT_INTD, request.number))
		return FAILED;
	if (request.also == LAYOUT_MESS &&
	    !is_absent(layout, LAYOUT_TODO, request.number))
		return FAILED;
	return remove_file(layout, request.also, request.number) ? DONE : FAILED;
}

static bool
is_old(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    time(NULL) >= st.st_atime + OSSIFIED;
}

static DIR *
open_directory(const struct layout *layout, const char *path)
{
	int fd = openat(layout->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		fd_close(&fd);
	return dir;
}

/* What a qmail-queue that was killed between its first steps left in pid/.  After a jump of the clock
 * this could take the name of one that is between them right now: it exits 64 and has lost nothing. */
static void
sweep_pid(const struct layout *layout)
{
	DIR *dir = open_directory(layout, "pid");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && is_old(dirfd(dir), entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static void
sweep_intd_part(const struct layout *layout, const char *path)
{
	DIR *dir = open_directory(layout, path);
	struct dirent *entry;
	uint64_t n;

	while (dir && (entry = readdir(dir)) != NULL)
		if (name_number(view_of(entry->d_name), &n) &&
		    is_old(dirfd(dir), entry->d_name) &&
		    is_absent(layout, LAYOUT_MESS, n) &&
		    is_absent(layout, LAYOUT_TODO, n))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* Where the file system does not keep the order of names, a power loss can bring intd/N back without
 * mess/N.  Nobody asks for it any more, and the next message of that number would be refused. */
static void
sweep_intd(const struct layout *layout)
{
	char path[NAME_MAX_OCTETS] = "intd";
	uint64_t part;

	for (part = 0; part < (layout->big_todo ? layout->split : 1); part++) {
		if (layout->big_todo)
			name_flat(path, "intd", part);
		sweep_intd_part(layout, path);
	}
}

/* The next request without its NUL, as far as its length can matter.  False at the end. */
static bool
next_request(struct reader *in, struct str *line)
{
	str_clear(line);
	for (;;) {
		struct view have, part;

		if (reader_fill(in) != READER_OK)
			return false;
		have = reader_buffered(in);
		part = view_first(have, view_index(have, '\0'));
		if (line->len < REQUEST_MAX)
			str_append(line, part);
		reader_skip(in, part.len + 1);
		if (part.len < have.len)
			return true;
	}
}

int
main(void)
{
	char buffer[BUFFER], reply;
	struct layout layout;
	struct reader in;
	struct str line = { 0 };
	unsigned served = 0;

	program_start(NULL);
	if (program_enter_home() < 0 || layout_open(&layout, "queue") < 0)
		return EXIT_NO_HOME;
	sweep_intd(&layout);
	reader_init(&in, 0, buffer, sizeof buffer, -1, NULL);
	for (;;) {
		if (served++ % SWEEP_EVERY == 0)
			sweep_pid(&layout);
		if (!next_request(&in, &line))
			return 0;
		if (!heard(1))
			return EXIT_NO_WRITE;
		reply = (char)serve(&layout, str_view(&line));
		if (fd_write_all(1, (struct view) { &reply, 1 }) < 0)
			return EXIT_NO_WRITE;
	}
}
