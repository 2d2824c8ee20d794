#include "client/mailcommand.h"

#include "client/message.h"
#include "client/recipients.h"
#include "config/control.h"
#include "lib/fmt.h"
#include "smtp/address.h"

static void
report_limit(struct attempt *a, const char *before, uint64_t limit, const char *after)
{
	char digits[FMT_U64_MAX];

	report_begin(a->report, REPORT_FAILURE);
	report_add(a->report, before);
	report_add_view(a->report, fmt_u64_into(digits, limit));
	report_add(a->report, after);
	report_end(a->report, NULL);
}

static bool
too_large(struct attempt *a, uint64_t limit)
{
	struct str before = { 0 };

	str_append_text(&before, "Connected to ");
	str_append(&before, str_view(&a->peer));
	str_append_text(&before, " but message is larger than its limit of ");
	report_limit(a, str_text(&before), limit, " bytes. (#5.3.4)");
	str_free(&before);
	return false;
}

/* control/linemaxremote: some servers break longer lines (RFC 5321 4.5.3.1.6), and with them the
 * signature of the message.  0: they go as they are. */
static bool
read_line_max(struct attempt *a, uint64_t *max)
{
	struct problem problem = { 0 };

	if (control_number("control/linemaxremote", max, &problem) != ANSWER_ERROR)
		return true;
	report_controls(a->report, &problem);
	return false;
}

static bool
append_parameters(struct attempt *a, struct str *argument)
{
	const struct capabilities *offers = &a->session.offers;
	struct bodyscan scan;
	uint64_t line_max = 0;

	if (!read_line_max(a, &line_max))
		return false;
	if (!offers->size && !offers->eightbitmime && line_max == 0)
		return true;
	if (!message_scan(a->task->message, &scan))
		return true;
	if (line_max > 0 && scan.longest > line_max) {
		report_limit(a, "Sorry, a line of the message is longer than ", line_max,
		    " bytes. (#5.6.0)");
		return false;
	}
	if (offers->size_limit > 0 && scan.octets > offers->size_limit)
		return too_large(a, offers->size_limit);
	if (offers->size) {
		str_append_text(argument, " SIZE=");
		fmt_u64(argument, scan.octets);
	}
	if (offers->eightbitmime && scan.eight_bit)
		str_append_text(argument, " BODY=8BITMIME");
	return true;
}

bool
mailcommand_append(struct attempt *a, struct str *argument)
{
	size_t before = argument->len;

	address_format(argument, a->task->sender);
	str_append_byte(argument, '>');
	/* Parameters come on top of that (RFC 5321 4.1.1.11). */
	if (argument->len - before + sizeof "MAIL FROM:<\r\n" - 1 > COMMAND_MAX) {
		report_message(a->report, REPORT_FAILURE,
		    "Sorry, that envelope address is longer than an SMTP command may be. "
		    "(#5.1.7)");
		return false;
	}
	return append_parameters(a, argument);
}
