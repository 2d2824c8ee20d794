#include "lib/origin.h"

#include <string.h>

#include "lib/fmt.h"

void
origin_note(struct origin *origin, const char *file, size_t line)
{
	char digits[FMT_U64_MAX];
	struct view number = fmt_u64_into(digits, line);
	size_t room = sizeof origin->text - 1 - (line ? number.len + 1 : 0);
	size_t len = strlen(file);

	if (len > room)
		len = room;
	memcpy(origin->text, file, len);
	if (line) {
		origin->text[len++] = ':';
		memcpy(origin->text + len, number.at, number.len);
		len += number.len;
	}
	origin->text[len] = '\0';
}
