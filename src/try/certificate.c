#include "try/certificate.h"

#include "lib/ascii.h"
#include "lib/base64.h"
#include "lib/str.h"

enum {
	BOOLEAN = 0x01,
	UTC_TIME = 0x17,
	GENERALIZED_TIME = 0x18,
	SEQUENCE = 0x30,
	DNS_NAME = 0x82,
	VERSION = 0xa0,
	EXTENSIONS = 0xa3,
};

/* Take one element off `rest`: its tag, and its contents. */
static bool
take(struct view *rest, unsigned char *tag, struct view *contents)
{
	const unsigned char *at = (const unsigned char *)rest->at;
	size_t len, header = 2, octets;

	if (rest->len < 2)
		return false;
	len = at[1];
	if (len >= 0x80) { /* so many octets of length follow */
		octets = len & 0x7f;
		if (octets == 0 || octets > 3 || rest->len < 2 + octets)
			return false;
		for (len = 0; header < 2 + octets; header++)
			len = len << 8 | at[header];
	}
	if (len > rest->len - header)
		return false;
	*tag = at[0];
	*contents = view_first(view_from(*rest, header), len);
	*rest = view_from(*rest, header + len);
	return true;
}

static bool
enter(struct view *rest, struct view *contents)
{
	unsigned char tag;

	return take(rest, &tag, contents) && tag == SEQUENCE;
}

/* Two digits. */
static bool
take_pair(struct view *text, int *out)
{
	if (text->len < 2 || !ascii_is_digit(text->at[0]) || !ascii_is_digit(text->at[1]))
		return false;
	*out = 10 * (text->at[0] - '0') + (text->at[1] - '0');
	*text = view_from(*text, 2);
	return true;
}

/* Days from 1970 to a day of the Gregorian calendar, from 1950 on. */
static int64_t
days_to(int64_t year, int month, int day)
{
	int64_t shifted = year - (month <= 2), months = month + (month > 2 ? -3 : 9);

	return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 +
	    (153 * months + 2) / 5 + day - 1 - 719468;
}

/* [YY]YYMMDDHHMMSSZ: RFC 5280 lets nothing else in. */
static bool
parse_time(unsigned char tag, struct view text, int64_t *out)
{
	int century = 0, year, month, day, hour, minute, second;

	if (tag == GENERALIZED_TIME ? !take_pair(&text, &century) : tag != UTC_TIME)
		return false;
	if (!take_pair(&text, &year) || !take_pair(&text, &month) ||
	    !take_pair(&text, &day) || !take_pair(&text, &hour) ||
	    !take_pair(&text, &minute) || !take_pair(&text, &second) ||
	    !view_equal(text, VIEW("Z")) || month < 1 || month > 12)
		return false;
	if (tag == UTC_TIME)
		century = year >= 50 ? 19 : 20;
	*out = 86400 * days_to(100 * century + year, month, day) + 3600 * (int64_t)hour +
	    60 * (int64_t)minute + second;
	return true;
}

/* What stands in a certificate up to its validity, and the rest behind that. */
static bool
find_validity(struct view der, struct view *validity, struct view *rest)
{
	struct view certificate, body, ignored;
	unsigned char tag;
	int i;

	if (!enter(&der, &certificate) || !enter(&certificate, &body))
		return false;
	if (body.len > 0 && (unsigned char)body.at[0] == VERSION &&
	    !take(&body, &tag, &ignored))
		return false;
	for (i = 0; i < 3; i++) /* serial number, signature, issuer */
		if (!take(&body, &tag, &ignored))
			return false;
	if (!enter(&body, validity))
		return false;
	*rest = body;
	return true;
}

static bool
parse_end(struct view der, int64_t *out)
{
	struct view validity, rest, text;
	unsigned char tag;

	return find_validity(der, &validity, &rest) && take(&validity, &tag, &text) &&
	    take(&validity, &tag, &text) && parse_time(tag, text, out);
}

