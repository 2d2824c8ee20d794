#include "config/present.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/view.h"
#include "os/filesystem.h"

/* A name sets one bit: of a name whose bit is not set it is known that it is not there.  With forty
 * files in control/ one of 25 others shares its bit with one of them, and is asked for. */
enum { BITS = 1024, WORD = 64 };

struct names {
	bool known; /* `set` holds all of them */
	uint64_t set[BITS / WORD];
};

/* Not the caller's, because it is about the current directory, which is not the caller's either; and
 * some seventy callers would hand it on for nothing else. */
static struct names in_control;

static unsigned
bit_of(struct view name)
{
	uint32_t hash = 2166136261; /* FNV-1a */
	size_t i;

	for (i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 16777619;
	return (hash ^ hash >> 16) % BITS;
}

static void
note(void *context, const char *name)
{
	struct names *names = context;
	unsigned bit = bit_of(view_of(name));

	names->set[bit / WORD] |= UINT64_C(1) << bit % WORD;
}

void
present_look(void)
{
	struct names names = { .known = false };
	int fd = openat(AT_FDCWD, "control", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		names.known = os_each_name(fd, note, &names) == 0;
	fd_close(&fd);
	in_control = names;
}

bool
present_may_be(const char *path)
{
	struct view name = view_of(path);
	const struct view folder = VIEW("control/");
	unsigned bit;

	if (!in_control.known || !view_starts(name, folder))
		return true;
	name = view_from(name, folder.len);
	bit = bit_of(view_first(name, view_index(name, '/')));
	return in_control.set[bit / WORD] >> bit % WORD & 1;
}

int
present_open(const char *path)
{
	if (!present_may_be(path)) {
		errno = ENOENT;
		return -1;
	}
	/* A failed access(2) costs half of a failed open(2).  Whatever else it says is left to
	 * open(2). */
	if (!in_control.known && access(path, F_OK) < 0 && errno == ENOENT)
		return -1;
	return fd_open_file(path);
}
