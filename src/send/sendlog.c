#include "send/sendlog.h"

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"

void
sendlog_filter(struct str *line, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '\n')
			c = '/';
		else if (!ascii_is_graphic(c) || c == '%')
			c = '_';
		str_append_byte(line, c);
	}
}

void
sendlog_text(struct sendlog_line *line, const char *text)
{
	str_append_text(&line->text, text);
}

void
sendlog_number(struct sendlog_line *line, uint64_t n)
{
	fmt_u64(&line->text, n);
}

void
sendlog_safe(struct sendlog_line *line, struct view text)
{
	sendlog_filter(&line->text, text);
}

void
sendlog_end(struct sendlog_line *line, int fd)
{
	str_append_byte(&line->text, '\n');
	fd_write_all(fd, str_view(&line->text));
	str_free(&line->text);
}

void
sendlog_about(int fd, const char *before, uint64_t n, const char *after)
{
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, before);
	sendlog_number(&line, n);
	sendlog_text(&line, after);
	sendlog_end(&line, fd);
}

void
sendlog_say(int fd, const char *before, const char *what, const char *after)
{
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, before);
	sendlog_text(&line, what);
	sendlog_text(&line, after);
	sendlog_end(&line, fd);
}
