#include "wire/sts.h"

#include <fcntl.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "os/filesystem.h"
#include "wire/kinds.h"
#include "wire/servicesocket.h"

#define MAGIC "mta-sts 1"

static const char *const mode_names[] = {
	[STS_NONE] = "none",
	[STS_TESTING] = "testing",
	[STS_ENFORCE] = "enforce",
};

static const char *const failure_names[] = {
	[STS_FINE] = "",
	[STS_FETCH_ERROR] = "sts-policy-fetch-error",
	[STS_INVALID] = "sts-policy-invalid",
	[STS_WEBPKI] = "sts-webpki-invalid",
};

enum { MODES = 3, FAILURES = 4 };

const char *
sts_mode_name(enum sts_mode mode)
{
	return mode_names[mode];
}

static bool
find_name(const char *const *names, size_t count, struct view name, size_t *out)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (view_equal(name, view_of(names[i]))) {
			*out = i;
			return true;
		}
	return false;
}

bool
sts_mode_by_name(struct view name, enum sts_mode *out)
{
	size_t at;

	if (!find_name(mode_names, MODES, name, &at))
		return false;
	*out = (enum sts_mode)at;
	return true;
}

const char *
sts_failure_name(enum sts_failure failure)
{
	return failure_names[failure];
}

/* --- names -------------------------------------------------------------------------------------- */

static bool
is_label(struct view label)
{
	size_t i;

	if (label.len == 0 || label.len > 63)
		return false;
	for (i = 0; i < label.len; i++)
		if (!ascii_is_letter(label.at[i]) && !ascii_is_digit(label.at[i]) &&
		    label.at[i] != '-' && label.at[i] != '_')
			return false;
	return true;
}

bool
sts_is_domain(struct view domain)
{
	struct view label;

	if (domain.len > STS_DOMAIN_MAX)
		return false;
	while (view_cut(domain, '.', &label, &domain))
		if (!is_label(label))
			return false;
	return is_label(domain);
}

bool
sts_is_pattern(struct view pattern)
{
	if (view_starts(pattern, VIEW("*.")))
		pattern = view_from(pattern, 2);
	return sts_is_domain(pattern);
}

static bool
fits(struct view pattern, struct view host)
{
	struct view first, rest;

	if (!view_starts(pattern, VIEW("*.")))
		return view_equal_nocase(pattern, host);
	return view_cut(host, '.', &first, &rest) && first.len > 0 &&
	    view_equal_nocase(view_from(pattern, 2), rest);
}

bool
sts_next_pattern(struct view *list, struct view *pattern)
{
	if (list->len == 0)
		return false;
	if (!view_cut(*list, ' ', pattern, list)) {
		*pattern = *list;
		*list = view_from(*list, list->len);
	}
	return true;
}

bool
sts_matches(struct view patterns, struct view host)
{
	struct view pattern;

	while (sts_next_pattern(&patterns, &pattern))
		if (fits(pattern, host))
			return true;
	return false;
}

/* --- the file ----------------------------------------------------------------------------------- */

static void
add_line(struct str *out, const char *key, struct view value)
{
	str_append_text(out, key);
	str_append_byte(out, ' ');
	str_append(out, value);
	str_append_byte(out, '\n');
}

static void
add_number(struct str *out, const char *key, uint64_t number)
{
	char digits[FMT_U64_MAX];

	add_line(out, key, fmt_u64_into(digits, number));
}

void
sts_kept_format(struct str *out, const struct sts_kept *kept)
{
	str_append_text(out, MAGIC "\n");
	add_line(out, "domain", kept->domain);
	add_line(out, "mode", view_of(sts_mode_name(kept->mode)));
	add_line(out, "id", kept->id);
	add_number(out, "max_age", kept->max_age);
	add_number(out, "fetched", kept->fetched);
	add_number(out, "expires", kept->expires);
	add_number(out, "checked", kept->checked);
	add_number(out, "next", kept->next);
	add_number(out, "used", kept->used);
	add_line(out, "failure", view_of(sts_failure_name(kept->failure)));
	add_line(out, "text", kept->text);
	add_line(out, "mx", kept->mx);
	str_append_text(out, "end\n");
}

/* The next line, which must have that key. */
static bool
take(struct view *rest, const char *key, struct view *value)
{
	struct view line, name;

	return view_cut(*rest, '\n', &line, rest) && view_cut(line, ' ', &name, value) &&
	    view_equal(name, view_of(key));
}

