#include "lib/str.h"

#include <stdint.h>
#include <string.h>

#include "lib/ascii.h"
#include "lib/mem.h"
#include "os/os.h"

struct view
str_view(const struct str *s)
{
	return (struct view) { s->at ? s->at : "", s->len };
}

const char *
str_text(const struct str *s)
{
	return s->at ? s->at : "";
}

void
str_reserve(struct str *s, size_t more)
{
	size_t size;

	if (more > SIZE_MAX / 2 - s->len)
		mem_exhausted();
	if (s->len + more + 1 <= s->size)
		return;
	size = s->len + more + 1;
	size += size / 2 + 30;
	s->at = mem_resize(s->at, size);
	s->size = size;
}

void
str_set(struct str *s, struct view v)
{
	/* In place if v is a part of s, so that a string can be cut down to a piece of itself. */
	if (v.len > s->len)
		str_reserve(s, v.len - s->len);
	else
		str_reserve(s, 0);
	if (v.len)
		memmove(s->at, v.at, v.len);
	s->len = v.len;
	s->at[s->len] = '\0';
}

void
str_append(struct str *s, struct view v)
{
	size_t inside = s->at && v.at >= s->at && v.at < s->at + s->size
	    ? (size_t)(v.at - s->at)
	    : SIZE_MAX;

	str_reserve(s, v.len);
	if (inside != SIZE_MAX)
		v.at = s->at + inside;
	if (v.len)
		memcpy(s->at + s->len, v.at, v.len);
	s->len += v.len;
	s->at[s->len] = '\0';
}

void
str_append_byte(struct str *s, char c)
{
	str_reserve(s, 1);
	s->at[s->len++] = c;
	s->at[s->len] = '\0';
}

void
str_append_text(struct str *s, const char *text)
{
	str_append(s, view_of(text));
}

void
str_append_lower(struct str *s, struct view v)
{
	size_t i, start = s->len;

	str_append(s, v);
	for (i = start; i < s->len; i++)
		s->at[i] = ascii_lower(s->at[i]);
}

void
str_clear(struct str *s)
{
	str_cut(s, 0);
}

void
str_cut(struct str *s, size_t len)
{
	if (!s->at || len >= s->len)
		return;
	s->len = len;
	s->at[len] = '\0';
}

void
str_free(struct str *s)
{
	mem_free(s->at);
	*s = (struct str) { 0 };
}

void
str_wipe(struct str *s)
{
	if (s->at)
		os_wipe(s->at, s->size);
	str_free(s);
}
