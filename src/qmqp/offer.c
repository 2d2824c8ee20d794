#include "qmqp/offer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "lib/ascii.h"
#include "lib/connect.h"
#include "lib/deadline.h"
#include "lib/fd.h"
#include "smtp/qmtpreply.h"

enum {
	CONNECT_SECONDS = 10, /* as in qmail */
	SILENCE_SECONDS = 60,
	ANSWER_SECONDS = 600,
	PIECE = 65536,
	ANSWER_MAX = 65536, /* octets */
};

static void
fail(struct offer *o, enum queue_exit result, const char *text)
{
	o->result = result;
	str_clear(&o->text);
	str_append_text(&o->text, text);
}

/* --- the message goes -------------------------------------------------------------------------------- */

enum sending {
	ALL_SENT,
	SERVER_SPEAKS, /* before it has everything: it will not take it */
	SENDING_FAILED,
};

static enum sending
wait_for_room(int fd)
{
	struct pollfd socket = { fd, POLLIN | POLLOUT, 0 };
	struct deadline end = deadline_in(SILENCE_SECONDS);
	int ready;

	do
		ready = poll(&socket, 1, deadline_left_ms(end));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	if (ready <= 0)
		return SENDING_FAILED;
	return socket.revents & POLLIN ? SERVER_SPEAKS : ALL_SENT;
}

/* In pieces, each with a look at what the server may have to say to it. */
static enum sending
send_part(int fd, struct view octets)
{
	enum sending state = ALL_SENT;

	while (octets.len > 0 && state == ALL_SENT) {
		ssize_t put;

		state = wait_for_room(fd);
		if (state != ALL_SENT)
			break;
		put = fd_write(fd, octets.at, octets.len < PIECE ? octets.len : PIECE);
		if (put >= 0)
			octets = view_from(octets, (size_t)put);
		else if (errno != EAGAIN)
			state = SENDING_FAILED;
	}
	return state;
}

static enum sending
send_parcel(int fd, const struct parcel *p)
{
	enum sending state = send_part(fd, str_view(&p->head));

	if (state == ALL_SENT)
		state = send_part(fd, str_view(&p->message));
	if (state == ALL_SENT)
		state = send_part(fd, str_view(&p->tail));
	return state;
}

/* --- the answer comes -------------------------------------------------------------------------------- */

/* As much of it as there will be; the letter decides, even if the rest does not come. */
static void
read_answer(int fd, struct qmtpreply *reply)
{
	struct deadline end = deadline_in(ANSWER_SECONDS);
	enum qmtpreply_status status = QMTPREPLY_MORE;
	char buffer[512];

	qmtpreply_start(reply);
	while (status == QMTPREPLY_MORE && fd_wait_readable(fd, end) == 0) {
		ssize_t got = fd_read(fd, buffer, sizeof buffer);
		size_t used;

		if (got < 0 && errno == EAGAIN)
			continue;
		if (got <= 0)
			break;
		status =
		    qmtpreply_add(reply, (struct view) { buffer, (size_t)got }, &used);
	}
}

/* It goes to a terminal, perhaps. */
static bool
is_printable(char c)
{
	return !ascii_is_control(c) && (unsigned char)c < 0x80;
}

static void
append_printable(struct str *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		str_append_byte(out, is_printable(text.at[i]) ? text.at[i] : '?');
}

static void
judge(struct offer *o, const struct qmtpreply *reply, bool has_all)
{
	switch (reply->letter) {
	case 'K':
		if (has_all)
			o->result = QUEUE_OK;
		else
			fail(o, QUEUE_CONNECTION_DIED, "it takes what it has not seen");
		return;
	case 'D':
		o->result = QUEUE_REFUSED;
		o->may_go_on = false;
		break;
	case 'Z':
		o->result = QUEUE_DEFERRED;
		o->may_go_on = true;
		break;
	default:
		fail(o, QUEUE_CONNECTION_DIED,
		    has_all ? "no answer; it may have the message all the same"
			    : "the connection died");
		return;
	}
	str_clear(&o->text);
	append_printable(&o->text, str_view(&reply->text));
}

static void
talk(int fd, const struct parcel *parcel, struct offer *o)
{
	struct qmtpreply reply = { .max = ANSWER_MAX };
	enum sending state = send_parcel(fd, parcel);

	o->may_go_on = state != ALL_SENT;
	if (state == SENDING_FAILED) {
		fail(o, QUEUE_CONNECTION_DIED, strerror(errno));
		return;
	}
	read_answer(fd, &reply);
	judge(o, &reply, state == ALL_SENT);
	qmtpreply_free(&reply);
}

void
offer_to(const struct server *server, const struct parcel *parcel, struct offer *out)
{
	int fd;

	out->may_go_on = true;
	switch (connect_to(
	    &server->ip, server->port, NULL, deadline_in(CONNECT_SECONDS), &fd)) {
	case CONNECT_OK:
		talk(fd, parcel, out);
		fd_close(&fd);
		return;
	case CONNECT_FAILED:
		fail(out,
		    errno == ETIMEDOUT ? QUEUE_CONNECT_TIMEOUT : QUEUE_CONNECT_FAILED,
		    strerror(errno));
		return;
	case CONNECT_NO_SOCKET:
	case CONNECT_NO_BIND:
		break;
	}
	out->may_go_on = false;
	fail(out, QUEUE_NO_SOCKET, strerror(errno));
}

void
offer_free(struct offer *offer)
{
	str_free(&offer->text);
}
