#include "qtool/report.h"

#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/json.h"
#include "lib/mem.h"

enum { FLUSH_AT = 65536 };
enum { FIRST_SHOWN = 32, LAST_SHOWN = 126, MINUTE = 60, HOUR = 3600, DAY = 86400 };

static const char *const channel_names[CHANNELS] = { "local", "remote" };

/* --- reasons ---------------------------------------------------------------------------------------------- */

void
report_reasons_add(struct report_reasons *r, const struct queuectl_reason *reason)
{
	struct report_reason *last;

	r->list = mem_resize(r->list, (r->count + 1) * sizeof *r->list);
	last = &r->list[r->count++];
	*last = (struct report_reason) { .channel = reason->channel,
		.offset = reason->offset };
	str_set(&last->text, reason->text);
}

void
report_reasons_free(struct report_reasons *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		str_free(&r->list[i].text);
	mem_free(r->list);
	*r = (struct report_reasons) { 0 };
}

static struct view
reason_of(const struct report_reasons *r, const struct message_recipient *recipient)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->list[i].channel == (unsigned)recipient->kind &&
		    r->list[i].offset == recipient->offset)
			return str_view(&r->list[i].text);
	return VIEW("");
}

/* --- pieces ----------------------------------------------------------------------------------------------- */

void
report_safe(struct str *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		str_append_byte(out,
		    text.at[i] >= FIRST_SHOWN && text.at[i] <= LAST_SHOWN ? text.at[i]
									  : '_');
}

/* "2d", "5h", "30m", "7s". */
static void
append_span(struct str *out, int64_t seconds)
{
	uint64_t s = seconds > 0 ? (uint64_t)seconds : 0;

	fmt_u64(out,
	    s >= 2 * DAY          ? s / DAY
		: s >= 2 * HOUR   ? s / HOUR
		: s >= 2 * MINUTE ? s / MINUTE
				  : s);
	str_append_byte(out,
	    s >= 2 * DAY          ? 'd'
		: s >= 2 * HOUR   ? 'h'
		: s >= 2 * MINUTE ? 'm'
				  : 's');
}

static void
put_address(struct str *out, const char *before, struct view address, const char *after)
{
	str_append_text(out, before);
	report_safe(out, address);
	str_append_text(out, after);
}

static void
put_standing(struct str *out, const struct message *m, int64_t now)
{
	int64_t at;

	str_append_text(out, message_standing(m, now, &at));
	if (at > now) {
		str_append_byte(out, ' ');
		append_span(out, at - now);
	}
	if (m->bouncing)
		str_append_text(out, " bouncing");
}

void
report_line(struct str *out, const struct message *m, int64_t now)
{
	fmt_u64(out, m->id);
	str_append_text(out, "  ");
	append_span(out, now - m->birth);
	str_append_text(out, "  ");
	fmt_u64(out, m->size);
	str_append_text(out, "  ");
	put_standing(out, m, now);
	put_address(out, "  <", str_view(&m->sender), ">");
	if (m->left > 0)
		put_address(out, "  ", str_view(&m->first), "");
	if (m->left > 1) {
		str_append_text(out, " +");
		fmt_u64(out, m->left - 1);
	}
	str_append_byte(out, '\n');
}

/* --- details ---------------------------------------------------------------------------------------------- */

struct listing {
	const struct report_sink *sink;
	struct str *out; /* the sink's */
	const struct message *message;
	const struct report_reasons *reasons;
	bool begun; /* a recipient was put */
};

static void
next_recipient(struct listing *l)
{
	if (l->out->len >= FLUSH_AT)
		l->sink->flush(l->sink->context);
	l->begun = true;
}

static void
put_recipient(void *context, const struct message_recipient *r)
{
	struct listing *l = context;
	struct view reason = reason_of(l->reasons, r);

	str_append_text(l->out, r->done ? "  done" : "");
	str_append_byte(l->out, '\t');
	str_append_text(l->out, l->message->is_new ? "new" : channel_names[r->kind]);
	put_address(l->out, "\t", r->address, "\n");
	if (!r->done && reason.len > 0)
		put_address(l->out, "\t\t", reason, "\n");
	next_recipient(l);
}