static bool
take_number(struct view *rest, const char *key, uint64_t *out)
{
	struct view value;

	return take(rest, key, &value) && scan_whole_u64(value, out);
}

static bool
take_names(struct view *rest, struct sts_kept *k)
{
	struct view mode;

	return take(rest, "domain", &k->domain) && sts_is_domain(k->domain) &&
	    take(rest, "mode", &mode) && sts_mode_by_name(mode, &k->mode) &&
	    take(rest, "id", &k->id) && k->id.len <= STS_ID_MAX;
}

static bool
take_failure(struct view *rest, struct sts_kept *k)
{
	struct view failure;
	size_t at;

	if (!take(rest, "failure", &failure) ||
	    !find_name(failure_names, FAILURES, failure, &at) ||
	    !take(rest, "text", &k->text) || k->text.len > STS_TEXT_MAX)
		return false;
	k->failure = (enum sts_failure)at;
	return true;
}

/* The last line, and "end" behind it, so that a file that was cut is none. */
static bool
take_patterns(struct view *rest, struct sts_kept *k)
{
	struct view list, pattern;

	if (!take(rest, "mx", &k->mx) || !view_equal(*rest, VIEW("end\n")))
		return false;
	list = k->mx;
	while (sts_next_pattern(&list, &pattern))
		if (!sts_is_pattern(pattern))
			return false;
	return true;
}

bool
sts_kept_parse(struct view bytes, struct sts_kept *out)
{
	struct sts_kept k;
	struct view magic;

	if (!view_cut(bytes, '\n', &magic, &bytes) || !view_equal(magic, VIEW(MAGIC)) ||
	    !take_names(&bytes, &k) || !take_number(&bytes, "max_age", &k.max_age) ||
	    !take_number(&bytes, "fetched", &k.fetched) ||
	    !take_number(&bytes, "expires", &k.expires) ||
	    !take_number(&bytes, "checked", &k.checked) ||
	    !take_number(&bytes, "next", &k.next) ||
	    !take_number(&bytes, "used", &k.used) || !take_failure(&bytes, &k) ||
	    !take_patterns(&bytes, &k))
		return false;
	*out = k;
	return true;
}

bool
sts_kept_is_valid(const struct sts_kept *kept, uint64_t now)
{
	return kept->id.len > 0 && kept->expires > now;
}

enum answer
sts_read(struct view domain, struct str *room, struct sts_kept *kept, bool *off)
{
	int directory = os_open_directory(STS_CACHE), fd;
	struct str name = { 0 };
	bool whole;

	*off = directory < 0;
	if (*off || !sts_is_domain(domain)) {
		fd_close(&directory);
		return ANSWER_NO;
	}
	str_append_lower(&name, domain);
	fd = openat(
	    directory, str_text(&name), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	fd_close(&directory);
	str_clear(room);
	whole = fd >= 0 && fd_read_all(fd, room, STS_KEPT_MAX) == 0;
	fd_close(&fd);
	whole = whole && sts_kept_parse(str_view(room), kept) &&
	    view_equal(kept->domain, str_view(&name));
	str_free(&name);
	return whole ? ANSWER_YES : ANSWER_NO;
}

/* --- the note ----------------------------------------------------------------------------------- */

void
sts_pack_note(struct str *packet, struct view domain)
{
	frame_start(packet, WIRE_STS_NOTE, FRAME_OK, 0, 0);
	frame_add(packet, TAG_STS_DOMAIN, domain);
}

bool
sts_parse_note(const struct frame *request, struct view *domain)
{
	struct view found;

	if (request->kind != WIRE_STS_NOTE ||
	    !frame_find(request, TAG_STS_DOMAIN, &found) || !sts_is_domain(found))
		return false;
	*domain = found;
	return true;
}

void
sts_note(struct view domain)
{
	struct sockaddr_un address;
	struct str packet = { 0 };
	int fd;

	if (!sts_is_domain(domain) || servicesocket_address("sts", &address) < 0)
		return;
	fd = servicesocket_connect(&address);
	if (fd >= 0) {
		sts_pack_note(&packet, domain);
		frame_send(fd, &packet, NULL, 0, deadline_in_ms(0));
		str_free(&packet);
	}
	fd_close(&fd);
}
