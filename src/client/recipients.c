#include "client/recipients.h"

#include "lib/mem.h"
#include "smtp/address.h"

static bool
is_too_long(struct view address)
{
	struct str argument = { 0 };
	size_t len;

	address_format(&argument, address);
	len = argument.len + sizeof "RCPT TO:<>\r\n" - 1;
	str_free(&argument);
	return len > COMMAND_MAX;
}

static struct view
domain_of(const struct recipient *r)
{
	size_t at = view_rindex(r->address, '@');

	return view_from(r->address, at + 1);
}

/* The domains of those that go: one recipient of each. */
struct domains {
	const struct recipient **known;
	size_t count;
};

static bool
has_domain(const struct domains *d, const struct recipient *r)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (view_equal_nocase(domain_of(d->known[i]), domain_of(r)))
			return true;
	return false;
}

/* False: its domain is one too many. */
static bool
take_domain(struct domains *d, const struct recipient *r, uint64_t max)
{
	if (max == 0 || has_domain(d, r))
		return true;
	if (d->count >= max)
		return false;
	d->known[d->count++] = r;
	return true;
}

void
recipients_fit(struct task *task, const struct capabilities *offers)
{
	struct domains domains = { .known = mem_alloc_zeroed(
				       task->recipient_count, sizeof *domains.known) };
	uint64_t sent = 0, max = offers->rcpt_max;
	size_t i;

	for (i = 0; i < task->recipient_count; i++) {
		struct recipient *r = &task->recipients[i];

		r->too_long = is_too_long(r->address);
		r->left_over = false;
		if (!recipient_is_sent(r))
			continue;
		r->left_over = (max > 0 && sent == max) ||
		    !take_domain(&domains, r, offers->rcpt_domain_max);
		sent += !r->left_over;
	}
	mem_free(domains.known);
}

bool
recipient_is_sent(const struct recipient *r)
{
	return !r->forbidden && !r->too_long && !r->left_over;
}

size_t
recipients_sent(const struct task *task, size_t count)
{
	size_t i, sent = 0;

	for (i = 0; i < count; i++)
		sent += recipient_is_sent(&task->recipients[i]);
	return sent;
}

void
recipient_report_unsent(struct report *report, const struct recipient *r)
{
	if (r->forbidden)
		report_recipient_text(report, REPORT_REJECTED, RECIPIENT_FORBIDDEN);
	else if (r->too_long)
		report_recipient_text(report, REPORT_REJECTED,
		    "Sorry, that envelope address is longer than an SMTP command may be. "
		    "(#5.1.3)");
	else
		report_recipient_text(report, REPORT_DEFERRED,
		    "The host takes no more recipients of one message at a time. "
		    "(#4.5.3)");
}
