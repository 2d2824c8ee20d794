#include "wire/tls.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "wire/kinds.h"

enum {
	KEY_FIELD = 4096,
	TEXT_MAX = 256,
	BINDING_MAX = 64,
	DIGEST_LEN = 32,
	LINES_MAX = 20,
	MATCHED_MAX = 12
};

static const struct helper_name server_helper = { "tls", "qmail-tls", "server" };
static const struct helper_name client_helper = { "tlsc", "qmail-tls", "client" };

bool
tls_level_verifies(enum tls_level level)
{
	return level >= TLS_SECURE;
}

bool
tls_level_is_dane(enum tls_level level)
{
	return level == TLS_DANE || level == TLS_DANE_ONLY;
}

bool
tls_is_fingerprint(struct view hex)
{
	size_t i;

	if (hex.len != 40 && hex.len != 56 && hex.len != 64 && hex.len != 128)
		return false;
	for (i = 0; i < hex.len; i++)
		if (scan_hex_digit(hex.at[i]) < 0)
			return false;
	return true;
}

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

static void
set_tame(struct str *out, struct view text)
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

void
tls_facts_from(const struct frame *answer, struct tls_facts *facts)
{
	struct view rest = answer->fields, octets;
	size_t emails = 0, about = 0;
	uint16_t tag;

	tls_facts_free(facts);
	while (frame_next(&rest, &tag, &octets))
		switch (tag) {
		case TAG_TLS_PROTOCOL:
			set_tame(&facts->protocol, octets);
			break;
		case TAG_TLS_CIPHER:
			set_tame(&facts->cipher, octets);
			break;
		case TAG_TLS_SNI:
			set_tame(&facts->sni, octets);
			break;
		case TAG_TLS_VERIFY:
			set_tame(&facts->verify, octets);
			break;
		case TAG_TLS_PEER:
			set_tame(&facts->peer, octets);
			break;
		case TAG_TLS_BINDING:
			str_set(&facts->binding, view_first(octets, BINDING_MAX));
			break;
		case TAG_TLS_EMAIL:
			append_line(&facts->emails, octets, &emails);
			break;
		case TAG_TLS_MATCHED:
			set_tame(&facts->matched, octets);
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
			append_line(&facts->about, octets, &about);
			break;
		default:
			break;
		}
	frame_find_u32(answer, TAG_TLS_VERIFY_CODE, &facts->verify_code);
	facts->verified = view_equal(str_view(&facts->verify), VIEW("ok"));
}

static void
take_reason(const struct frame *answer, struct str *reason)
{
	struct view text;

	if (frame_find(answer, TAG_REASON, &text) && text.len > 0)
		set_tame(reason, text);
	else
		str_set(reason, VIEW("the TLS helper gave no reason"));
}

static void
add_text(struct str *packet, uint16_t tag, const char *text)
{
	if (text && *text)
		frame_add(packet, tag, view_of(text));
}

/* One request and its answer: true for "ok".  *failed tells a helper that could not be asked, or
 * could not do it, from one that says no. */
static bool
ask(struct helper *h, const struct helper_name *name, struct str *packet, const int *fds,
    size_t fd_count, struct deadline deadline, struct tls_facts *facts,
    struct str *reason, bool *failed)
{
	struct str bytes = { 0 };
	struct frame answer;
	bool ok = false;

	*failed = true;
	if (helper_call(h, name, packet, fds, fd_count, deadline, &bytes, &answer) < 0) {
		str_set(reason, view_of(h->reason));
		str_free(&bytes);
		return false;
	}
	frame_close_fds(&answer);
	ok = answer.status == FRAME_OK;
	*failed = !ok && answer.status != FRAME_NO;
	if (!ok)
		take_reason(&answer, reason);
	if (facts)
		tls_facts_from(&answer, facts);
	frame_wipe(&bytes);
	return ok;
}

/* Send the network and one end of a fresh socketpair along; ours is the plaintext. */
static int
start(struct helper *h, const struct helper_name *name, struct str *packet, int in,
    int out, struct deadline deadline, struct tls_facts *facts, struct str *reason,
    bool *failed)
{
	int fds[3], plain[2];
	size_t count = 0;
	bool ok;

	*failed = true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plain) < 0) {
		str_set(reason, VIEW("no descriptors for TLS"));
		return -1;
	}
	fds[count++] = in;
	if (out != in)
		fds[count++] = out;
	fds[count++] = plain[1];
	ok = ask(h, name, packet, fds, count, deadline, facts, reason, failed);
	fd_close(&plain[1]);
	if (!ok)
		fd_close(&plain[0]);
	return plain[0];
}

