#include "tls/request.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/ip.h"
#include "wire/kinds.h"

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
	return take_name(frame, out) && take_level(frame, out) &&
	    take_text(frame, TAG_TLS_TRUST, REQUEST_PATH_MAX, &out->trust) &&
	    take_text(frame, TAG_TLS_CIPHERS, REQUEST_CIPHERS_MAX, &out->ciphers) &&
	    take_text(frame, TAG_TLS_CERT, REQUEST_PATH_MAX, &out->certificate);
}

void
request_free(struct request *r)
{
	str_free(&r->name);
	str_free(&r->trust);
	str_free(&r->ciphers);
	str_free(&r->certificate);
	*r = (struct request) { 0 };
}
