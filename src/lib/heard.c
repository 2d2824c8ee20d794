#include "lib/heard.h"

#include <poll.h>

bool
heard(int fd)
{
	struct pollfd end = { fd, 0, 0 };

	return poll(&end, 1, 0) <= 0 || !(end.revents & (POLLERR | POLLHUP));
}
