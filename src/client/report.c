#include "client/report.h"

#include <string.h>

#include "lib/fd.h"
#include "os/os.h"

static void
append_reply(struct str *out, const struct remotereply *reply)
{
	if (!reply || reply->text.len == 0)
		return;
	str_append_text(out, "Remote host said: ");
	str_append(out, str_view(&reply->text));
}

static void
append_detail(const struct report *r, size_t start, const struct remotereply *reply,
    struct str *out)
{
	struct str line = { 0 };

	if (!r->detail)
		return;
	detail_append(
	    r->detail, view_from(str_view(out), start), reply, os_realtime_ms(), &line);
	str_append(out, str_view(&line));
	str_free(&line);
}

void
report_recipient(struct report *r, enum report_letter letter, struct view peer,
    const struct remotereply *reply)
{
	size_t start = r->recipients.len;

	str_append_byte(&r->recipients, (char)letter);
	if (letter != REPORT_ACCEPTED) {
		str_append(&r->recipients, peer);
		str_append_text(&r->recipients, " does not like recipient.\n");
		append_detail(r, start, reply, &r->recipients);
		append_reply(&r->recipients, reply);
	}
	str_append_byte(&r->recipients, '\0');
}

void
report_recipient_text(struct report *r, enum report_letter letter, const char *text)
{
	size_t start = r->recipients.len;

	str_append_byte(&r->recipients, (char)letter);
	str_append_text(&r->recipients, text);
	str_append_byte(&r->recipients, '\n');
	append_detail(r, start, NULL, &r->recipients);
	str_append_byte(&r->recipients, '\0');
}

void
report_begin(struct report *r, enum report_letter letter)
{
	str_clear(&r->message);
	str_append_byte(&r->message, (char)letter);
}

void
report_add(struct report *r, const char *text)
{
	str_append_text(&r->message, text);
}

void
report_add_view(struct report *r, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		str_append_byte(&r->message, text.at[i] ? text.at[i] : '?');
}

void
report_end(struct report *r, const struct remotereply *reply)
{
	str_append_byte(&r->message, '\n');
	r->detail_at = r->message.len;
	append_detail(r, 0, reply, &r->message);
	r->detail_len = r->message.len - r->detail_at;
	append_reply(&r->message, reply);
}

void
report_message(struct report *r, enum report_letter letter, const char *text)
{
	report_begin(r, letter);
	report_add(r, text);
	report_end(r, NULL);
}

void
report_controls(struct report *r, const struct problem *problem)
{
	report_begin(r, REPORT_LATER);
	report_add(r, "Unable to read control files. (#4.3.0)");
	if (problem->what) {
		report_add(r, "\n");
		report_add(r, problem->where);
		report_add(r, ": ");
		report_add(r, problem->what);
	}
	if (problem->error) {
		report_add(r, ": ");
		report_add(r, strerror(problem->error));
	}
	report_end(r, NULL);
}

void
report_peer(struct report *r, enum report_letter letter, const char *before,
    struct view peer, const char *after, const struct remotereply *reply)
{
	report_begin(r, letter);
	report_add(r, before);
	report_add_view(r, peer);
	report_add(r, after);
	report_end(r, reply);
}

/* Where `line` was put; record.len if nowhere. */
static size_t
append_remarked(struct str *out, struct view record, struct view line)
{
	size_t first = view_index(record, '\n');
	bool later = record.len > 0 && first < record.len &&
	    (record.at[0] == REPORT_LATER || record.at[0] == REPORT_DEFERRED);

	first = later ? first + 1 : record.len;
	str_append(out, view_first(record, first));
	if (later)
		str_append(out, line);
	str_append(out, view_from(record, first));
	return first;
}

void
report_remark(struct report *r, struct view line)
{
	struct str recipients = { 0 }, message = { 0 };
	struct view record, rest = str_view(&r->recipients);

	while (view_cut(rest, '\0', &record, &rest)) {
		append_remarked(&recipients, record, line);
		str_append_byte(&recipients, '\0');
	}
	if (append_remarked(&message, str_view(&r->message), line) <= r->detail_at)
		r->detail_at += line.len;
	str_free(&r->recipients);
	str_free(&r->message);
	r->recipients = recipients;
	r->message = message;
}

/* The report of the recipient at `index`, without its NUL; false if it did not get that far. */
static bool
own_report(const struct report *r, size_t index, struct view *own)
{
	struct view rest = str_view(&r->recipients);

	while (view_cut(rest, '\0', own, &rest))
		if (index-- == 0)
			return true;
	return false;
}

void
report_append_one(const struct report *r, size_t index, struct str *out)
{
	struct view own, message = str_view(&r->message);
	size_t behind = 0;

	if (own_report(r, index, &own)) {
		str_append(out, own);
		str_append_byte(out, '\0');
		if (own.len > 1 && r->detail_len > 0) {
			str_append(out, view_first(message, r->detail_at));
			behind = r->detail_at + r->detail_len;
		}
	}
	str_append(out, view_from(message, behind));
	str_append_byte(out, '\0');
}

void
report_write(const struct report *r, int fd)
{
	struct view own;
	struct str all = { 0 };

	if (own_report(r, 1, &own)) {
		str_append(&all, str_view(&r->recipients));
		str_append(&all, str_view(&r->message));
		str_append_byte(&all, '\0');
	} else {
		report_append_one(r, 0, &all);
	}
	fd_write_all(fd, str_view(&all));
	str_free(&all);
}

void
report_free(struct report *r)
{
	str_free(&r->recipients);
	str_free(&r->message);
	r->detail_len = 0;
}
