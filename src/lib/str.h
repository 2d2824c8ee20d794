/* str - a growable string that owns its bytes.  {0} is valid and empty.  `at` is NUL-terminated
 * past `len` once anything was put into it; str_text() is so always. */
#ifndef LIB_STR_H
#define LIB_STR_H

#include <stddef.h>

#include "lib/view.h"

struct str {
	char *at;
	size_t len;
	size_t size; /* bytes allocated, the NUL included */
};

struct view str_view(const struct str *s);
const char *str_text(
    const struct str *s); /* for execve and open; valid until the next change */

void str_set(struct str *s, struct view v);    /* v may be a part of s */
void str_append(struct str *s, struct view v); /* v may be a part of s */
void str_append_byte(struct str *s, char c);
void str_append_text(struct str *s, const char *text);
void str_append_lower(struct str *s, struct view v); /* ASCII letters in lower case */

void str_reserve(struct str *s, size_t more); /* room for `more` bytes past len */
void str_clear(struct str *s);                /* empty; keeps the memory */
void str_cut(struct str *s, size_t len);      /* at most the first len bytes */
void str_free(struct str *s);                 /* back to {0} */
void str_wipe(struct str *s);                 /* overwrite, then free; for credentials */

#endif
