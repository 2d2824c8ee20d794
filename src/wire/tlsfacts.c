#include "wire/tlsfacts.h"

#include "lib/fmt.h"
#include "lib/scan.h"
#include "wire/kinds.h"

enum {
	TEXT_MAX = 256,
	BINDING_MAX = 64,
	DIGEST_LEN = 32,
	LINES_MAX = 20,
	MATCHED_MAX = 12
};

void
tls_facts_free(struct tls_facts *facts)
{
	str_free(&facts->protocol);
	str_free(&facts->cipher);
	str_free(&facts->sni);
	str_free(&facts->verify);
	str_free(&facts->peer);
	str_free(&facts->matched);
	str_free(&facts->emails);
	str_free(&facts->digest);
	str_free(&facts->about);
	str_wipe(&facts->binding);
	facts->verified = facts->resumed = false;
	facts->verify_code = 0;
	facts->ends = 0;
}

/* The helper repeats what the peer said: nothing of it may end a line of a log or a header. */
static void
append_tame(struct str *out, struct view text)
{
	size_t i;

	text = view_first(text, TEXT_MAX);
	for (i = 0; i < text.len; i++) {
		char c = text.at[i];

		str_append_byte(out, c >= 0x20 && c < 0x7f ? c : '?');
	}
}

void
tls_facts_tame(struct str *out, struct view text)
{
	str_clear(out);
	append_tame(out, text);
}

static void
append_depth(struct str *matched, struct view octet)
{
	if (octet.len != 1 || matched->len == 0 || matched->len > MATCHED_MAX)
		return;
	str_append_text(matched, " depth ");
	fmt_u64(matched, (unsigned char)octet.at[0]);
}

/* One more of a list, of which there are not too many. */
static void
append_line(struct str *out, struct view text, size_t *lines)
{
	if ((*lines)++ >= LINES_MAX)
		return;
	append_tame(out, text);
	str_append_byte(out, '\n');
}

/* Where a text is kept; NULL: it is none, or not the only one. */
static struct str *
text_of(struct tls_facts *facts, uint16_t tag)
{
	switch (tag) {
	case TAG_TLS_PROTOCOL:
		return &facts->protocol;
	case TAG_TLS_CIPHER:
		return &facts->cipher;
	case TAG_TLS_SNI:
		return &facts->sni;
	case TAG_TLS_VERIFY:
		return &facts->verify;
	case TAG_TLS_PEER:
		return &facts->peer;
	case TAG_TLS_MATCHED:
		return &facts->matched;
	default:
		return NULL;
	}
}

/* How many there are in a list. */
struct lines {
	size_t emails, about;
};

static void
take_other(struct tls_facts *facts, struct lines *lines, uint16_t tag, struct view octets)
{
	switch (tag) {
	case TAG_TLS_BINDING:
		str_set(&facts->binding, view_first(octets, BINDING_MAX));
		break;
	case TAG_TLS_EMAIL:
		append_line(&facts->emails, octets, &lines->emails);
		break;
	case TAG_TLS_DEPTH:
		append_depth(&facts->matched, octets);
		break;
	case TAG_TLS_RESUMED:
		facts->resumed = true;
		break;
	case TAG_TLS_PEER_DIGEST:
		str_clear(&facts->digest);
		fmt_hex(&facts->digest, view_first(octets, DIGEST_LEN));
		break;
	case TAG_TLS_ENDS:
		scan_u64(octets, &facts->ends);
		break;
	case TAG_TLS_ABOUT:
		append_line(&facts->about, octets, &lines->about);
		break;
	default:
		break;
	}
}

void
tls_facts_from(const struct frame *answer, struct tls_facts *facts)
{
	struct view rest = answer->fields, octets;
	struct lines lines = { 0, 0 };
	struct str *text;
	uint16_t tag;

	tls_facts_free(facts);
	while (frame_next(&rest, &tag, &octets)) {
		text = text_of(facts, tag);
		if (text)
			tls_facts_tame(text, octets);
		else
			take_other(facts, &lines, tag, octets);
	}
	frame_find_u32(answer, TAG_TLS_VERIFY_CODE, &facts->verify_code);
	facts->verified = view_equal(str_view(&facts->verify), VIEW("ok"));
}