/* Octets of a timeout that fits the field; the caller's "for ever" is the field's maximum. */
static uint32_t
as_ms(int64_t ms)
{
	return ms < 0 || ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

int
tls_server_ready(struct tls_server *s, const char *cert_path, struct deadline deadline,
    struct str *reason)
{
	struct str packet = { 0 };
	bool ok, failed;

	frame_start(&packet, WIRE_TLS_READY, FRAME_OK, 0, 0);
	add_text(&packet, TAG_TLS_CERT, cert_path);
	ok = ask(&s->helper, &server_helper, &packet, NULL, 0, deadline, NULL, reason,
	    &failed);
	str_free(&packet);
	return ok ? 0 : -1;
}

int
tls_server_start(struct tls_server *s, int in, int out, const char *cert_path,
    const char *ciphers, const char *sid, int64_t timeout_ms, struct deadline deadline,
    struct tls_facts *facts, struct str *reason)
{
	struct str packet = { 0 };
	bool failed;
	int plain;

	frame_start(&packet, WIRE_TLS_SERVER, FRAME_OK, 0, 0);
	add_text(&packet, TAG_TLS_CERT, cert_path);
	add_text(&packet, TAG_TLS_CIPHERS, ciphers);
	add_text(&packet, TAG_SID, sid);
	frame_add_u32(&packet, TAG_TLS_TIMEOUT, as_ms(timeout_ms));
	plain = start(&s->helper, &server_helper, &packet, in, out, deadline, facts,
	    reason, &failed);
	str_free(&packet);
	return plain;
}

void
tls_server_close(struct tls_server *s)
{
	/* It may still be sending our last words: nobody waits for that, init reaps. */
	helper_leave(&s->helper);
}

static void
add_list(struct str *packet, uint16_t tag, struct view list)
{
	while (list.len > 0) {
		struct view item = view_first(list, view_index(list, ','));

		if (item.len > 0)
			frame_add(packet, tag, item);
		list = view_from(list, item.len + 1);
	}
}

static void
add_rules(struct str *packet, const struct tls_rules *rules)
{
	char octets[] = { (char)rules->lowest, (char)rules->highest, (char)rules->depth,
		(char)((rules->exact ? TLS_RULE_EXACT : 0) |
		    (rules->needs_cert ? TLS_RULE_NEEDS_CERT : 0)) };

	frame_add(packet, TAG_TLS_RULES, (struct view) { octets, sizeof octets });
}

static void
add_key(struct str *packet, const struct tls_client_request *request)
{
	struct str field = { 0 };

	if (!request->key && request->key_password.len == 0)
		return;
	str_reserve(&field, KEY_FIELD);
	str_append_text(&field, request->key ? request->key : "");
	str_append_byte(&field, '\0');
	str_append(&field, request->key_password);
	frame_add(packet, TAG_TLS_KEY, str_view(&field));
	str_wipe(&field);
}

static void
add_what_does(struct str *packet, const struct tls_client_request *request)
{
	char level = (char)request->level;

	add_text(packet, request->is_ip ? TAG_TLS_IP : TAG_TLS_NAME, request->name);
	if (request->sni)
		frame_add(packet, TAG_TLS_SNI_SENT, view_of(request->sni));
	frame_add(packet, TAG_TLS_LEVEL, (struct view) { &level, 1 });
	add_list(packet, TAG_TLS_ALSO, request->also);
	add_list(packet, TAG_TLS_FINGERPRINT, request->fingerprints);
	if (request->tlsa.len > 0)
		frame_add(packet, TAG_TLS_TLSA, request->tlsa);
	add_rules(packet, &request->rules);
}

int
tls_client_start(struct helper *h, int net, const struct tls_client_request *request,
    struct deadline deadline, struct tls_facts *facts, struct str *reason,
    bool *helper_failed)
{
	struct str packet = { 0 };
	int plain;

	str_reserve(
	    &packet, KEY_FIELD); /* so that no copy of the password is left behind */
	frame_start(&packet, WIRE_TLS_CLIENT, FRAME_OK, 0, 0);
	add_key(&packet, request);
	add_what_does(&packet, request);
	add_text(&packet, TAG_TLS_TRUST, request->trust);
	add_text(&packet, TAG_TLS_CIPHERS, request->ciphers);
	add_text(&packet, TAG_TLS_CERT, request->cert);
	if (request->names_only)
		frame_add(&packet, TAG_TLS_NAMES_ONLY, VIEW(""));
	frame_add_u32(&packet, TAG_TLS_TIMEOUT, as_ms(request->timeout_ms));
	plain = start(
	    h, &client_helper, &packet, net, net, deadline, facts, reason, helper_failed);
	str_wipe(&packet);
	return plain;
}
