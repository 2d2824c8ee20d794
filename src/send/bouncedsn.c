#include "send/bouncedsn.h"

#include "lib/ascii.h"
#include "lib/date.h"

enum { DIAGNOSTIC_MAX = 500 }; /* octets of a reply that are shown to programs */

static void
append_part(struct str *out, struct view boundary, const char *type)
{
	str_append_text(out, "\n--");
	str_append(out, boundary);
	str_append_text(out, "\nContent-Type: ");
	str_append_text(out, type);
	str_append_text(out, "\n");
}

void
bouncedsn_header(struct str *out, struct view boundary)
{
	str_append_text(out,
	    "Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: "
	    "multipart/report; report-type=delivery-status;\n\tboundary=\"");
	str_append(out, boundary);
	str_append_text(out, "\"\n");
}

void
bouncedsn_words(struct str *out, struct view boundary)
{
	append_part(out, boundary, "text/plain; charset=utf-8");
	str_append_text(out, "Content-Transfer-Encoding: 8bit\n\n");
}

/* What stands in a field: one line, ASCII. */
static void
append_value(struct str *out, struct view value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
		str_append_byte(out,
		    value.at[i] == ' ' || ascii_is_graphic(value.at[i]) ? value.at[i]
									: '?');
}

void
bouncedsn_status(
    struct str *out, struct view boundary, struct view reporter, int64_t birth)
{
	append_part(out, boundary, "message/delivery-status");
	str_append_text(out, "\nReporting-MTA: dns; ");
	append_value(out, reporter);
	str_append_text(out, "\nArrival-Date: ");
	date_format(out, birth);
	str_append_text(out, "\n");
}

/* "5.1.1" at the start of `text`; empty if there is none.  RFC 3463: digits, up to three in the last two. */
static struct view
status_at(struct view text)
{
	size_t i = 0, part;

	for (part = 0; part < 3; part++) {
		size_t first = i;

		while (i < text.len && ascii_is_digit(text.at[i]))
			i++;
		if (i == first || i - first > (part == 0 ? 1 : 3))
			return VIEW("");
		if (part < 2 && (i >= text.len || text.at[i++] != '.'))
			return VIEW("");
	}
	if (text.at[0] != '2' && text.at[0] != '4' && text.at[0] != '5')
		return VIEW("");
	return view_first(text, i);
}

/* What the report says itself: "(#5.1.1)". */
static struct view
own_status(struct view report)
{
	size_t i;

	for (i = 0; i + 2 < report.len; i++)
		if (report.at[i] == '(' && report.at[i + 1] == '#')
			return status_at(view_from(report, i + 2));
	return VIEW("");
}

/* The line of the report that is the server's; empty without. */
static struct view
reply_of(struct view report)
{
	const struct view sign = VIEW("Remote host said: ");

	while (report.len > 0) {
		struct view line = view_first(report, view_index(report, '\n'));

		if (view_starts(line, sign))
			return view_from(line, sign.len);
		report = view_from(report, line.len + 1);
	}
	return report;
}

static void
append_status(struct str *out, struct view report, struct view reply)
{
	struct view status = status_at(view_from(reply, 4));

	if (status.len == 0)
		status = own_status(report);
	str_append_text(out, "\nStatus: ");
	if (status.len > 0)
		str_append(out, status);
	else
		str_append_text(
		    out, reply.len > 0 && reply.at[0] == '4' ? "4.0.0" : "5.0.0");
}

void
bouncedsn_recipient(struct str *out, struct view paragraph)
{
	struct view line = view_first(paragraph, view_index(paragraph, '\n'));
	struct view report = view_from(paragraph, line.len + 1), reply = reply_of(report);

	if (!view_starts(line, VIEW("<")) || !view_ends(line, VIEW(">:")))
		return;
	str_append_text(out, "\nFinal-Recipient: rfc822; ");
	append_value(out, view_first(view_from(line, 1), line.len - 3));
	str_append_text(out, "\nAction: failed");
	append_status(out, report, reply);
	str_append_text(out,
	    reply.len > 0 ? "\nDiagnostic-Code: smtp; " : "\nDiagnostic-Code: x-qmail; ");
	if (reply.len == 0)
		reply = view_first(report, view_index(report, '\n'));
	append_value(out, view_first(reply, DIAGNOSTIC_MAX));
	str_append_text(out, "\n");
}

void
bouncedsn_message(struct str *out, struct view boundary, bool header_only)
{
	append_part(
	    out, boundary, header_only ? "text/rfc822-headers" : "message/rfc822");
	str_append_text(out, "\n");
}

void
bouncedsn_end(struct str *out, struct view boundary)
{
	str_append_text(out, "\n--");
	str_append(out, boundary);
	str_append_text(out, "--\n");
}
