#include "sts/describe.h"

#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/str.h"

static void
add(struct str *out, const char *what, struct view value)
{
	str_append_text(out, what);
	str_append_text(out, ": ");
	str_append(out, value);
	str_append_byte(out, '\n');
}

static void
add_time(struct str *out, const char *what, uint64_t seconds)
{
	struct str date = { 0 };

	date_format(&date, (int64_t)seconds);
	add(out, what, str_view(&date));
	str_free(&date);
}

/* What it means for mail. */
static const char *
meaning(const struct sts_kept *k, uint64_t now)
{
	if (!sts_kept_is_valid(k, now))
		return "no policy";
	switch (k->mode) {
	case STS_ENFORCE:
		return "enforce: mail goes only to these hosts, over verified TLS";
	case STS_TESTING:
		return "testing: mail goes as ever, failures are counted";
	case STS_NONE:
		break;
	}
	return "none: the domain has no policy any more";
}

static bool
print(struct str *out)
{
	bool printed = print_all("qmail-sts", str_view(out)) == 0;

	str_free(out);
	return printed;
}

bool
describe(const struct sts_kept *k, uint64_t now)
{
	struct str out = { 0 };

	add(&out, "domain", k->domain);
	add(&out, "policy", view_of(meaning(k, now)));
	if (sts_kept_is_valid(k, now)) {
		add(&out, "id", k->id);
		add(&out, "mx", k->mx);
		add_time(&out, "fetched", k->fetched);
		add_time(&out, "expires", k->expires);
	}
	add_time(&out, "looked", k->checked);
	add_time(&out, "looks again, if there is mail, from", k->next);
	if (k->failure != STS_FINE)
		add(&out, "failed", view_of(sts_failure_name(k->failure)));
	if (k->text.len > 0)
		add(&out, "because", k->text);
	return print(&out);
}

bool
describe_short(const struct sts_kept *k, uint64_t now)
{
	bool valid = sts_kept_is_valid(k, now);
	struct str out = { 0 };

	str_append(&out, k->domain);
	str_append_byte(&out, ' ');
	str_append_text(&out, valid ? sts_mode_name(k->mode) : "-");
	str_append_byte(&out, ' ');
	fmt_u64(&out, valid ? k->expires - now : 0);
	if (k->failure != STS_FINE) {
		str_append_byte(&out, ' ');
		str_append_text(&out, sts_failure_name(k->failure));
	}
	if (k->text.len > 0) {
		str_append_text(&out, ": ");
		str_append(&out, k->text);
	}
	str_append_byte(&out, '\n');
	return print(&out);
}
