#include "ares/packet.h"

#include <sys/select.h> /* ares.h wants it */

#include <ares.h>
#include <string.h>

#include "lib/ascii.h"

enum {
	HEADER = 12,
	RECORD_HEADER = 10, /* type, class, ttl, rdlength */
	TYPE_CNAME = 5,
	CLASS_IN = 1,
	AT_FLAGS1 = 2, /* QR opcode AA TC RD */
	AT_FLAGS2 = 3, /* RA Z AD CD rcode */
	BIT_QR = 0x80,
	BIT_TC = 0x02,
	BIT_AD = 0x20,
	RCODE_MASK = 0x0f,
	RCODE_OK = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	LABEL_POINTER = 0xc0,
	WIRE_NAME_MAX = 255,
	TEXT_NAME_MAX = 4 * WIRE_NAME_MAX, /* every octet as \DDD */
};

bool
packet_question(
    const char *name, enum dns_type type, uint16_t id, bool edns, struct str *out)
{
	unsigned char *made = NULL;
	int len = 0;

	if (ares_create_query(name, CLASS_IN, (int)type, id, 1, &made, &len,
		edns ? PACKET_UDP_MAX : 0) != ARES_SUCCESS)
		return false;
	made[AT_FLAGS2] |= BIT_AD; /* "tell me whether it is authentic" (RFC 6840 5.7) */
	str_set(out, (struct view) { (const char *)made, (size_t)len });
	ares_free_string(made);
	return true;
}

/* A name as text, without trailing dot; the root is empty. */
struct name {
	size_t len;
	char at[TEXT_NAME_MAX];
};

static struct view
name_view(const struct name *name)
{
	return (struct view) { name->at, name->len };
}

static unsigned
octet(struct view packet, size_t at)
{
	return (unsigned char)packet.at[at];
}

static unsigned
number16(struct view packet, size_t at)
{
	return octet(packet, at) << 8 | octet(packet, at + 1);
}

static uint32_t
number32(struct view packet, size_t at)
{
	return (uint32_t)number16(packet, at) << 16 | number16(packet, at + 2);
}

/* One octet of a label.  What would read as a dot, or not print, is written \DDD (RFC 1035 5.1):
 * such a name is no host's, and nobody can ask for it. */
static void
add_octet(struct name *out, unsigned c)
{
	if (ascii_is_graphic((char)c) && c != '.' && c != '\\') {
		out->at[out->len++] = ascii_lower((char)c);
		return;
	}
	out->at[out->len++] = '\\';
	out->at[out->len++] = (char)('0' + c / 100);
	out->at[out->len++] = (char)('0' + c / 10 % 10);
	out->at[out->len++] = (char)('0' + c % 10);
}

/* Read the name at *at, and move *at behind it.  A pointer must go to before the start of what was
 * read last, so that none can loop. */
static bool
read_name(struct view packet, size_t *at, struct name *out)
{
	size_t here = *at, least = *at, wire = 0, i;
	bool jumped = false;
	unsigned len;

	out->len = 0;
	for (;;) {
		if (here >= packet.len)
			return false;
		len = octet(packet, here++);
		if ((len & LABEL_POINTER) == LABEL_POINTER) {
			if (here >= packet.len)
				return false;
			if (!jumped)
				*at = here + 1;
			jumped = true;
			here =
			    (len & ~(unsigned)LABEL_POINTER) << 8 | octet(packet, here);
			if (here >= least)
				return false;
			least = here;
			continue;
		}
		if (len == 0)
			break;
		wire += len + 1;
		if (len > 63 || wire >= WIRE_NAME_MAX || len > packet.len - here)
			return false;
		if (out->len > 0)
			out->at[out->len++] = '.';
		for (i = 0; i < len; i++)
			add_octet(out, octet(packet, here++));
	}
	if (!jumped)
		*at = here;
	return true;
}

/* One resource record; the data are at packet[data] to packet[data + len]. */
struct record {
	struct name owner;
	unsigned type, class;
	uint32_t ttl;
	size_t data, len;
};

static bool
read_record(struct view packet, size_t *at, struct record *out)
{
	if (!read_name(packet, at, &out->owner) || packet.len - *at < RECORD_HEADER)
		return false;
	out->type = number16(packet, *at);
	out->class = number16(packet, *at + 2);
	out->ttl = number32(packet, *at + 4);
	if (out->ttl > INT32_MAX) /* RFC 2181 8 */
		out->ttl = 0;
	out->len = number16(packet, *at + 8);
	out->data = *at + RECORD_HEADER;
	if (packet.len - out->data < out->len)
		return false;
	*at = out->data + out->len;
	return true;
}

/* A name that is the whole rest of a record's data. */
static bool
name_in_data(struct view packet, const struct record *r, size_t skip, struct name *out)
{
	size_t at = r->data + skip;

	return r->len > skip && read_name(packet, &at, out) && at == r->data + r->len;
}

static bool
join_strings(
    struct view packet, const struct record *r, struct arena *mem, struct view *out)
{
	char *text = arena_alloc(mem, r->len + 1);
	size_t at = r->data, end = r->data + r->len, len = 0, one;

	while (at < end) {
		one = octet(packet, at++);
		if (one > end - at)
			return false;
		memcpy(text + len, packet.at + at, one);
		len += one;
		at += one;
	}
	*out = (struct view) { text, len };
	return r->len > 0;
}