static void
put_time(struct str *out, const char *before, int64_t at, const char *after)
{
	str_append_text(out, before);
	date_format_rfc3339(out, at);
	str_append_text(out, after);
}

static void
put_next(struct str *out, const struct message *m)
{
	int i;

	for (i = 0; i < QUEUECTL_CHANNELS; i++) {
		if (m->state.channels[i].place != QUEUECTL_WAITING &&
		    m->state.channels[i].place != QUEUECTL_READY)
			continue;
		str_append_text(out, "next ");
		str_append_text(out, channel_names[i]);
		put_time(out, ": ", m->state.channels[i].at, "\n");
	}
}

void
report_details(const struct report_sink *sink, const struct layout *layout,
    const struct message *m, const struct report_reasons *reasons, int64_t now)
{
	struct listing l = { sink, sink->out, m, reasons, false };
	struct str *out = sink->out;

	str_append_text(out, "message: ");
	fmt_u64(out, m->id);
	put_address(out, "\nsender: <", str_view(&m->sender), ">\n");
	put_time(out, "entered: ", m->birth, " (");
	append_span(out, now - m->birth);
	str_append_text(out, " ago)\nsize: ");
	fmt_u64(out, m->size);
	str_append_text(out, "\nstate: ");
	put_standing(out, m, now);
	str_append_byte(out, '\n');
	put_next(out, m);
	str_append_text(out, "recipients:\n");
	if (message_recipients(layout, m, put_recipient, &l) < 0)
		str_append_text(out, "\t(the others cannot be read)\n");
}

/* --- JSON ------------------------------------------------------------------------------------------------- */

static void
json_text(struct str *out, const char *key, struct view text)
{
	json_key(out, key);
	json_string(out, text);
}

static void
json_number(struct str *out, const char *key, uint64_t n)
{
	json_key(out, key);
	fmt_u64(out, n);
}

static void
json_bool(struct str *out, const char *key, bool value)
{
	json_key(out, key);
	str_append_text(out, value ? "true" : "false");
}

static void
json_time(struct str *out, const char *key, int64_t at)
{
	struct str text = { 0 };

	date_format_rfc3339(&text, at);
	json_text(out, key, str_view(&text));
	str_free(&text);
}

static void
json_recipient(void *context, const struct message_recipient *r)
{
	struct listing *l = context;
	struct view reason = reason_of(l->reasons, r);

	if (l->begun)
		str_append_byte(l->out, ',');
	str_append_byte(l->out, '{');
	json_text(l->out, "address", r->address);
	if (!l->message->is_new)
		json_text(l->out, "channel", view_of(channel_names[r->kind]));
	json_bool(l->out, "done", r->done);
	if (reason.len > 0 && !r->done)
		json_text(l->out, "reason", reason);
	str_append_byte(l->out, '}');
	next_recipient(l);
}

void
report_json(const struct report_sink *sink, const struct layout *layout,
    const struct message *m, const struct report_reasons *reasons, int64_t now)
{
	struct listing l = { sink, sink->out, m, reasons, false };
	struct str *out = sink->out;
	int64_t at;
	const char *standing = message_standing(m, now, &at);
	bool complete;

	str_append_byte(out, '{');
	json_number(out, "id", m->id);
	json_text(out, "sender", str_view(&m->sender));
	json_time(out, "entered", m->birth);
	json_number(out, "age", now > m->birth ? (uint64_t)(now - m->birth) : 0);
	json_number(out, "size", m->size);
	json_text(out, "state", view_of(standing));
	json_bool(out, "held", m->state.held);
	json_bool(out, "bouncing", m->bouncing);
	if (at != 0)
		json_time(out, "next", at);
	json_number(out, "left", m->left);
	json_key(out, "recipients");
	str_append_byte(out, '[');
	complete = message_recipients(layout, m, json_recipient, &l) == 0;
	str_append_byte(out, ']');
	if (!complete)
		json_bool(out, "complete", false);
	str_append_text(out, "}\n");
}
