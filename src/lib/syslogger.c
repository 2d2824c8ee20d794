#include "lib/syslogger.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "lib/date.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "os/os.h"

enum { PAUSE_MS = 20 }; /* between two looks for a syslog that is away */

void
syslogger_init(struct syslogger *s, const char *path)
{
	*s = (struct syslogger) {
		.path = path, .fd = -1, .patience_ms = SYSLOGGER_PATIENCE_MS
	};
}

void
syslogger_close(struct syslogger *s)
{
	fd_close(&s->fd);
}

static int
connect_as(struct syslogger *s, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(s->path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, s->path, strlen(s->path) + 1);
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd >= 0 &&
	    connect(s->fd, (const struct sockaddr *)&address, sizeof address) < 0)
		syslogger_close(s);
	return s->fd < 0 ? -1 : 0;
}

static bool
reach(struct syslogger *s)
{
	s->is_stream = false;
	if (connect_as(s, SOCK_DGRAM) == 0)
		return true;
	s->is_stream = errno == EPROTOTYPE;
	return s->is_stream && connect_as(s, SOCK_STREAM) == 0;
}

struct entry {
	struct view bytes; /* with a NUL behind it */
	size_t sent;
};

/* One try: true, it is out. */
static bool
put(struct syslogger *s, struct entry *e)
{
	size_t len;
	ssize_t n;

	if (s->fd < 0) {
		if (!reach(s))
			return false;
		e->sent = 0; /* a part went with the connection that was */
	}
	len = e->bytes.len - !s->is_stream;
	n = send(
	    s->fd, e->bytes.at + e->sent, len - e->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		e->sent += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		syslogger_close(s); /* it has ended; the next one is at the same path */
	return e->sent == len;
}

/* A syslog that listens can say when it has room; one that is away cannot. */
static void
pause_for(struct syslogger *s)
{
	struct pollfd room = { .fd = s->fd, .events = POLLOUT };
	int64_t began = os_monotonic_ms();

	if (s->fd < 0 || errno == ENOBUFS)
		poll(NULL, 0, PAUSE_MS);
	else
		poll(&room, 1, (int)s->patience_ms);
	s->patience_ms -= os_monotonic_ms() - began;
}

static bool
is_sent(struct syslogger *s, struct entry *e)
{
	/* One that has ended is noticed by sending to it: once more, then. */
	if (put(s, e) || (s->fd < 0 && put(s, e))) {
		if (s->patience_ms < SYSLOGGER_PATIENCE_MS)
			s->patience_ms += SYSLOGGER_REWARD_MS;
		return true;
	}
	while (s->patience_ms > 0) {
		pause_for(s);
		if (put(s, e))
			return true;
	}
	if (e->sent > 0)
		syslogger_close(s); /* so that what was begun ends here */
	return false;
}

bool
syslogger_send(struct syslogger *s, struct view entry)
{
	struct str bytes = { 0 };
	struct entry e;
	bool sent;

	str_append(&bytes, entry);
	str_append_byte(&bytes, '\0');
	e = (struct entry) { str_view(&bytes), 0 };
	sent = is_sent(s, &e);
	str_free(&bytes);
	s->lost += !sent;
	return sent;
}

void
syslogger_begin(struct str *out, int priority, int64_t seconds)
{
	time_t at = (time_t)seconds;
	struct date date = { 0 };
	struct tm local = { 0 };

	localtime_r(&at, &local);
	date.hour = local.tm_hour;
	date.minute = local.tm_min;
	date.second = local.tm_sec;
	str_append_byte(out, '<');
	fmt_u64(out, (uint64_t)priority);
	str_append_byte(out, '>');
	str_append_text(out, date_month_name(local.tm_mon + 1));
	str_append_text(out, local.tm_mday < 10 ? "  " : " ");
	fmt_u64(out, (uint64_t)local.tm_mday);
	str_append_byte(out, ' ');
	date_append_clock(out, &date);
}
