#include "tls/request.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/ip.h"
#include "wire/kinds.h"
#include "wire/tlsa.h"

enum { MARGIN_MS = 200, MARGIN_PARTS = 10 };

/* True when the field is absent, or good. */
static bool
take_text(const struct frame *frame, uint16_t tag, size_t max, struct str *out)
{
	struct view text;

	if (!frame_find(frame, tag, &text))
		return true;
	if (text.len > max || (text.len > 0 && memchr(text.at, '\0', text.len)))
		return false;
	str_set(out, text);
	return true;
}

static bool
is_name(struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (!ascii_is_graphic(name.at[i]))
			return false;
	return true;
}

static bool
take_name(const struct frame *frame, struct request *out)
{
	struct ip ip;

	if (!take_text(frame, TAG_TLS_NAME, REQUEST_NAME_MAX, &out->name))
		return false;
	if (out->name.len > 0)
		return is_name(str_view(&out->name));
	if (!take_text(frame, TAG_TLS_IP, REQUEST_NAME_MAX, &out->name))
		return false;
	out->is_ip = out->name.len > 0;
	return !out->is_ip || ip_parse(str_view(&out->name), &ip);
}

/* A name for the ClientHello; an address is none (RFC 6066 section 3). */
static bool
take_sni(const struct frame *frame, struct request *out)
{
	struct view text;

	out->has_sni = frame_find(frame, TAG_TLS_SNI_SENT, &text);
	return take_text(frame, TAG_TLS_SNI_SENT, REQUEST_NAME_MAX, &out->sni) &&
	    is_name(str_view(&out->sni));
}

/* Each field with this tag, if it is as it should be. */
static bool
take_list(const struct frame *frame, uint16_t wanted, bool is_good(struct view),
    struct str *out)
{
	struct view rest = frame->fields, item;
	size_t count = 0;
	uint16_t tag;

	while (frame_next(&rest, &tag, &item)) {
		if (tag != wanted)
			continue;
		if (++count > TLS_LIST_MAX || item.len > REQUEST_NAME_MAX ||
		    item.len == 0 || view_index(item, ',') < item.len || !is_good(item))
			return false;
		if (out->len > 0)
			str_append_byte(out, ',');
		str_append_lower(out, item);
	}
	return true;
}

static bool
take_rules(const struct frame *frame, struct request *out)
{
	struct view octets;
	unsigned flags;

	if (!frame_find(frame, TAG_TLS_RULES, &octets))
		return true;
	if (octets.len != 4 || (unsigned char)octets.at[0] > TLS_1_3 ||
	    (unsigned char)octets.at[1] > TLS_1_3)
		return false;
	flags = (unsigned char)octets.at[3];
	out->rules = (struct tls_rules) {
		.lowest = (enum tls_protocol)octets.at[0],
		.highest = (enum tls_protocol)octets.at[1],
		.depth = (uint8_t)octets.at[2],
		.exact = flags & TLS_RULE_EXACT,
		.needs_cert = flags & TLS_RULE_NEEDS_CERT,
	};
	return true;
}

static bool
take_key(const struct frame *frame, struct request *out)
{
	struct view field, path, password;

	if (!frame_find(frame, TAG_TLS_KEY, &field))
		return true;
	if (!view_cut(field, '\0', &path, &password) || path.len > REQUEST_PATH_MAX ||
	    password.len > REQUEST_PASSWORD_MAX)
		return false;
	str_set(&out->key, path);
	str_set(&out->key_password, password);
	return true;
}

static bool
take_level(const struct frame *frame, struct request *out)
{
	struct view octet;

	if (!frame_find(frame, TAG_TLS_LEVEL, &octet))
		return true;
	if (octet.len != 1 || octet.at[0] < TLS_MAY || octet.at[0] >= TLS_LEVELS)
		return false;
	out->level = (enum tls_level)octet.at[0];
	return true;
}

/* Without records to go by, DANE is no level; and whoever has some must not fall below it. */
static bool
take_dane(const struct frame *frame, struct request *out)
{
	struct view list, rest;
	struct tlsa record;
	size_t count = 0;

	if (!tls_level_is_dane(out->level))
		return true;
	if (out->name.len == 0 || out->is_ip || !frame_find(frame, TAG_TLS_TLSA, &list) ||
	    list.len > TLSA_LIST_MAX)
		return false;
	rest = list;
	while (tlsa_next(&rest, &record))
		count++;
	if (rest.len > 0 || count == 0 || count > TLSA_RECORDS_MAX)
		return false;
	str_set(&out->tlsa, list);
	return true;
}

/* The answer must be there before the caller gives up, or it cannot tell a slow peer from a slow
 * helper. */
static struct deadline
answer_by(uint32_t ms_left)
{
	int64_t left = ms_left, margin = left / MARGIN_PARTS;

	if (ms_left == UINT32_MAX)
		return deadline_never();
	return deadline_in_ms(left - (margin < MARGIN_MS ? margin : MARGIN_MS));
}

static void
take_digest(const struct frame *frame, struct request *out)
{
	struct view rest = frame->fields, octets;
	struct hash hash;
	uint16_t tag;

	hash_start(&hash, HASH_SHA256);
	while (frame_next(&rest, &tag, &octets)) {
		uint64_t head[2] = { tag, octets.len };

		if (tag == TAG_TLS_TIMEOUT || tag == TAG_SID || tag == TAG_TLS_IMPLICIT)
			continue;
		hash_add(&hash, (struct view) { (const char *)head, sizeof head });
		hash_add(&hash, octets);
	}
	hash_finish(&hash, out->digest);
}

bool
request_parse(const struct frame *frame, struct request *out)
{
	struct view nothing;
	uint32_t ms;

	request_free(out);
	out->level = TLS_SECURE;
	out->timeout_ms = -1;
	out->names_only = frame_find(frame, TAG_TLS_NAMES_ONLY, &nothing);
	if (frame_find_u32(frame, TAG_TLS_TIMEOUT, &ms) && ms != UINT32_MAX)
		out->timeout_ms = ms;
	out->deadline = answer_by(frame->ms_left);
	take_digest(frame, out);
	return take_name(frame, out) && take_level(frame, out) && take_sni(frame, out) &&
	    take_list(frame, TAG_TLS_ALSO, is_name, &out->also) &&
	    take_list(
		frame, TAG_TLS_FINGERPRINT, tls_is_fingerprint, &out->fingerprints) &&
	    take_dane(frame, out) && take_rules(frame, out) && take_key(frame, out) &&
	    take_text(frame, TAG_TLS_TRUST, REQUEST_PATH_MAX, &out->trust) &&
	    take_text(frame, TAG_TLS_CIPHERS, REQUEST_CIPHERS_MAX, &out->ciphers) &&
	    take_text(frame, TAG_TLS_CERT, REQUEST_PATH_MAX, &out->certificate);
}

void
request_free(struct request *r)
{
	str_free(&r->name);
	str_free(&r->sni);
	str_free(&r->also);
	str_free(&r->fingerprints);
	str_free(&r->tlsa);
	str_free(&r->key);
	str_wipe(&r->key_password);
	str_free(&r->trust);
	str_free(&r->ciphers);
	str_free(&r->certificate);
	*r = (struct request) { 0 };
}
