#include "try/expiry.h"

#include "lib/date.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "try/certificate.h"

enum { DAY = 86400, FILE_MAX = 1 << 20 };

void
expiry_append(struct str *out, int64_t end, int64_t now)
{
	date_format_rfc3339(out, end);
	if (end <= now) {
		str_append_text(out, " (over)");
		return;
	}
	str_append_text(out, " (");
	fmt_u64(out, (uint64_t)((end - now) / DAY));
	str_append_text(out, " days)");
}

void
expiry_check(struct show *show, const char *what, int64_t end, int64_t now)
{
	struct str text = { 0 };

	if (end - now >= (int64_t)EXPIRY_DAYS * DAY)
		return;
	str_append_text(&text,
	    end <= now ? "the certificate has ended: "
		       : "the certificate is about to end: ");
	expiry_append(&text, end, now);
	show_warning(show, what, str_view(&text));
	str_free(&text);
}

void
expiry_check_file(struct show *show, const char *path, int64_t now)
{
	struct str bytes = { 0 };
	int64_t end;

	str_reserve(&bytes, FILE_MAX); /* a key may be in it: no copies */
	if (fd_read_file(path, &bytes, FILE_MAX) < 0)
		show_warning(show, path, VIEW("unreadable"));
	else if (!certificate_end(str_view(&bytes), &end))
		show_warning(show, path, VIEW("no certificate is in it"));
	else
		expiry_check(show, path, end, now);
	str_wipe(&bytes);
}
