#include "wire/tls.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/fd.h"
#include "wire/kinds.h"

enum { KEY_FIELD = 4096 };

static const struct helper_name server_helper = { "tls", "qmail-tls", "server" };
static const struct helper_name client_helper = { "tlsc", "qmail-tls", "client" };

static void
take_reason(const struct frame *answer, struct str *reason)
{
	struct view text;

	if (frame_find(answer, TAG_REASON, &text) && text.len > 0)
		tls_facts_tame(reason, text);
	else
		str_set(reason, VIEW("the TLS helper gave no reason"));
}

static void
add_text(struct str *packet, uint16_t tag, const char *text)
{
	if (text && *text)
		frame_add(packet, tag, view_of(text));
}

/* One request and its answer. */
struct call {
	struct helper *helper;
	const struct helper_name *name;
	struct deadline deadline;
	struct tls_facts *facts; /* NULL: nobody asks */
	struct str *reason;
	struct str packet;
	bool
	    failed; /* the helper could not be asked, or could not do it; else it says no */
};

/* True for "ok". */
static bool
ask(struct call *c, const int *fds, size_t fd_count)
{
	struct str bytes = { 0 };
	struct frame answer;
	bool ok = false;

	c->failed = true;
	if (helper_call(c->helper, c->name, &c->packet, fds, fd_count, c->deadline,
		&bytes, &answer) < 0) {
		str_set(c->reason, view_of(c->helper->reason));
		str_free(&bytes);
		return false;
	}
	frame_close_fds(&answer);
	ok = answer.status == FRAME_OK;
	c->failed = !ok && answer.status != FRAME_NO;
	if (!ok)
		take_reason(&answer, c->reason);
	if (c->facts)
		tls_facts_from(&answer, c->facts);
	frame_wipe(&bytes);
	return ok;
}

/* Send the network and one end of a fresh socketpair along; ours, the plaintext, is returned, or -1. */
static int
start(struct call *c, int in, int out)
{
	int fds[3], plain[2];
	size_t count = 0;
	bool ok;

	c->failed = true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plain) < 0) {
		str_set(c->reason, VIEW("no descriptors for TLS"));
		return -1;
	}
	fds[count++] = in;
	if (out != in)
		fds[count++] = out;
	fds[count++] = plain[1];
	ok = ask(c, fds, count);
	fd_close(&plain[1]);
	if (!ok)
		fd_close(&plain[0]);
	return plain[0];
}

/* A timeout that fits the field; the caller's "for ever" is the field's maximum. */
static uint32_t
as_ms(int64_t ms)
{
	return ms < 0 || ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

int
tls_server_ready(struct tls_server *s, const char *cert_path, struct deadline deadline,
    struct str *reason)
{
	struct call c = { &s->helper, &server_helper, deadline, .reason = reason };
	bool ok;

	frame_start(&c.packet, WIRE_TLS_READY, FRAME_OK, 0, 0);
	add_text(&c.packet, TAG_TLS_CERT, cert_path);
	ok = ask(&c, NULL, 0);
	str_free(&c.packet);
	return ok ? 0 : -1;
}

int
tls_server_start(struct tls_server *s, const struct tls_server_request *request,
    struct deadline deadline, struct tls_facts *facts, struct str *reason)
{
	struct call c = { &s->helper, &server_helper, deadline, facts, .reason = reason };
	int plain;

	frame_start(&c.packet, WIRE_TLS_SERVER, FRAME_OK, 0, 0);
	add_text(&c.packet, TAG_TLS_CERT, request->cert_path);
	add_text(&c.packet, TAG_TLS_CIPHERS, request->ciphers);
	add_text(&c.packet, TAG_SID, request->sid);
	frame_add_u32(&c.packet, TAG_TLS_TIMEOUT, as_ms(request->timeout_ms));
	plain = start(&c, request->in, request->out);
	str_free(&c.packet);
	return plain;
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
	struct call c = { h, &client_helper, deadline, facts, .reason = reason };
	int plain;

	str_reserve(
	    &c.packet, KEY_FIELD); /* so that no copy of the password is left behind */
	frame_start(&c.packet, WIRE_TLS_CLIENT, FRAME_OK, 0, 0);
	add_key(&c.packet, request);
	add_what_does(&c.packet, request);
	add_text(&c.packet, TAG_TLS_TRUST, request->trust);
	add_text(&c.packet, TAG_TLS_CIPHERS, request->ciphers);
	add_text(&c.packet, TAG_TLS_CERT, request->cert);
	if (request->names_only)
		frame_add(&c.packet, TAG_TLS_NAMES_ONLY, VIEW(""));
	frame_add_u32(&c.packet, TAG_TLS_TIMEOUT, as_ms(request->timeout_ms));
	plain = start(&c, net, net);
	*helper_failed = c.failed;
	str_wipe(&c.packet);
	return plain;
}
