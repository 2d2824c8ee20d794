#include "tlsrpt/day.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "tlsrpt/send.h"
#include "tlsrpt/tally.h"

enum {
	DAY = 86400,
	DAYS_BACK = 366,
	DAYS_KEPT = 8,
	FILE_MAX = 128 * 1024 * 1024,
};

void
day_setting_free(struct day_setting *s)
{
	str_free(&s->organization);
	str_free(&s->contact);
	str_free(&s->cafile);
	str_free(&s->proxy);
}

bool
day_find(const char *day, uint64_t now, uint64_t *start)
{
	struct str name = { 0 };
	uint64_t today = now - now % DAY, back;
	bool found = false;

	for (back = day ? 0 : 1; back < DAYS_BACK && !found; back++) {
		str_clear(&name);
		tlsrpt_day(&name, today - back * DAY);
		found = !day || view_equal(view_of(day), str_view(&name));
		if (found)
			*start = today - back * DAY;
	}
	str_free(&name);
	return found;
}

/* --- the file ----------------------------------------------------------------------------------- */

/* What a day is made of. */
struct notes {
	struct str day, path, bytes;
	struct tally tally;
};

static void
free_notes(struct notes *n)
{
	tally_free(&n->tally);
	str_free(&n->day);
	str_free(&n->path);
	str_free(&n->bytes);
}

/* False: there are none, which is said where it matters. */
static bool
read_notes(uint64_t start, bool to_show, struct notes *n)
{
	*n = (struct notes) { 0 };
	tlsrpt_day(&n->day, start);
	str_append_text(&n->path, TLSRPT_SPOOL "/");
	str_append(&n->path, str_view(&n->day));
	if (to_show && access(str_text(&n->path), F_OK) < 0)
		str_append_text(&n->path, ".sent");
	if (fd_read_file(str_text(&n->path), &n->bytes, FILE_MAX) < 0) {
		if (to_show && errno == ENOENT)
			complain("qmail-tlsrpt: no notes of ", str_text(&n->day),
			    " (UTC) in " TLSRPT_SPOOL
			    ": no exchanger was spoken to that day, or there is no "
			    "such directory",
			    NULL);
		else if (errno != ENOENT)
			complain("qmail-tlsrpt: ", str_text(&n->path), ": ",
			    strerror(errno), NULL);
		return false;
	}
	tally_make(&n->tally, str_view(&n->bytes));
	return true;
}

/* --- showing ------------------------------------------------------------------------------------ */

static void
add_word(struct str *out, struct view word)
{
	str_append_byte(out, ' ');
	str_append(out, word.len > 0 ? word : VIEW("-"));
}

static bool
print_kinds(const struct tally *tally)
{
	struct str out = { 0 }, room = { 0 };
	struct tlsrpt_session s;
	uint64_t sessions;
	size_t at = 0;
	bool printed;

	while (tally_next(tally, &at, &room, &s, &sessions)) {
		fmt_u64_padded(&out, sessions, 1);
		add_word(&out, s.domain);
		add_word(&out, s.type);
		add_word(&out, s.result);
		add_word(&out, s.mx);
		add_word(&out, s.ip);
		if (s.detail.len > 0)
			add_word(&out, s.detail);
		str_append_byte(&out, '\n');
	}
	printed = print_all("qmail-tlsrpt", str_view(&out)) == 0;
	str_free(&out);
	str_free(&room);
	return printed;
}

static struct report_origin
origin_of(const struct day_setting *setting, const struct notes *n, uint64_t start)
{
	return (struct report_origin) { str_view(&setting->organization),
		str_view(&setting->contact), str_view(&n->day), start };
}

static bool
print_json(
    const struct report_origin *origin, const struct tally *tally, struct view domain)
{
	struct str out = { 0 }, room = { 0 };
	struct tlsrpt_session s;
	struct report report;
	uint64_t sessions;
	size_t at = 0;
	bool printed;

	report_begin(&report, origin, domain);
	while (tally_next(tally, &at, &room, &s, &sessions))
		if (view_equal_nocase(s.domain, domain))
			report_add(&report, &s, sessions);
	report_json(&report, &out);
	printed = print_all("qmail-tlsrpt", str_view(&out)) == 0;
	report_free(&report);
	str_free(&out);
	str_free(&room);
	return printed;
}

bool
day_print(const struct day_setting *setting, uint64_t start, const char *domain)
{
	struct report_origin origin;
	struct notes notes;
	bool found = read_notes(start, true, &notes);

	origin = origin_of(setting, &notes, start);
	if (found && domain)
		found = print_json(&origin, &notes.tally, view_of(domain));
	else if (found)
		found = print_kinds(&notes.tally);
	free_notes(&notes);
	return found;
}

/* --- reporting ---------------------------------------------------------------------------------- */

static const char *
text_or_null(const struct str *s)
{
	return s->len > 0 ? str_text(s) : NULL;
}