/* --- names ---------------------------------------------------------------------------------------- */

static bool
is_host(struct view name, struct view host)
{
	if (view_equal_nocase(name, host))
		return true;
	return view_starts(name, VIEW("*.")) &&
	    view_equal_nocase(view_from(name, 1), view_from(host, view_index(host, '.')));
}

struct names {
	struct view host;
	bool any;   /* names of hosts */
	bool found; /* ours among them */
};

/* The contents of an extension: RFC 5280 4.2.1.6. */
static bool
look_at_alternatives(struct names *n, struct view octets)
{
	struct view list, name;
	unsigned char tag;

	if (!enter(&octets, &list))
		return false;
	while (list.len > 0) {
		if (!take(&list, &tag, &name))
			return false;
		if (tag != DNS_NAME)
			continue;
		n->any = true;
		n->found = n->found || is_host(name, n->host);
	}
	return true;
}

static bool
look_at_extensions(struct names *n, struct view list)
{
	struct view one, oid, octets;
	unsigned char tag;

	while (list.len > 0) {
		if (!enter(&list, &one) || !take(&one, &tag, &oid) ||
		    !take(&one, &tag, &octets))
			return false;
		if (tag == BOOLEAN && !take(&one, &tag, &octets)) /* it is critical */
			return false;
		if (view_equal(oid, VIEW("\x55\x1d\x11")) &&
		    !look_at_alternatives(n, octets))
			return false;
	}
	return true;
}

static bool
has_common_name(struct view subject, struct view host)
{
	struct view set, one, oid, name;
	unsigned char tag;

	while (take(&subject, &tag, &set))
		if (enter(&set, &one) && take(&one, &tag, &oid) &&
		    view_equal(oid, VIEW("\x55\x04\x03")) && take(&one, &tag, &name) &&
		    is_host(name, host))
			return true;
	return false;
}

static enum answer
parse_names(struct view der, struct view host)
{
	struct names n = { .host = host };
	struct view validity, rest, subject, part, list;
	unsigned char tag;

	if (!find_validity(der, &validity, &rest) || !enter(&rest, &subject))
		return ANSWER_ERROR;
	while (rest.len > 0) {
		if (!take(&rest, &tag, &part))
			return ANSWER_ERROR;
		if (tag == EXTENSIONS &&
		    (!enter(&part, &list) || !look_at_extensions(&n, list)))
			return ANSWER_ERROR;
	}
	if (!n.any)
		n.found = has_common_name(subject, host);
	return n.found ? ANSWER_YES : ANSWER_NO;
}

/* --- the file ------------------------------------------------------------------------------------- */

static bool
find_body(struct view pem, struct view *body)
{
	const struct view begin = VIEW("-----BEGIN CERTIFICATE-----");

	for (; pem.len >= begin.len; pem = view_from(pem, 1))
		if (view_starts(pem, begin)) {
			*body = view_from(pem, begin.len);
			*body = view_first(*body, view_index(*body, '-'));
			return true;
		}
	return false;
}

static bool
decode(struct view pem, struct str *der)
{
	struct str text = { 0 };
	struct view body;
	bool ok = false;
	size_t i;

	if (find_body(pem, &body)) {
		for (i = 0; i < body.len; i++)
			if (ascii_is_graphic(body.at[i]))
				str_append_byte(&text, body.at[i]);
		ok = base64_decode(der, str_view(&text));
	}
	str_free(&text);
	return ok;
}

bool
certificate_end(struct view pem, int64_t *out)
{
	struct str der = { 0 };
	bool ok = decode(pem, &der) && parse_end(str_view(&der), out);

	str_free(&der);
	return ok;
}

enum answer
certificate_names(struct view pem, struct view host)
{
	struct str der = { 0 };
	enum answer answer =
	    decode(pem, &der) ? parse_names(str_view(&der), host) : ANSWER_ERROR;

	str_free(&der);
	return answer;
}