static bool
take_address(struct view packet, const struct record *r, uint8_t version, struct ip *out)
{
	*out = (struct ip) { .version = version };
	if (r->len != (version == 4 ? 4 : 16))
		return false;
	memcpy(out->bytes, packet.at + r->data, r->len);
	return true;
}

/* The data of a record of the type that was asked for. */
static bool
take_data(
    struct view packet, const struct record *r, struct arena *mem, struct dns_record *out)
{
	struct name name;
	size_t skip = 0;

	*out = (struct dns_record) { .ttl = r->ttl };
	switch (r->type) {
	case DNS_A:
		return take_address(packet, r, 4, &out->ip);
	case DNS_AAAA:
		return take_address(packet, r, 6, &out->ip);
	case DNS_TXT:
		return join_strings(packet, r, mem, &out->name);
	case DNS_TLSA:
		out->name =
		    arena_copy(mem, view_first(view_from(packet, r->data), r->len));
		return r->len >= 3;
	case DNS_MX:
		skip = 2;
		if (r->len > skip)
			out->preference = (uint16_t)number16(packet, r->data);
		break;
	}
	if (!name_in_data(packet, r, skip, &name))
		return false;
	out->name = arena_copy(mem, name_view(&name));
	return true;
}

/* What is being parsed. */
struct parse {
	struct view packet;
	size_t records; /* offset of the first record */
	size_t count;   /* of the answer section, at most PACKET_RECORDS */
	struct name owner;
};

/* Header and question.  False if broken. */
static bool
start(struct parse *p)
{
	struct name question;

	if (p->packet.len < HEADER || !(octet(p->packet, AT_FLAGS1) & BIT_QR) ||
	    (octet(p->packet, AT_FLAGS1) & BIT_TC) || number16(p->packet, 4) != 1)
		return false;
	p->records = HEADER;
	if (!read_name(p->packet, &p->records, &question) ||
	    p->packet.len - p->records < 4)
		return false;
	p->records += 4;
	p->count = number16(p->packet, 6);
	if (p->count > PACKET_RECORDS)
		p->count = PACKET_RECORDS;
	return true;
}

/* Look for a CNAME of the present owner, which becomes its target.  *found tells. */
static bool
follow_alias(struct parse *p, bool *found)
{
	size_t at = p->records, i;
	struct record r;

	*found = false;
	for (i = 0; i < p->count && !*found; i++) {
		if (!read_record(p->packet, &at, &r))
			return false;
		if (r.type != TYPE_CNAME || r.class != CLASS_IN ||
		    !view_equal_nocase(name_view(&r.owner), name_view(&p->owner)))
			continue;
		if (!name_in_data(p->packet, &r, 0, &p->owner))
			return false;
		*found = true;
	}
	return true;
}

/* Keep the records of the type that the present owner has. */
static bool
collect(struct parse *p, enum dns_type type, struct arena *mem, struct dns_answer *out)
{
	size_t at = p->records, i;
	struct record r;

	out->records = arena_alloc(mem, DNS_RECORDS_MAX * sizeof *out->records);
	for (i = 0; i < p->count && out->count < DNS_RECORDS_MAX; i++) {
		if (!read_record(p->packet, &at, &r))
			return false;
		if (r.type != type || r.class != CLASS_IN ||
		    !view_equal_nocase(name_view(&r.owner), name_view(&p->owner)))
			continue;
		if (!take_data(p->packet, &r, mem, &out->records[out->count++]))
			return false;
	}
	return true;
}

static enum dns_reason
reason_of(unsigned rcode)
{
	switch (rcode) {
	case RCODE_SERVFAIL:
	case RCODE_NOTIMP:
	case RCODE_REFUSED:
		return DNS_REASON_SERVFAIL;
	case RCODE_FORMERR:
		return DNS_REASON_FORMERR;
	default:
		return DNS_REASON_BROKEN;
	}
}

/* The answer section, once the header is known to be good.  False if broken. */
static bool
read_answer(
    struct parse *p, enum dns_type type, struct arena *mem, struct dns_answer *out)
{
	bool found = true;
	int i;

	for (i = 0; i < PACKET_ALIASES && found; i++)
		if (!follow_alias(p, &found))
			return false;
	if (found || !collect(p, type, mem, out))
		return false;
	out->result = out->count > 0 ? DNS_FOUND : DNS_NODATA;
	out->canonical = arena_copy(mem, name_view(&p->owner));
	return true;
}

struct dns_answer
packet_answer(
    struct view packet, struct view asked, enum dns_type type, struct arena *mem)
{
	struct dns_answer broken = dnsquery_failed(asked, DNS_REASON_BROKEN),
			  answer = broken;
	struct parse p = { .packet = packet };
	unsigned rcode;

	if (asked.len > sizeof p.owner.at || !start(&p))
		return broken;
	rcode = octet(packet, AT_FLAGS2) & RCODE_MASK;
	if (rcode != RCODE_OK && rcode != RCODE_NXDOMAIN)
		return dnsquery_failed(asked, reason_of(rcode));
	memcpy(p.owner.at, asked.at, asked.len);
	p.owner.len = asked.len;
	answer.reason = DNS_REASON_NONE;
	answer.authentic = (octet(packet, AT_FLAGS2) & BIT_AD) != 0;
	if (!read_answer(&p, type, mem, &answer))
		return broken;
	if (rcode == RCODE_NXDOMAIN && answer.count == 0)
		answer.result = DNS_NXNAME;
	return answer;
}
