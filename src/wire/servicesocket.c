#define _GNU_SOURCE
#include "wire/servicesocket.h"

#include <errno.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/str.h"

int
servicesocket_address(const char *service, struct sockaddr_un *address)
{
	struct str path = { 0 };
	int result = -1;

	str_append_text(&path, "run/");
	str_append_text(&path, service);
	str_append_text(&path, "/sock");
	if (path.len < sizeof address->sun_path) {
		*address = (struct sockaddr_un) { .sun_family = AF_UNIX };
		memcpy(address->sun_path, path.at, path.len);
		result = 0;
	}
	str_free(&path);
	if (result < 0)
		errno = ENAMETOOLONG;
	return result;
}

int
servicesocket_open(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int
servicesocket_connect(const struct sockaddr_un *address)
{
	int fd = servicesocket_open();

	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) < 0)
		fd_close(&fd);
	return fd;
}
