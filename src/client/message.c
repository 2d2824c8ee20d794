#include "client/message.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"

enum { BLOCK = 65536 };

static ssize_t
read_at(int fd, char *buffer, off_t at)
{
	ssize_t got;

	do
		got = pread(fd, buffer, BLOCK, at);
	while (got < 0 && errno == EINTR);
	return got;
}

bool
message_scan(int fd, struct bodyscan *out)
{
	struct bodyscan scan = { 0 };
	struct stat st;
	char *buffer;
	ssize_t got;
	off_t at;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	at = lseek(fd, 0, SEEK_CUR);
	if (at < 0)
		return false;
	buffer = mem_alloc(BLOCK);
	while ((got = read_at(fd, buffer, at)) > 0) {
		bodyscan_add(&scan, (struct view) { buffer, (size_t)got });
		at += got;
	}
	mem_free(buffer);
	if (got < 0)
		return false;
	*out = scan;
	return true;
}

off_t
message_length(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
}

bool
message_is_cut(int fd, off_t end)
{
	return end > 0 && lseek(fd, 0, SEEK_CUR) < end;
}

enum message_result
message_send(int fd, enum body_form form, struct session *s, uint64_t *octets)
{
	struct bodywriter writer = { .form = form };
	struct str wire = { 0 };
	char *buffer = mem_alloc(BLOCK);
	bool alive = true;
	ssize_t got = 0;

	*octets = 0;
	while (alive && (got = fd_read(fd, buffer, BLOCK)) > 0) {
		str_clear(&wire);
		bodywriter_add(&writer, (struct view) { buffer, (size_t)got }, &wire);
		*octets += wire.len;
		alive = session_put(s, str_view(&wire));
	}
	mem_free(buffer);
	str_free(&wire);
	if (!alive)
		return MESSAGE_DIED;
	if (got < 0)
		return MESSAGE_UNREADABLE;
	return bodywriter_is_partial(&writer) ? MESSAGE_PARTIAL : MESSAGE_SENT;
}
