#define _GNU_SOURCE
#include "config/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/scan.h"
#include "lib/view.h"

struct query {
	const char *const *names;
	size_t count, missing;
	bool groups;
	bool known[IDS_NAMES];
	uint32_t numbers[IDS_NAMES];
};

/* Where a file keeps things: what is in front of a name, and which colon the number follows. */
struct layout {
	struct view prefix;
	int colons;
};

static void
learn(struct query *q, struct view name, uint32_t number)
{
	size_t i;

	for (i = 0; i < q->count; i++) {
		if (q->known[i] || !view_equal(name, view_of(q->names[i])))
			continue;
		q->known[i] = true;
		q->numbers[i] = number;
		q->missing--;
	}
}

static void
read_line(struct query *q, const struct layout *layout, struct view line)
{
	struct view name, skipped, rest;
	uint64_t number;
	int i;

	if (!view_starts(line, layout->prefix))
		return;
	line = view_from(line, layout->prefix.len);
	if (!view_cut(line, ':', &name, &rest))
		return;
	for (i = 1; i < layout->colons; i++)
		if (!view_cut(rest, ':', &skipped, &rest))
			return;
	rest = view_first(view_trim_right(rest), view_index(rest, ':'));
	/* The largest number means "no id" to the kernel. */
	if (scan_whole_u64(rest, &number) && number < UINT32_MAX)
		learn(q, name, (uint32_t)number);
}

/* The lines that end in `have`; returns how many bytes they are. */
static size_t
read_lines(struct query *q, const struct layout *layout, struct view have)
{
	size_t done = 0, end;

	for (;;) {
		struct view left = view_from(have, done);

		end = view_index(left, '\n');
		if (end == left.len)
			return done;
		read_line(q, layout, view_first(left, end));
		done += end + 1;
	}
}

static enum answer
read_file(struct query *q, const struct layout *layout, int fd)
{
	char buffer[IDS_LINE_MAX];
	size_t held = 0, total = 0;
	bool in_long_line = false;

	while (q->missing > 0 && total < IDS_FILE_MAX) {
		ssize_t got = fd_read(fd, buffer + held, sizeof buffer - held);
		struct view have = { buffer, held + (size_t)got };
		size_t used = 0;

		if (got < 0)
			return ANSWER_ERROR;
		if (got == 0) {
			if (held > 0 && !in_long_line)
				read_line(q, layout, (struct view) { buffer, held });
			break;
		}
		total += (size_t)got;
		if (in_long_line) { /* its end is passed over too */
			used = view_index(have, '\n');
			in_long_line = used == have.len;
			used += in_long_line ? 0 : 1;
		}
		used += read_lines(q, layout, view_from(have, used));
		held = have.len - used;
		memmove(buffer, buffer + used, held);
		if (held == sizeof buffer) {
			in_long_line = true;
			held = 0;
		}
	}
	return q->missing > 0 ? ANSWER_NO : ANSWER_YES;
}

static enum answer
ask_file(struct query *q, const char *path, struct layout layout, bool must_be_roots)
{
	struct stat st;
	enum answer found = ANSWER_ERROR;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ANSWER_NO : ANSWER_ERROR;
	if (!must_be_roots)
		found = read_file(q, &layout, fd);
	else if (fstat(fd, &st) == 0)
		found = st.st_uid == 0 && !(st.st_mode & 022) ? read_file(q, &layout, fd)
							      : ANSWER_NO;
	fd_close(&fd);
	return found;
}

static enum answer
resolve(struct query *q)
{
	struct layout ours = { q->groups ? VIEW("@") : VIEW(""), 1 };
	struct layout theirs = { VIEW(""), 2 };
	enum answer found;

	q->missing = q->count;
	found = ask_file(q, "users/ids", ours, true);
	if (found == ANSWER_NO)
		found =
		    ask_file(q, q->groups ? "/etc/group" : "/etc/passwd", theirs, false);
	return found;
}

enum answer
ids_user(const char *name, uid_t *out)
{
	struct query q = { .names = &name, .count = 1 };
	enum answer found = resolve(&q);

	if (found == ANSWER_YES)
		*out = q.numbers[0];
	return found;
}

enum answer
ids_group(const char *name, gid_t *out)
{
	struct query q = { .names = &name, .count = 1, .groups = true };
	enum answer found = resolve(&q);

	if (found == ANSWER_YES)
		*out = q.numbers[0];
	return found;
}

enum answer
ids_which(uid_t uid, const char *const *names, size_t count, size_t *which)
{
	struct query q = { .names = names,
		.count = count < IDS_NAMES ? count : IDS_NAMES };
	size_t i;

	if (resolve(&q) == ANSWER_ERROR)
		return ANSWER_ERROR;
	for (i = 0; i < q.count; i++) {
		if (q.known[i] && q.numbers[i] == uid) {
			*which = i;
			return ANSWER_YES;
		}
	}
	return ANSWER_NO;
}
