#include "config/keyfile.h"

#include <errno.h>

#include "config/cdbwriter.h"
#include "config/control.h"

static int
fail(struct problem *problem, const char *file, const char *what)
{
	problem_note(problem, file, 0, what, errno);
	return -1;
}

static int
add_keys(const struct keyfile *file, const struct control_list *list,
    void (*short_line)(const struct keyfile *file, size_t line), struct cdbwriter *cdb)
{
	int status = 0;
	size_t i;

	for (i = 0; i < list->count && status == 0; i++) {
		const struct control_entry *entry = &list->entries[i];

		if (entry->text.len < file->octets)
			short_line(file, entry->line);
		else
			status = cdbwriter_add(
			    cdb, view_first(entry->text, file->octets), VIEW(""));
	}
	return status;
}

int
keyfile_compile(const struct keyfile *file,
    void (*short_line)(const struct keyfile *file, size_t line), struct problem *problem)
{
	struct control_list list = { 0 };
	struct cdbwriter *cdb;
	int status;

	if (control_list(file->source, &list, NULL) != ANSWER_YES)
		return fail(problem, file->source, "read");
	cdb = cdbwriter_open(file->temporary);
	if (!cdb) {
		control_list_free(&list);
		return fail(problem, file->temporary, "write to");
	}
	status = add_keys(file, &list, short_line, cdb);
	control_list_free(&list);
	if (status < 0) {
		cdbwriter_abandon(cdb);
		return fail(problem, file->temporary, "write to");
	}
	if (cdbwriter_commit(cdb, file->target) < 0)
		return fail(problem, file->target, "replace");
	return 0;
}
