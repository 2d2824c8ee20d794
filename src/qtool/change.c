#include "qtool/change.h"

#include <poll.h>

#include "lib/fmt.h"
#include "lib/json.h"
#include "qtool/report.h"

enum { NEW_TRIES = 50, NEW_PAUSE_MS = 100 }; /* until a new message is taken over */

static const char *
word_of(enum queuectl_verb verb, bool done)
{
	static const char *const words[][2] = {
		[QUEUECTL_HOLD] = { "hold", "held" },
		[QUEUECTL_RELEASE] = { "release", "released" },
		[QUEUECTL_RETRY] = { "retry", "due now" },
		[QUEUECTL_REMOVE] = { "remove", "removed" },
		[QUEUECTL_BOUNCE] = { "bounce", "returned to the sender" },
	};

	return words[verb][done];
}

static const char *
word_of_result(const struct change *c, enum queuectl_result result)
{
	switch (result) {
	case QUEUECTL_DONE:
		return word_of(c->verb, true);
	case QUEUECTL_UNKNOWN:
		return "is no more, or not taken over by qmail-send yet";
	default:
		return "not done: the log of qmail-send says why";
	}
}

static void
tell(const struct change *c, const struct message *m, enum queuectl_result result,
    struct str *out)
{
	static const char *const names[] = { "done", "unknown", "failed" };

	if (c->json) {
		str_append_byte(out, '{');
		json_key(out, "id");
		fmt_u64(out, m->id);
		json_key(out, "action");
		json_string(out, view_of(word_of(c->verb, false)));
		json_key(out, "result");
		json_string(out, view_of(c->dry_run ? "dry run" : names[result]));
		str_append_text(out, "}\n");
		return;
	}
	if (c->dry_run) {
		str_append_text(out, word_of(c->verb, false));
		str_append_text(out, ": ");
		report_line(out, m, c->now);
		return;
	}
	fmt_u64(out, m->id);
	str_append_text(out, ": ");
	str_append_text(out, word_of_result(c, result));
	str_append_byte(out, '\n');
}

/* qmail-send takes a new message over within a moment; until then it does not know it. */
static int
try_again(struct change *c, struct message *m, enum queuectl_result *result)
{
	int tries;

	for (tries = 0; tries < NEW_TRIES && m->is_new; tries++) {
		struct message now;

		poll(NULL, 0, NEW_PAUSE_MS);
		if (message_read(c->layout, m->id, &now) != ANSWER_YES)
			return 0;
		message_free(m);
		*m = now;
	}
	return m->is_new ? 0 : reach_do(c->reach, c->verb, c->text, m, 1, result);
}

int
change_all(struct change *c, struct message *list, size_t count, struct str *out)
{
	enum queuectl_result results[QUEUECTL_KEYS] = { QUEUECTL_DONE };
	int result = 0;
	size_t i;

	if (!c->dry_run)
		result = reach_do(c->reach, c->verb, c->text, list, count, results);
	for (i = 0; i < count && result == 0; i++) {
		if (results[i] == QUEUECTL_UNKNOWN && list[i].is_new &&
		    c->reach->how == REACH_LIVE)
			result = try_again(c, &list[i], &results[i]);
		c->failed = c->failed || results[i] != QUEUECTL_DONE;
		tell(c, &list[i], results[i], out);
	}
	return result;
}
