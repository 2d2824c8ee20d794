/* report - messages as people or programs read them: lines of text, or a JSON object a line. */
#ifndef QTOOL_REPORT_H
#define QTOOL_REPORT_H

#include "qtool/message.h"

/* The last reason that is known of a recipient; an empty one if none is. */
struct report_reason {
	unsigned channel;
	uint64_t offset;
	struct str text;
};

struct report_reasons { /* {0}: none */
	struct report_reason *list;
	size_t count;
};

void report_reasons_add(struct report_reasons *r, const struct queuectl_reason *reason);
void report_reasons_free(struct report_reasons *r);

/* One line: number, age, size, how it stands, sender, and who waits for it. */
void report_line(struct str *out, const struct message *m, int64_t now);

/* Where the text of a message goes that may have a million recipients: now and then flush() takes all of it. */
struct report_sink {
	struct str *out;
	void (*flush)(void *context);
	void *context;
};

/* All that is known, but for the header of the message. */
void report_details(const struct report_sink *sink, const struct layout *layout,
    const struct message *m, const struct report_reasons *reasons, int64_t now);

/* The same as an object, with a line end. */
void report_json(const struct report_sink *sink, const struct layout *layout,
    const struct message *m, const struct report_reasons *reasons, int64_t now);

/* What may be shown on a terminal: all else is _. */
void report_safe(struct str *out, struct view text);

#endif
