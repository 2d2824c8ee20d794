#include "tls/stamp.h"

#include <sys/stat.h>

struct stamp
stamp_of(const char *path)
{
	struct stamp stamp = { 0 };
	struct stat st;

	if (stat(path, &st) < 0)
		return stamp;
	stamp.device = (uint64_t)st.st_dev;
	stamp.inode = (uint64_t)st.st_ino;
	stamp.size = (uint64_t)st.st_size;
	stamp.seconds = (int64_t)st.st_mtim.tv_sec;
	stamp.nanoseconds = (int64_t)st.st_mtim.tv_nsec;
	return stamp;
}

bool
stamp_is_file(const struct stamp *s)
{
	return s->inode != 0;
}
