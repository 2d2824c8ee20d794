#include "send/spawner.h"

#include <errno.h>

#include "lib/fd.h"

int
spawner_greeted(struct spawner *s, int command_fd, int report_fd)
{
	unsigned char greeting[2];
	ssize_t got = fd_read(report_fd, greeting, sizeof greeting);

	if (got <= 0)
		return -1;
	*s = (struct spawner) {
		.alive = true,
		.command_fd = command_fd,
		.report_fd = report_fd,
		.width = (unsigned)got,
		.slots = greeting[0],
	};
	if (got == 2)
		s->slots |= (unsigned)greeting[1] << 8;
	deliveryreport_init(&s->parser, s->width);
	return fd_set_blocking(command_fd, 0);
}

bool
spawner_is_ready(const struct spawner *s)
{
	return s->alive && s->pending.len == 0;
}

int
spawner_flush(struct spawner *s)
{
	ssize_t put;

	if (s->pending.len == 0)
		return 0;
	put = fd_write(s->command_fd, s->pending.at, s->pending.len);
	if (put < 0)
		return errno == EAGAIN ? 0 : -1;
	if ((size_t)put == s->pending.len) {
		str_clear(&s->pending);
	} else {
		struct str rest = { 0 };

		str_append(&rest, view_from(str_view(&s->pending), (size_t)put));
		str_free(&s->pending);
		s->pending = rest;
	}
	return 0;
}

void
spawner_command(struct spawner *s, unsigned delnum, struct view messid,
    struct view sender, struct view recipient)
{
	str_append_byte(&s->pending, (char)(delnum & 0xff));
	if (s->width == 2)
		str_append_byte(&s->pending, (char)(delnum >> 8));
	str_append(&s->pending, messid);
	str_append_byte(&s->pending, '\0');
	str_append(&s->pending, sender);
	str_append_byte(&s->pending, '\0');
	str_append(&s->pending, recipient);
	str_append_byte(&s->pending, '\0');
}

void
spawner_free(struct spawner *s)
{
	str_free(&s->pending);
	deliveryreport_free(&s->parser);
}
