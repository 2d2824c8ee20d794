/* fuzz - what fuzz targets share: a claim, a directory of one's own, files in memory, and a peer whose octets
 * come in pieces. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "lib/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert(), in every build. */
#define claim(holds) ((holds) ? (void)0 : fuzz_refute(__FILE__, __LINE__, #holds))

static inline _Noreturn void
fuzz_refute(const char *file, unsigned line, const char *what)
{
	struct str text = { 0 };

	str_append_text(&text, file);
	str_append_byte(&text, ':');
	fmt_u64(&text, line);
	str_append_text(&text, ": not so: ");
	str_append_text(&text, what);
	str_append_byte(&text, '\n');
	fd_write_all(2, str_view(&text));
	abort();
}

/* The input's first octet, and the rest of it: how a target is told what to do.  0 of nothing. */
static inline uint8_t
fuzz_choice(struct view *input)
{
	uint8_t choice = input->len ? (uint8_t)input->at[0] : 0;

	*input = view_from(*input, 1);
	return choice;
}

/* Is `part` in `whole`?  An empty one is anywhere. */
static inline bool
fuzz_is_inside(struct view part, struct view whole)
{
	return part.len == 0 ||
	    (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static inline bool
fuzz_is_printable(struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return true;
}

/* Before the first input: change to a fresh directory, with control/ in it, below $TMPDIR; who set that
 * removes it. */
static inline void
fuzz_enter_directory(void)
{
	const char *base = getenv("TMPDIR");
	struct str path = { 0 };

	str_append_text(&path, base ? base : "/tmp");
	str_append_text(&path, "/fuzz.XXXXXX");
	claim(mkdtemp(path.at) && chdir(path.at) == 0 && mkdir("control", 0755) == 0);
	str_free(&path);
}

static inline void
fuzz_write_file(const char *path, struct view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	claim(fd >= 0 && fd_write_all(fd, bytes) == 0 && close(fd) == 0);
}

/* A connection: `ends[0]` is ours, ends[1] the peer's, where what we write comes in packets. */
static inline void
fuzz_pair(int ends[2])
{
	int room = 4 << 20;

	claim(socketpair(
		  AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

/* The peer sends `bytes`, which are read in pieces of `step` octets.  False if the system does not hold so
 * many. */
static inline bool
fuzz_say(int fd, struct view bytes, size_t step)
{
	for (; bytes.len > 0; bytes = view_from(bytes, step)) {
		struct view piece = view_first(bytes, step);

		if (send(fd, piece.at, piece.len, MSG_NOSIGNAL) != (ssize_t)piece.len)
			return false;
	}
	return true;
}

/* Both, and the peer hangs up its half. */
static inline bool
fuzz_connect(struct view bytes, size_t step, int ends[2])
{
	fuzz_pair(ends);
	if (fuzz_say(ends[1], bytes, step)) {
		claim(shutdown(ends[1], SHUT_WR) == 0);
		return true;
	}
	close(ends[0]);
	close(ends[1]);
	return false;
}

/* All that came to the peer so far, appended. */
static inline void
fuzz_take_sent(int fd, struct str *out)
{
	static char packet[1 << 17];
	ssize_t got;

	while ((got = recv(fd, packet, sizeof packet, MSG_DONTWAIT)) > 0)
		str_append(out, (struct view) { packet, (size_t)got });
}

#endif
