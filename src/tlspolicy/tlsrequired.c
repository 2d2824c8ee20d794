#include "tlspolicy/tlsrequired.h"

#include <errno.h>
#include <unistd.h>

#include "lib/mem.h"

enum { HEADER_MAX = 65536 };

/* What may stand around the value: also the CR of a message that was queued with its line ends. */
static struct view
trim(struct view v)
{
	return view_trim_right(view_trim_left(v));
}

bool
tlsrequired_in(struct view header)
{
	struct view line, name, value;

	while (view_cut(header, '\n', &line, &header)) {
		if (trim(line).len == 0)
			return false;
		if (view_cut(line, ':', &name, &value) &&
		    view_equal_nocase(view_trim_right(name), VIEW("TLS-Required")) &&
		    view_equal_nocase(trim(value), VIEW("No")))
			return true;
	}
	return false;
}

bool
tlsrequired_is_no(int fd)
{
	off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_CUR);
	char *octets;
	ssize_t got;
	bool found;

	if (at < 0)
		return false;
	octets = mem_alloc(HEADER_MAX);
	do
		got = pread(fd, octets, HEADER_MAX, at);
	while (got < 0 && errno == EINTR);
	found = got > 0 && tlsrequired_in((struct view) { octets, (size_t)got });
	mem_free(octets);
	return found;
}
