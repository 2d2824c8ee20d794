#include "server/logdialect/words.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/fmt.h"

/* Of a value at most `most` octets. */
static void
add_long(struct str *out, const char *text, struct view value, size_t most)
{
	size_t i;

	str_append_text(out, text);
	for (i = 0; i < value.len && i < most; i++)
		str_append_byte(out, ascii_is_graphic(value.at[i]) ? value.at[i] : '_');
}

void
words_add(struct str *out, const char *text, struct view value)
{
	add_long(out, text, value, WORDS_VALUE_MAX);
}

void
words_add_text(struct str *out, const char *text, const char *value)
{
	words_add(out, text, view_of(value));
}

void
words_add_u64(struct str *out, const char *text, uint64_t value)
{
	str_append_text(out, text);
	fmt_u64(out, value);
}

void
words_add_lower(struct str *out, const char *text, struct view value)
{
	size_t start;

	str_append_text(out, text);
	start = out->len;
	words_add(out, "", value);
	for (; start < out->len; start++)
		out->at[start] = ascii_lower(out->at[start]);
}

void
words_title(struct str *out, const struct logevent *e)
{
	words_add_u64(out, "qmail-smtpd[", e->pid);
	str_append_text(out, "]: ");
}

bool
words_is_check(const struct logevent *e, const char *name)
{
	return e->why && e->why->check && strcmp(e->why->check, name) == 0;
}

bool
words_is_about_existence(const struct logevent *e)
{
	static const char *const checks[] = { "validrcptto", "validrcptto_cdb",
		"recipients", "realrcptto", "realrcptto_cdb", "rcptcheck" };
	size_t i;

	if (e->why && e->why->reply.code == 452) /* of that name, too, but too many */
		return false;
	for (i = 0; i < sizeof checks / sizeof *checks; i++)
		if (words_is_check(e, checks[i]))
			return true;
	return false;
}
