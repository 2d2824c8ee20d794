#include "users/dotfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "users/failure.h"

void
dotfile_name(struct str *out, struct view dash, struct view ext, const char *suffix)
{
	size_t i;

	str_set(out, VIEW(".qmail"));
	str_append(out, dash);
	for (i = 0; i < ext.len; i++)
		str_append_byte(out, ext.at[i] == '.' ? ':' : ascii_lower(ext.at[i]));
	str_append_text(out, suffix);
}

bool
dotfile_next(struct dotfile_search *search, struct str *name, bool *is_default)
{
	struct view ext = search->ext;

	if (!search->started) {
		search->started = true;
		search->at = ext.len + 1;
		*is_default = false;
		dotfile_name(name, search->dash, ext, "");
		return true;
	}
	do {
		if (search->at == 0)
			return false;
		search->at--;
	} while (search->at > 0 && ext.at[search->at - 1] != '-');
	*is_default = true;
	dotfile_name(name, search->dash, view_first(ext, search->at), "default");
	return true;
}

static enum answer
open_regular(struct dotfile *out)
{
	struct stat st;
	int fd = open(str_text(&out->name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES || errno == EPERM || failure_is_temporary(errno)
		    ? ANSWER_ERROR
		    : ANSWER_NO;
	if (fstat(fd, &st) < 0) {
		fd_close(&fd);
		return ANSWER_ERROR;
	}
	if (!S_ISREG(st.st_mode)) {
		fd_close(&fd);
		return ANSWER_NO;
	}
	out->fd = fd;
	out->mode = st.st_mode;
	return ANSWER_YES;
}

enum answer
dotfile_open(struct view dash, struct view ext, struct dotfile *out)
{
	struct dotfile_search search = { .dash = dash, .ext = ext };

	while (dotfile_next(&search, &out->name, &out->is_default)) {
		enum answer found = open_regular(out);

		if (found == ANSWER_YES)
			out->default_at = search.at;
		if (found != ANSWER_NO)
			return found;
	}
	return ANSWER_NO;
}
