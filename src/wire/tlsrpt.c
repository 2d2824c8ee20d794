#include "wire/tlsrpt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/date.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "os/filesystem.h"
#include "wire/tlsa.h"

enum {
	NAME_OCTETS = 300, /* of a value, as it stands in the line */
	WORD_OCTETS = 64,
	DETAIL_OCTETS = 600,
	POLICY_OCTETS = 2000,
	FIELDS = 8,                 /* behind the time */
	DAY_MAX = 64 * 1024 * 1024, /* octets of a file: nobody reads it, it seems */
};

static const char VERSION[] = "1 ";

/* --- writing ------------------------------------------------------------------------------------ */

static void
add_octet(struct str *out, char c)
{
	if (ascii_is_graphic(c) && c != '\\') {
		str_append_byte(out, c);
		return;
	}
	str_append_text(out, "\\x");
	fmt_hex(out, (struct view) { &c, 1 });
}

static void
add_value(struct str *out, struct view value, size_t max)
{
	size_t start, i;

	str_append_byte(out, ' ');
	start = out->len;
	if (value.len == 0)
		str_append_byte(out, '-');
	for (i = 0; i < value.len && out->len - start + 4 <= max; i++)
		add_octet(out, value.at[i]);
}

void
tlsrpt_format(struct str *out, const struct tlsrpt_session *s)
{
	str_append_text(out, VERSION);
	fmt_u64(out, s->time);
	add_value(out, s->domain, NAME_OCTETS);
	add_value(out, s->type, WORD_OCTETS);
	add_value(out, s->result, WORD_OCTETS);
	add_value(out, s->mx, NAME_OCTETS);
	add_value(out, s->ip, WORD_OCTETS);
	add_value(out, s->own_ip, WORD_OCTETS);
	add_value(out, s->detail, DETAIL_OCTETS);
	add_value(out, s->policy, POLICY_OCTETS);
	str_append_byte(out, '\n');
}

void
tlsrpt_day(struct str *out, uint64_t time)
{
	struct str all = { 0 };

	date_format_compact(&all, (int64_t)time);
	str_append(out, view_first(str_view(&all), TLSRPT_DAY));
	str_free(&all);
}

bool
tlsrpt_note(const struct tlsrpt_session *session)
{
	int directory = os_open_directory(TLSRPT_SPOOL), fd;
	struct str line = { 0 }, day = { 0 };
	struct stat st;
	bool noted;

	if (directory < 0)
		return false;
	tlsrpt_day(&day, session->time);
	fd = openat(directory, str_text(&day),
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	fd_close(&directory);
	tlsrpt_format(&line, session);
	if (fd >= 0 && (fstat(fd, &st) < 0 || st.st_size > DAY_MAX))
		fd_close(&fd);
	/* Once: a second write of the rest might stand behind another's line. */
	noted = fd >= 0 && fd_write(fd, line.at, line.len) == (ssize_t)line.len;
	fd_close(&fd);
	str_free(&line);
	str_free(&day);
	return noted;
}

/* Patterns that do not fit any more are left out. */
void
tlsrpt_describe_sts(struct str *out, const struct sts_kept *kept)
{
	struct view list = kept->mx, pattern;
	size_t start = out->len;

	str_append_text(out, "version: STSv1;mode: ");
	str_append_text(out, sts_mode_name(kept->mode));
	while (sts_next_pattern(&list, &pattern)) {
		if (out->len - start + pattern.len > POLICY_OCTETS / 2)
			break;
		str_append_text(out, ";mx: ");
		str_append(out, pattern);
	}
	str_append_text(out, ";max_age: ");
	fmt_u64(out, kept->max_age);
}

static void
add_number(struct str *out, uint8_t number)
{
	fmt_u64(out, number);
	str_append_byte(out, ' ');
}

/* Records that do not fit any more, such as whole certificates, are left out. */
void
tlsrpt_describe_tlsa(struct str *out, struct view list)
{
	size_t start = out->len;
	struct tlsa one;

	while (tlsa_next(&list, &one)) {
		if (out->len - start + 2 * one.data.len > POLICY_OCTETS / 2)
			continue;
		if (out->len > start)
			str_append_byte(out, ';');
		add_number(out, one.usage);
		add_number(out, one.selector);
		add_number(out, one.matching);
		fmt_hex(out, one.data);
	}
}

/* --- reading ------------------------------------------------------------------------------------ */

/* Undo one value in place of the end of `room`, which has room for it. */
static struct view
undo(struct view value, struct str *room)
{
	size_t start = room->len, i = 0;

	if (view_equal(value, VIEW("-")))
		value = VIEW("");
	while (i < value.len) {
		int high = i + 3 < value.len ? scan_hex_digit(value.at[i + 2]) : -1;
		int low = high < 0 ? -1 : scan_hex_digit(value.at[i + 3]);

		if (value.at[i] == '\\' && low >= 0) {
			str_append_byte(room, (char)(high * 16 + low));
			i += 4;
		} else {
			str_append_byte(room, value.at[i++]);
		}
	}
	return view_from(str_view(room), start);
}

static bool
next_value(struct view *rest, struct view *value)
{
	if (rest->len == 0)
		return false;
	if (!view_cut(*rest, ' ', value, rest)) {
		*value = *rest;
		*rest = view_from(*rest, rest->len);
	}
	return value->len > 0;
}

bool
tlsrpt_parse(struct view line, struct str *room, struct tlsrpt_session *out)
{
	struct view values[FIELDS], rest, time;
	uint64_t seconds;
	size_t i;

	if (line.len > TLSRPT_LINE_MAX || !view_starts(line, view_of(VERSION)))
		return false;
	rest = view_from(line, sizeof VERSION - 1);
	if (!next_value(&rest, &time) || !scan_whole_u64(time, &seconds))
		return false;
	str_clear(room);
	str_reserve(room, line.len); /* no value moves */
	for (i = 0; i < FIELDS; i++) {
		if (!next_value(&rest, &values[i]))
			return false;
		values[i] = undo(values[i], room);
	}
	if (rest.len > 0 || !sts_is_domain(values[0]))
		return false;
	*out = (struct tlsrpt_session) { seconds, values[0], values[1], values[2],
		values[3], values[4], values[5], values[6], values[7] };
	return true;
}

/* --- results ------------------------------------------------------------------------------------ */

const char *
tlsrpt_result_of(struct view words)
{
	static const struct {
		const char *part, *result;
	} rows[] = {
		{ "certificate has expired", "certificate-expired" },
		{ "mismatch", "certificate-host-mismatch" },
		{ "self-signed certificate", "certificate-not-trusted" },
		{ "issuer certificate", "certificate-not-trusted" },
		{ "unable to verify the first certificate", "certificate-not-trusted" },
		{ "certificate not trusted", "certificate-not-trusted" },
		{ "no certificate", "certificate-not-trusted" },
		{ "no TLSA record is usable", "tlsa-invalid" },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (view_contains(words, view_of(rows[i].part)))
			return rows[i].result;
	return TLSRPT_INVALID;
}
