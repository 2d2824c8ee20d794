#include "try/certificate.h"

#include "lib/ascii.h"
#include "lib/base64.h"
#include "lib/str.h"

enum { SEQUENCE = 0x30, VERSION = 0xa0, UTC_TIME = 0x17, GENERALIZED_TIME = 0x18 };

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

static bool
parse_der(struct view der, int64_t *out)
{
	struct view certificate, body, validity, ignored;
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
	return enter(&body, &validity) && take(&validity, &tag, &ignored) &&
	    take(&validity, &tag, &ignored) && parse_time(tag, ignored, out);
}

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

bool
certificate_end(struct view pem, int64_t *out)
{
	struct str text = { 0 }, der = { 0 };
	struct view body;
	bool ok = false;
	size_t i;

	if (find_body(pem, &body)) {
		for (i = 0; i < body.len; i++)
			if (ascii_is_graphic(body.at[i]))
				str_append_byte(&text, body.at[i]);
		ok = base64_decode(&der, str_view(&text)) &&
		    parse_der(str_view(&der), out);
	}
	str_free(&text);
	str_free(&der);
	return ok;
}
