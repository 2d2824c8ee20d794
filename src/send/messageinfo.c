#include "send/messageinfo.h"

#include <errno.h>
#include <sys/stat.h>

#include "lib/fd.h"

enum { INFO_MAX = 65536 };

static int
read_sender(int fd, struct str *sender)
{
	struct str bytes = { 0 };
	struct view record, rest;
	int result = fd_read_all(fd, &bytes, INFO_MAX);

	if (result == 0 &&
	    (!view_cut(str_view(&bytes), '\0', &record, &rest) || record.len == 0 ||
		record.at[0] != 'F')) {
		errno = EINVAL;
		result = -1;
	}
	if (result == 0)
		str_set(sender, view_from(record, 1));
	str_free(&bytes);
	return result;
}

int
messageinfo_read(const struct layout *layout, uint64_t id, struct messageinfo *out)
{
	struct stat st;
	int fd = layout_open_file(layout, LAYOUT_INFO, id), result;

	if (fd < 0)
		return -1;
	result = fstat(fd, &st);
	if (result == 0)
		result = read_sender(fd, &out->sender);
	if (result == 0)
		out->birth = st.st_mtime;
	fd_close(&fd);
	return result;
}

void
messageinfo_free(struct messageinfo *info)
{
	str_free(&info->sender);
}
