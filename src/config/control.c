#include "config/control.h"

#include <errno.h>

#include "config/present.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/scan.h"

enum answer
control_bytes(const char *path, struct str *out, struct problem *problem)
{
	int fd = present_open(path), result;

	if (fd < 0 && errno == ENOENT)
		return ANSWER_NO;
	result = fd < 0 ? -1 : fd_read_whole(fd, out, CONTROL_MAX);
	fd_close(&fd);
	if (result == 0)
		return ANSWER_YES;
	problem_note(
	    problem, path, 0, errno == EFBIG ? "too large" : "unreadable", errno);
	return ANSWER_ERROR;
}

struct view
control_without_mark(struct view bytes)
{
	return view_starts(bytes, VIEW("\xef\xbb\xbf")) ? view_from(bytes, 3) : bytes;
}

enum answer
control_line(const char *path, struct str *out, struct problem *problem)
{
	struct str bytes = { 0 };
	enum answer found = control_bytes(path, &bytes, problem);
	struct view all = control_without_mark(str_view(&bytes));

	if (found == ANSWER_YES)
		str_set(out, view_trim_right(view_first(all, view_index(all, '\n'))));
	str_wipe(&bytes); /* it may be a password */
	return found;
}

enum answer
control_line_or(
    const char *path, const char *fallback, struct str *out, struct problem *problem)
{
	enum answer found = control_line(path, out, problem);

	return found == ANSWER_NO ? control_line(fallback, out, problem) : found;
}

enum answer
control_line_env(
    const char *path, const char *variable, struct str *out, struct problem *problem)
{
	const char *value = env_value(variable);
	struct str line = { 0 };
	enum answer found = ANSWER_YES;

	if (value)
		str_set(&line, view_trim_right(view_of(value)));
	else
		found = control_line(path, &line, problem);
	if (found == ANSWER_YES && line.len == 0)
		found = ANSWER_NO;
	if (found == ANSWER_YES)
		str_set(out, str_view(&line));
	str_free(&line);
	return found;
}

enum answer
control_number(const char *path, uint64_t *out, struct problem *problem)
{
	struct str line = { 0 };
	enum answer found = control_line(path, &line, problem);

	if (found == ANSWER_YES && scan_u64(str_view(&line), out) == 0)
		found = ANSWER_NO;
	str_free(&line);
	return found;
}

enum answer
control_number_env(
    const char *path, const char *variable, uint64_t *out, struct problem *problem)
{
	const char *value = env_value(variable);

	if (!value)
		return control_number(path, out, problem);
	if (scan_u64(view_of(value), out) == 0)
		*out = 0;
	return ANSWER_YES;
}

static void
add_entry(struct control_list *list, size_t *size, struct view text, size_t line)
{
	if (list->count == *size) {
		*size = *size ? *size * 2 : 16;
		list->entries = mem_resize(list->entries, *size * sizeof *list->entries);
	}
	list->entries[list->count++] = (struct control_entry) { text, line };
}

bool
control_entry_text(struct view line, struct view *text)
{
	struct view trimmed = view_trim_right(line);

	if (trimmed.len == 0 || trimmed.at[0] == '#')
		return false;
	*text = trimmed;
	return true;
}

/* Takes over list->bytes. */
static void
split(struct control_list *list)
{
	struct view rest = control_without_mark(str_view(&list->bytes));
	size_t size = 0, number;

	for (number = 1; rest.len > 0; number++) {
		size_t end = view_index(rest, '\n');
		struct view text;

		if (control_entry_text(view_first(rest, end), &text))
			add_entry(list, &size, text, number);
		rest = view_from(rest, end + 1);
	}
}

enum answer
control_list(const char *path, struct control_list *out, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer found = control_bytes(path, &list.bytes, problem);

	if (found != ANSWER_YES) {
		control_list_free(&list);
		return found;
	}
	split(&list);
	*out = list;
	return ANSWER_YES;
}

void
control_list_parse(struct view bytes, struct control_list *out)
{
	struct control_list list = { 0 };

	str_set(&list.bytes, bytes);
	split(&list);
	*out = list;
}

void
control_list_free(struct control_list *list)
{
	mem_free(list->entries);
	str_free(&list->bytes);
	*list = (struct control_list) { 0 };
}
