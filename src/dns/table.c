/* table - a resolver that knows a few lines, for unit tests. */
#include <stdbool.h>

#include "dns/backend.h"
#include "lib/ascii.h"
#include "lib/mem.h"
#include "lib/scan.h"
#include "lib/str.h"

enum { ALIASES_MAX = 8 };

struct table {
	struct resolver resolver; /* first: the two are cast into each other */
	struct str lines;
};

struct row {
	struct view name, type, data;
	bool authentic;
};

static const struct {
	const char *text;
	enum dns_type type;
} types[] = {
	{ "A", DNS_A },
	{ "PTR", DNS_PTR },
	{ "MX", DNS_MX },
	{ "TXT", DNS_TXT },
	{ "AAAA", DNS_AAAA },
	{ "TLSA", DNS_TLSA },
};

static struct view
next_word(struct view *rest)
{
	struct view word;
	size_t len = 0;

	*rest = view_trim_left(*rest);
	while (len < rest->len && !ascii_is_blank(rest->at[len]))
		len++;
	word = view_first(*rest, len);
	*rest = view_trim_left(view_from(*rest, len));
	return word;
}

static bool
next_row(struct view *lines, struct row *out)
{
	struct view line;

	if (lines->len == 0)
		return false;
	line = *lines;
	if (!view_cut(*lines, '\n', &line, lines))
		*lines = VIEW("");
	line = view_trim_right(line);
	out->name = next_word(&line);
	out->type = next_word(&line);
	out->data = line;
	out->authentic = out->type.len > 0 && out->type.at[0] >= 'a';
	return true;
}

/* The octet that "\\DDD" at the start of `text` stands for, else -1. */
static int
escaped_octet(struct view text)
{
	uint32_t octet = 0;

	if (text.len < 4 || *text.at != '\\' ||
	    scan_u32(view_from(view_first(text, 4), 1), &octet) != 3 || octet > 255)
		return -1;
	return (int)octet;
}

/* Without quotes and the blanks between strings, and with what \DDD stands for. */
static struct view
unquote(struct arena *mem, struct view text)
{
	char *out = arena_alloc(mem, text.len + 1);
	bool is_quoted = false;
	size_t i, len = 0;

	for (i = 0; i < text.len; i++) {
		int octet = escaped_octet(view_from(text, i));

		if (octet >= 0)
			i += 3;
		else if (text.at[i] == '"')
			is_quoted = !is_quoted;
		if (octet >= 0 || (is_quoted && text.at[i] != '"'))
			out[len++] = (char)(octet >= 0 ? octet : text.at[i]);
	}
	return (struct view) { out, len };
}

/* Is this the name in a line, where \DDD may stand for an octet? */
static bool
name_matches(struct view written, struct view name)
{
	for (; written.len > 0 && name.len > 0; name = view_from(name, 1)) {
		int octet = escaped_octet(written);
		char c = octet >= 0 ? (char)octet : *written.at;

		if (ascii_lower(c) != ascii_lower(*name.at))
			return false;
		written = view_from(written, octet >= 0 ? 4 : 1);
	}
	return written.len == 0 && name.len == 0;
}

static struct view
without_dot(struct view name)
{
	return name.len > 0 && name.at[name.len - 1] == '.'
	    ? view_first(name, name.len - 1)
	    : name;
}

static bool
type_matches(struct view text, enum dns_type type)
{
	size_t i;

	for (i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == type)
			return view_equal_nocase(text, view_of(types[i].text));
	return false;
}

static void
set_octets(struct arena *mem, struct view hex, struct dns_record *record)
{
	char *out = arena_alloc(mem, hex.len / 2 + 1);
	size_t i;

	for (i = 0; i + 1 < hex.len; i += 2)
		out[i / 2] = (char)(scan_hex_digit(hex.at[i]) * 16 +
		    scan_hex_digit(hex.at[i + 1]));
	record->name = (struct view) { out, hex.len / 2 };
}

/* False: the data is not of the type. */
static bool
set_record(struct arena *mem, const struct row *row, enum dns_type type,
    struct dns_record *record)
{
	struct view data = row->data;
	uint64_t preference = 0;

	*record = (struct dns_record) { .ttl = 3600 };
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		return ip_parse(data, &record->ip) &&
		    record->ip.version == (type == DNS_A ? 4 : 6);
	case DNS_TLSA:
		set_octets(mem, data, record);
		return true;
	case DNS_MX:
		scan_whole_u64(next_word(&data), &preference);
		record->preference = (uint16_t)preference;
		break;
	case DNS_PTR:
	case DNS_TXT:
		break;
	}
	if (type == DNS_TXT && view_starts(data, VIEW("\"")))
		record->name = unquote(mem, data);
	else
		record->name =
		    arena_copy(mem, type == DNS_TXT ? data : without_dot(data));
	return true;
}

/* Walk over the lines once.  The alias of `name` if it is one, else empty.  answer->authentic comes in as
 * what it was up to here. */
static struct view
look_up(struct table *t, struct view name, enum dns_type type, struct arena *mem,
    struct dns_answer *answer)
{
	struct view lines = str_view(&t->lines), alias = VIEW("");
	bool secure = answer->authentic;
	struct row row;

	answer->result = DNS_NXNAME;
	answer->authentic = false;
	answer->canonical = name;
	while (next_row(&lines, &row)) {
		if (!name_matches(row.name, name))
			continue;
		if (answer->result == DNS_NXNAME)
			answer->result = DNS_NODATA;
		if (view_equal_nocase(row.type, VIEW("CNAME"))) {
			alias = without_dot(row.data);
			answer->authentic = secure && row.authentic;
		}
		if (!type_matches(row.type, type))
			continue;
		answer->authentic = secure && row.authentic;
		if (view_equal(row.data, VIEW("NONE")))
			continue;
		if (view_equal(row.data, VIEW("FAIL"))) {
			*answer = dnsquery_failed(name, DNS_REASON_SERVFAIL);
			return VIEW("");
		}
		if (answer->count < DNS_RECORDS_MAX &&
		    set_record(mem, &row, type, &answer->records[answer->count])) {
			answer->count++;
			answer->result = DNS_FOUND;
		}
	}
	return alias;
}

static void
answer_one(struct table *t, const struct dns_question *question, struct arena *mem,
    struct dns_answer *answer)
{
	struct view name = without_dot(question->name), next = name;
	int i;

	*answer = (struct dns_answer) { .authentic = true };
	answer->records = arena_alloc(mem, DNS_RECORDS_MAX * sizeof *answer->records);
	for (i = 0; i < ALIASES_MAX && next.len > 0; i++)
		next = look_up(t, next, question->type, mem, answer);
	answer->asked = name;
	if (name.len == 0)
		answer->result = DNS_BADNAME;
}

static void
table_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	size_t i;

	(void)deadline;
	for (i = 0; i < count; i++)
		answer_one((struct table *)r, &questions[i], mem, &answers[i]);
}

static void
table_free(struct resolver *r)
{
	struct table *t = (struct table *)r;

	str_free(&t->lines);
	mem_free(t);
}

struct resolver *
resolver_table(const char *lines)
{
	struct table *t = mem_alloc_zeroed(1, sizeof *t);

	t->resolver = (struct resolver) { table_ask, table_free, "none" };
	str_append_text(&t->lines, lines);
	return &t->resolver;
}
