#include "smtp/crowding.h"

#include <stddef.h>

enum { CLASS_LATER = 4 };

static const char *const of_what[] = { "connection", "session" };
static const char *const how_many[] = { "too many", "concurrent", "simultaneous",
	"maximum", "limit", "exceed" };

static bool
has_word(struct view text, const char *const *words, size_t count)
{
	size_t i, at;

	for (i = 0; i < count; i++)
		for (at = 0; at < text.len; at++)
			if (view_starts_nocase(view_from(text, at), view_of(words[i])))
				return true;
	return false;
}

bool
crowding_is_meant(const struct remotereply *reply)
{
	struct view text = str_view(&reply->text);

	return remotereply_class(reply) == CLASS_LATER &&
	    has_word(text, of_what, sizeof of_what / sizeof *of_what) &&
	    has_word(text, how_many, sizeof how_many / sizeof *how_many);
}
