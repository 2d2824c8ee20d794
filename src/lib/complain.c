#include "lib/complain.h"

#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/str.h"

void
complain(const char *first, ...)
{
	struct str line = { 0 };
	const char *text;
	va_list rest;

	va_start(rest, first);
	for (text = first; text; text = va_arg(rest, const char *))
		str_append_text(&line, text);
	va_end(rest);
	str_append_byte(&line, '\n');
	fd_write_all(STDERR_FILENO, str_view(&line));
	str_free(&line);
}
