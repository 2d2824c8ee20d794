/* json - strings and numbers as JSON (RFC 8259) wants them.  Objects are put together by the caller. */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include "lib/str.h"
#include "lib/view.h"

/* Append "text" with its quotes.  Octets that are no UTF-8 become U+FFFD, each. */
void json_string(struct str *out, struct view text);

/* Append ,"key": - without the comma at the start of an object or array. */
void json_key(struct str *out, const char *key);

#endif
