/* sendlog - the lines of qmail-send (queue 4.6, qmail-log(5)): stock's, byte for byte, as scanners
 * have read them for decades.  One write a line. */
#ifndef SEND_SENDLOG_H
#define SEND_SENDLOG_H

#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* Append `text` as it may stand in a line: LF is '/'; octets below 33 and above 126, and '%', are
 * '_'. */
void sendlog_filter(struct str *line, struct view text);

/* A line being put together. */
struct sendlog_line {
	struct str text;
};

void sendlog_text(struct sendlog_line *line, const char *text);
void sendlog_number(struct sendlog_line *line, uint64_t n);
void sendlog_safe(struct sendlog_line *line, struct view text); /* filtered */
/* Write the line to `fd` and free it.  Nothing can be done about a log that is gone. */
void sendlog_end(struct sendlog_line *line, int fd);

/* Whole lines: `before`, `n`, `after`; and one text. */
void sendlog_about(int fd, const char *before, uint64_t n, const char *after);
void sendlog_say(int fd, const char *before, const char *what, const char *after);

#endif
