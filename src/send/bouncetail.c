#define _GNU_SOURCE
#include "send/bouncetail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/str.h"
#include "send/bouncetext.h"
#include "send/records.h"

enum {
	CHUNK = 16384,
	TAIL_MAX = 16384, /* octets of a cut paragraph; a report has 10000 */
};

/* --- what is whole -------------------------------------------------------------------------------- */

/* Behind the last empty line of the chunk; 0: there is none. */
static size_t
end_of_paragraph(struct view chunk)
{
	size_t i;

	for (i = chunk.len; i >= 2; i--)
		if (chunk.at[i - 1] == '\n' && chunk.at[i - 2] == '\n')
			return i;
	return 0;
}

/* From the end: mostly its last two octets say all. */
static int64_t
find_end(int fd, int64_t size)
{
	char buffer[CHUNK];
	int64_t end = size, chunk = 2;

	while (end >= 2) {
		int64_t start = end > chunk ? end - chunk : 0;
		ssize_t got = pread(fd, buffer, (size_t)(end - start), (off_t)start);
		size_t found;

		if (got < 0)
			return -1;
		found = end_of_paragraph((struct view) { buffer, (size_t)got });
		if (found > 0)
			return start + (int64_t)found;
		if (start == 0)
			break;
		end = start + 1; /* its LF may be the second one */
		chunk = CHUNK;
	}
	return 0;
}

int64_t
bouncetail_whole(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -1 : find_end(fd, st.st_size);
}

/* --- what other suites have cut ------------------------------------------------------------------- */

static bool
is_of(const struct routes *routes, struct view recipient, struct view tail)
{
	struct str text = { 0 };
	struct view line;
	bool same;

	bouncetext_recipient(&text, route_strip_prefix(routes, recipient), VIEW(""));
	line = view_first(str_view(&text), text.len - 1);
	same = view_starts(tail, line) || view_starts(line, tail);
	str_free(&text);
	return same;
}

/* Is it that of a recipient of the channel who is not done? */
static bool
is_tried_again(const struct layout *layout, const struct routes *routes,
    enum layout_dir dir, uint64_t id, struct view tail)
{
	int fd = layout_open_file(layout, dir, id);
	enum records_status status = RECORDS_OK;
	struct records records;
	struct view record;
	bool found = false;

	if (fd < 0)
		return errno != ENOENT;
	records_init(&records, fd);
	while (!found && (status = records_next(&records, &record)) == RECORDS_OK)
		found = record.len > 0 && record.at[0] == 'T' &&
		    is_of(routes, view_from(record, 1), tail);
	found = found || status != RECORDS_END;
	fd_close(&fd);
	return found;
}

static int
read_tail(int fd, int64_t whole, struct str *out)
{
	char buffer[TAIL_MAX];
	ssize_t got = pread(fd, buffer, sizeof buffer, (off_t)whole);
	struct view tail = { buffer, got > 0 ? (size_t)got : 0 };

	str_set(out, view_first(tail, view_index(tail, '\0')));
	return got < 0 ? -1 : 0;
}

static void
end_paragraph(struct str *text)
{
	struct view line = view_first(str_view(text), view_index(str_view(text), '\n'));

	if (line.len == text->len) {
		if (view_ends(line, VIEW(">")))
			str_append_byte(text, ':');
		else if (!view_ends(line, VIEW(">:")))
			str_append_text(text, ">:");
	}
	if (text->at[text->len - 1] != '\n')
		str_append_byte(text, '\n');
	str_append_text(text, "(The rest of this report is lost.)\n\n");
}

static int
mend(const struct layout *layout, const struct routes *routes, uint64_t id, int fd,
    int64_t whole)
{
	struct str text = { 0 };
	int result = read_tail(fd, whole, &text);

	if (result == 0 && view_starts(str_view(&text), VIEW("<")) &&
	    !is_tried_again(layout, routes, LAYOUT_LOCAL, id, str_view(&text)) &&
	    !is_tried_again(layout, routes, LAYOUT_REMOTE, id, str_view(&text))) {
		end_paragraph(&text);
		if (ftruncate(fd, (off_t)whole) < 0 ||
		    fd_write_all(fd, str_view(&text)) < 0 || fsync(fd) < 0)
			result = -1;
	}
	str_free(&text);
	return result;
}

int
bouncetail_mend(const struct layout *layout, const struct routes *routes, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;
	int64_t whole;
	int fd, result = -1;

	layout_path(layout, LAYOUT_BOUNCE, id, path);
	fd = openat(
	    layout->fd, path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (fstat(fd, &st) == 0 && (whole = find_end(fd, st.st_size)) >= 0)
		result = whole == st.st_size ? 0 : mend(layout, routes, id, fd, whole);
	fd_close(&fd);
	return result;
}
