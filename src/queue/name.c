#include "queue/name.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/scan.h"

/* The longest: "remote/" and two numbers of 20 digits with a slash and a NUL. */
_Static_assert(NAME_MAX_OCTETS >= 7 + 3 * FMT_U64_MAX, "a name must fit");

static char *
put_text(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len + 1);
	return at + len;
}

static char *
put_number(char *at, char before, uint64_t n)
{
	char buffer[FMT_U64_MAX];
	struct view digits = fmt_u64_into(buffer, n);

	*at++ = before;
	memcpy(at, digits.at, digits.len);
	at[digits.len] = '\0';
	return at + digits.len;
}

void
name_pid(char out[NAME_MAX_OCTETS], uint64_t pid, uint64_t now, unsigned try)
{
	char *at = put_text(out, "pid");

	at = put_number(at, '/', pid);
	at = put_number(at, '.', now);
	put_number(at, '.', try);
}

void
name_flat(char out[NAME_MAX_OCTETS], const char *dir, uint64_t n)
{
	put_number(put_text(out, dir), '/', n);
}

void
name_split(char out[NAME_MAX_OCTETS], const char *dir, uint64_t k, uint64_t n)
{
	put_number(put_number(put_text(out, dir), '/', k), '/', n);
}

bool
name_number(struct view text, uint64_t *out)
{
	char back[FMT_U64_MAX];
	uint64_t n;

	if (!scan_whole_u64(text, &n))
		return false;
	/* A number that is too large saturates; it would then be another message's. */
	while (text.len > 1 && text.at[0] == '0')
		text = view_from(text, 1);
	if (!view_equal(text, fmt_u64_into(back, n)))
		return false;
	*out = n;
	return true;
}
