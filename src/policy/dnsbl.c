#include "policy/dnsbl.h"

#include <stdint.h>

#include "lib/ascii.h"
#include "lib/ip.h"

/* --- lines ---------------------------------------------------------------------------------------- */

static struct view
without_comment(struct view line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.at[i] == '#' && (i == 0 || ascii_is_blank(line.at[i - 1])))
			return view_first(line, i);
	return line;
}

static struct view
without_dots(struct view name)
{
	while (name.len && name.at[0] == '.')
		name = view_from(name, 1);
	while (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return name;
}

/* "-" in front of a text rejects. */
static void
take_text(struct view text, struct dnsbl_zone *zone)
{
	zone->text = view_trim_left(text);
	if (zone->text.len && zone->text.at[0] == '-') {
		zone->action = DNSBL_REJECT;
		zone->text = view_trim_left(view_from(zone->text, 1));
	}
}

static enum dnsbl_action
take_sign(struct view *line)
{
	char sign = line->len ? line->at[0] : '\0';

	if (sign != '+' && sign != '-' && sign != '=')
		return DNSBL_DELAY;
	*line = view_trim_left(view_from(*line, 1));
	return sign == '+' ? DNSBL_ACCEPT : sign == '-' ? DNSBL_REJECT : DNSBL_LOG;
}

bool
dnsbl_parse(struct view line, struct dnsbl_zone *out)
{
	struct dnsbl_zone zone = { .text = VIEW("") };
	struct view text = VIEW("");
	enum dnsbl_action action;

	line = view_trim_left(view_trim_right(without_comment(line)));
	action = take_sign(&line);
	view_cut(line, ':', &line, &text);
	zone.zone = without_dots(view_trim_right(line));
	if (zone.zone.len == 0)
		return false;
	take_text(text, &zone);
	if (action != DNSBL_DELAY) /* the sign has said more than the text can */
		zone.action = action;
	*out = zone;
	return true;
}

bool
dnsbl_parse_rhsbl(struct view line, struct dnsbl_zone *out)
{
	struct dnsbl_zone zone = { .action = DNSBL_REJECT };
	size_t end = 0;

	line = view_trim_left(view_trim_right(without_comment(line)));
	while (end < line.len && line.at[end] != ':' && !ascii_is_blank(line.at[end]))
		end++;
	zone.zone = without_dots(view_first(line, end));
	if (zone.zone.len == 0)
		return false;
	take_text(view_from(line, end + 1), &zone);
	*out = zone;
	return true;
}

bool
dnsbl_is_domain(struct view name)
{
	struct ip ip;

	name = without_dots(name);
	return view_index(name, '.') < name.len && !ip_parse(name, &ip) &&
	    !ip_parse_literal(name, &ip);
}

/* --- questions ------------------------------------------------------------------------------------ */

static bool
is_listing(const struct ip *ip)
{
	return ip->version == 4 && ip->bytes[0] == 127 &&
	    !(ip->bytes[1] == 255 && ip->bytes[2] == 255);
}

static enum dnsbl_listing
listing_of(const struct dns_answer *a)
{
	size_t i;

	if (a->result == DNS_FAILED)
		return DNSBL_UNKNOWN;
	if (a->result == DNS_FOUND)
		for (i = 0; i < a->count; i++)
			if (is_listing(&a->records[i].ip))
				return DNSBL_LISTED;
	return DNSBL_UNLISTED;
}

/* What answers mean for one zone; `txt` is NULL for one that has a text. */
static struct dnsbl_finding
finding_of(const struct dns_answer *a, const struct dns_answer *txt)
{
	struct dnsbl_finding finding = { .listing = listing_of(a) };

	if (!txt)
		return finding;
	/* A list that has texts only is one too; but an address that says no counts. */
	if (a->result == DNS_NODATA)
		finding.listing = DNSBL_LISTED;
	if (finding.listing == DNSBL_UNLISTED)
		return finding;
	if (txt->result == DNS_FAILED)
		finding.listing = DNSBL_UNKNOWN;
	else if (txt->result != DNS_FOUND || txt->count == 0)
		finding.listing = DNSBL_UNLISTED;
	else
		finding.text = txt->records[0].name;
	return finding;
}

static struct view
name_in(struct view key, struct view zone, struct arena *mem)
{
	struct str name = { 0 };
	struct view copy;

	str_append(&name, key);
	str_append_byte(&name, '.');
	str_append(&name, zone);
	copy = arena_copy(mem, str_view(&name));
	str_free(&name);
	return copy;
}

/* What one zone is asked: A, and TXT if it has no text. */
static size_t
questions_for(const struct dnsbl_zone *zone, struct view key, struct arena *mem,
    struct dns_question *out)
{
	struct view name = name_in(key, zone->zone, mem);

	if (name.len > DNS_NAME_OCTETS)
		return 0;
	out[0] = (struct dns_question) { name, DNS_A };
	out[1] = (struct dns_question) { name, DNS_TXT };
	return zone->text.len ? 1 : 2;
}

/* As many zones as one batch of questions holds; how many these were. */
static size_t
ask_some(struct resolver *r, struct view key, const struct dnsbl_zone *zones,
    size_t count, struct deadline deadline, struct arena *mem,
    struct dnsbl_finding *findings)
{
	struct dns_question *questions =
	    arena_alloc(mem, DNS_QUESTIONS_MAX * sizeof *questions);
	struct dns_answer *answers =
	    arena_alloc(mem, DNS_QUESTIONS_MAX * sizeof *answers);
	size_t asked[DNS_QUESTIONS_MAX / 2], total = 0, at = 0, i, n;

	for (n = 0; n < count && n < DNS_QUESTIONS_MAX / 2; n++)
		total += asked[n] = questions_for(&zones[n], key, mem, &questions[total]);
	if (total)
		resolver_ask(r, questions, total, deadline, mem, answers);
	for (i = 0; i < n; i++) {
		findings[i] = (struct dnsbl_finding) { .listing = DNSBL_UNLISTED };
		if (asked[i])
			findings[i] = finding_of(
			    &answers[at], asked[i] > 1 ? &answers[at + 1] : NULL);
		at += asked[i];
	}
	return n;
}

void
dnsbl_ask(struct resolver *r, struct view key, const struct dnsbl_zone *zones,
    size_t count, struct deadline deadline, struct arena *mem,
    struct dnsbl_finding *findings)
{
	size_t done = 0;

	key = without_dots(key);
	while (done < count)
		done += ask_some(
		    r, key, zones + done, count - done, deadline, mem, findings + done);
}

/* --- decisions ------------------------------------------------------------------------------------ */

static struct view
printable(struct view text, struct arena *mem)
{
	struct view cut = view_first(text, DNSBL_TEXT);
	char *out = arena_alloc(mem, cut.len + 1);
	size_t i;

	for (i = 0; i < cut.len; i++)
		out[i] =
		    (char)(ascii_is_graphic(cut.at[i]) || cut.at[i] == ' ' ? cut.at[i]
									   : '?');
	return (struct view) { out, cut.len };
}

static struct view
with_ip(struct view text, struct view who, struct arena *mem)
{
	struct str out = { 0 };
	struct view done;

	while (text.len && out.len <= DNSBL_TEXT) {
		if (view_starts(text, VIEW("%IP%"))) {
			str_append(&out, who);
			text = view_from(text, 4);
			continue;
		}
		str_append_byte(&out, text.at[0]);
		text = view_from(text, 1);
	}
	done = printable(str_view(&out), mem);
	str_free(&out);
	return done;
}

void
dnsbl_decide(const struct dnsbl_zone *zones, const struct dnsbl_finding *findings,
    size_t count, bool fails_closed, struct view who, struct arena *mem,
    struct dnsbl_decision *out)
{
	struct dnsbl_decision decision = { .result = DNSBL_RESULT_PASS };
	bool some_failed = false;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct dnsbl_zone *zone = &zones[i];
		bool is_listed = findings[i].listing == DNSBL_LISTED;

		if (findings[i].listing == DNSBL_UNLISTED ||
		    (!is_listed && zone->action == DNSBL_LOG))
			continue;
		some_failed |= !is_listed;
		if (!is_listed && !fails_closed)
			continue;
		decision.zone = zone->zone;
		if (is_listed && zone->action == DNSBL_LOG) {
			decision.result = DNSBL_RESULT_IGNORE;
			continue;
		}
		if (is_listed && zone->action == DNSBL_ACCEPT) {
			decision.result = DNSBL_RESULT_ACCEPT;
			break;
		}
		decision.result = zone->action == DNSBL_REJECT && !some_failed
		    ? DNSBL_RESULT_REJECT
		    : DNSBL_RESULT_DELAY;
		if (!is_listed)
			decision.text = VIEW("temporary RBL lookup error");
		else
			decision.text = zone->text.len ? with_ip(zone->text, who, mem)
						       : printable(findings[i].text, mem);
		break;
	}
	*out = decision;
}

void
dnsbl_decide_by_variable(struct view value, struct arena *mem, struct dnsbl_decision *out)
{
	struct dnsbl_decision decision = { .zone = VIEW("RBLSMTPD") };

	if (value.len == 0) {
		decision.result = DNSBL_RESULT_ACCEPT;
	} else if (value.at[0] == '-') {
		decision.result = DNSBL_RESULT_REJECT;
		decision.text = printable(view_from(value, 1), mem);
	} else {
		decision.result = DNSBL_RESULT_DELAY;
		decision.text = printable(value, mem);
	}
	*out = decision;
}

const char *
dnsbl_result_text(enum dnsbl_result result)
{
	static const char *const texts[] = {
		[DNSBL_RESULT_PASS] = "pass",
		[DNSBL_RESULT_IGNORE] = "ignore",
		[DNSBL_RESULT_ACCEPT] = "accept",
		[DNSBL_RESULT_DELAY] = "delay",
		[DNSBL_RESULT_REJECT] = "reject",
	};

	return texts[result];
}
