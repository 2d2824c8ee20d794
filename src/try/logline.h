/* logline - our own lines in the log, taken apart (lib/log.h): "PROGRAM[PID]: EVENT key=value ...". */
#ifndef TRY_LOGLINE_H
#define TRY_LOGLINE_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

/* Its event, and what stands behind that. */
struct view logline_event(struct view line, struct view *pairs);

/* Take "key=value" off; false at the end. */
bool logline_next(struct view *pairs, struct view *key, struct view *value);

/* \xHH is one octet. */
void logline_append_unescaped(struct str *out, struct view value);

/* The value of one key, unescaped, replacing *out; empty if it is not there. */
void logline_value(struct view pairs, const char *wanted, struct str *out);

#endif