static void
tell(const struct day_setting *setting, struct view domain, struct view to,
    const char *wrong)
{
	struct log_line line;

	log_begin(&line, setting->log, LOG_TLSRPT);
	log_add(&line, KEY_HOST, domain);
	if (to.len > 0)
		log_add(&line, KEY_TO, to);
	log_add_text(&line, KEY_RESULT, wrong ? "failed" : "sent");
	if (wrong)
		log_add_text(&line, KEY_TEXT, wrong);
	log_end(&line);
}

static const char *
send_one(const struct day_setting *setting, struct resolver *r,
    const struct report *report, const struct rua *rua, const struct str *gzip)
{
	struct str mail = { 0 };
	const char *wrong;

	if (rua->kind == RUA_HTTPS)
		return send_post(r, rua, gzip, text_or_null(&setting->cafile),
		    text_or_null(&setting->proxy));
	report_mail(report, rua->target, str_view(gzip), &mail);
	wrong = send_mail(str_view(&mail), rua->target);
	str_free(&mail);
	return wrong;
}

/* To each of its places.  False if it got to none. */
static bool
send_to(const struct day_setting *setting, struct resolver *r,
    const struct report *report, const struct rua *ruas, size_t count)
{
	struct str json = { 0 }, gzip = { 0 };
	const char *wrong = "zlib cannot be used";
	bool sent = false;
	size_t i;

	report_json(report, &json);
	if (report_gzip(str_view(&json), &gzip))
		for (i = 0; i < count; i++) {
			wrong = send_one(setting, r, report, &ruas[i], &gzip);
			tell(setting, str_view(&report->domain), ruas[i].target, wrong);
			sent |= !wrong;
		}
	else
		tell(setting, str_view(&report->domain), VIEW(""), wrong);
	str_free(&json);
	str_free(&gzip);
	return sent;
}

/* One domain, whose sessions are all in the report.  False: its report could not be sent. */
static bool
finish_domain(const struct day_setting *setting, const struct report *report)
{
	struct resolver *r = resolver_network(setting->dns_questions);
	struct rua ruas[RUAS_MAX];
	struct arena mem = { 0 };
	size_t count = 0;
	bool ok = true;

	switch (send_find(r, str_view(&report->domain), &mem, ruas, &count)) {
	case ANSWER_YES:
		ok = send_to(setting, r, report, ruas, count);
		break;
	case ANSWER_ERROR:
		tell(setting, str_view(&report->domain), VIEW(""), resolver_reason(r));
		ok = false;
		break;
	case ANSWER_NO:
		break;
	}
	resolver_free(r);
	arena_free(&mem);
	return ok;
}

/* Sessions of one domain stand together. */
static bool
report_all(const struct day_setting *setting, const struct report_origin *origin,
    const struct tally *tally)
{
	struct report report = { 0 };
	struct tlsrpt_session s;
	struct str room = { 0 };
	uint64_t sessions;
	size_t at = 0;
	bool ok = true, begun = false;

	while (tally_next(tally, &at, &room, &s, &sessions)) {
		if (!begun || !view_equal(str_view(&report.domain), s.domain)) {
			ok = (!begun || finish_domain(setting, &report)) && ok;
			if (begun)
				report_free(&report);
			report_begin(&report, origin, s.domain);
			begun = true;
		}
		report_add(&report, &s, sessions);
	}
	if (begun) {
		ok = finish_domain(setting, &report) && ok;
		report_free(&report);
	}
	str_free(&room);
	return ok;
}

/* Files of days before `oldest`, sent or not. */
static void
remove_old(uint64_t oldest)
{
	DIR *directory = opendir(TLSRPT_SPOOL);
	struct str limit = { 0 }, path = { 0 };
	const struct dirent *entry;

	tlsrpt_day(&limit, oldest);
	while (directory && (entry = readdir(directory))) {
		struct view name = view_of(entry->d_name);

		if (name.len < TLSRPT_DAY || name.at[0] == '.' ||
		    view_compare(view_first(name, TLSRPT_DAY), str_view(&limit)) >= 0)
			continue;
		str_set(&path, VIEW(TLSRPT_SPOOL "/"));
		str_append(&path, name);
		unlink(str_text(&path));
	}
	if (directory)
		closedir(directory);
	str_free(&limit);
	str_free(&path);
}

bool
day_report(const struct day_setting *setting, uint64_t start)
{
	struct report_origin origin;
	struct str sent = { 0 };
	struct notes notes;
	bool found = read_notes(start, false, &notes), ok = found || errno == ENOENT;

	origin = origin_of(setting, &notes, start);
	if (found) {
		str_append(&sent, str_view(&notes.path));
		str_append_text(&sent, ".sent");
		/* First: a report that is lost is better than one that comes every time. */
		ok = rename(str_text(&notes.path), str_text(&sent)) == 0;
		if (!ok)
			complain("qmail-tlsrpt: ", str_text(&sent), ": ", strerror(errno),
			    NULL);
		ok = ok && report_all(setting, &origin, &notes.tally);
	}
	remove_old(start - DAYS_KEPT * (uint64_t)DAY);
	str_free(&sent);
	free_notes(&notes);
	return ok;
}
