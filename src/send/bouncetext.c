#include "send/bouncetext.h"

#include "lib/date.h"
#include "smtp/address.h"

/* On one line: a newline in an address must not begin another paragraph or header field. */
static void
append_on_one_line(struct str *out, struct view address)
{
	size_t i;

	for (i = 0; i < address.len; i++)
		str_append_byte(out, address.at[i] == '\n' ? '_' : address.at[i]);
}

static void
append_quoted(struct str *out, struct view address)
{
	struct str line = { 0 };

	append_on_one_line(&line, address);
	address_format(out, str_view(&line));
	str_free(&line);
}

void
bouncetext_recipient(struct str *out, struct view recipient, struct view report)
{
	size_t first, i;

	str_append_byte(out, '<');
	append_on_one_line(out, recipient);
	str_append_text(out, ">:\n");
	first = out->len;
	str_append(out, report);
	if (report.len > 0 && report.at[report.len - 1] != '\n')
		str_append_byte(out, '\n');
	/* An empty line would end the paragraph, so its LF becomes '/'.  From the end, so that each
	 * LF sees the one before it as it was. */
	for (i = out->len; i-- > first;)
		if (out->at[i] == '\n' && out->at[i - 1] == '\n' && i + 1 < out->len)
			out->at[i] = '/';
	str_append_byte(out, '\n');
}

enum bounce_kind
bouncetext_kind(struct view sender)
{
	if (sender.len == 0)
		return BOUNCE_DOUBLE;
	return view_equal(sender, VIEW("#@[]")) ? BOUNCE_TRIPLE : BOUNCE_SINGLE;
}

static void
append_from(struct str *out, const struct bounce_parties *p)
{
	struct str from = { 0 };

	str_append(&from, p->from_box);
	str_append_byte(&from, '@');
	str_append(&from, p->from_host);
	append_quoted(out, str_view(&from));
	str_free(&from);
}

void
bouncetext_header(struct str *out, const struct bounce_parties *p, int64_t now)
{
	str_append_text(out, "Date: ");
	date_format(out, now);
	str_append_text(out, "\nFrom: ");
	append_from(out, p);
	str_append_text(out, "\nTo: ");
	append_quoted(out, p->recipient);
	str_append_text(out, "\nSubject: failure notice\n");
}

void
bouncetext_intro(struct str *out, const struct bounce_parties *p, enum bounce_kind kind)
{
	str_append_text(out, "Hi. This is the qmail-send program at ");
	str_append(out, p->from_host);
	str_append_text(out,
	    kind == BOUNCE_DOUBLE
		? ".\nI tried to deliver a bounce message to this address, but the "
		  "bounce bounced!\n\n"
		: ".\nI'm afraid I wasn't able to deliver your message to the "
		  "following addresses.\nThis is a permanent error; I've given up. "
		  "Sorry it didn't work out.\n\n");
}

void
bouncetext_break(struct str *out, enum bounce_kind kind)
{
	str_append_text(out,
	    kind == BOUNCE_DOUBLE ? "--- Below this line is the original bounce.\n\n"
				  : "--- Below this line is a copy of the message.\n\n");
}

void
bouncetext_return_path(struct str *out, struct view sender)
{
	str_append_text(out, "Return-Path: <");
	append_quoted(out, sender);
	str_append_text(out, ">\n");
}
