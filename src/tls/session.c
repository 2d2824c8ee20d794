#define _GNU_SOURCE
#include "tls/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "config/control.h"
#include "lib/fd.h"
#include "os/os.h"
#include "tls/ciphers.h"
#include "tls/client.h"
#include "tls/facts.h"
#include "tls/handshake.h"
#include "tls/hello.h"
#include "tls/library.h"
#include "tls/pump.h"
#include "tls/request.h"
#include "tls/resume.h"
#include "tls/verify.h"
#include "wire/kinds.h"
#include "wire/rights.h"
#include "wire/serve.h"

enum {
	REQUEST_SECONDS = 300, /* that the next request may take, of a resident one */
	REFUSED_MS = 100,      /* for the request of one that is not served */
	ANSWER_SECONDS = 10,
	REST_MS = 1000, /* of nothing to do, before memory is given back */
};

#define SERVER_CIPHERS "control/tlsserverciphers"

/* One request while it is being dealt with. */
struct asked {
	struct service *service;
	struct request request;
	int caller;
	int in, out, plain; /* -1 where there is none */
	SSL *ssl;
	struct hello hello;
	struct resume_link link;
	struct str reason;
};

static const char *
certificate_path(const struct request *r)
{
	return r->certificate.len > 0 ? str_text(&r->certificate) : CONTEXT_CERTIFICATE;
}

/* The last descriptor is the plaintext; before it, the network to read and to write. */
static bool
take_descriptors(struct asked *a, struct frame *frame)
{
	size_t count = frame->fd_count, i;

	if (count != 2 && count != 3)
		return false;
	a->in = frame->fds[0];
	a->out = frame->fds[count - 2];
	a->plain = frame->fds[count - 1];
	for (i = 0; i < count; i++)
		frame->fds[i] = -1;
	return true;
}

static void
ready_network(const struct asked *a)
{
	int on = 1;

	fd_set_blocking(a->in, 0);
	fd_set_blocking(a->out, 0);
	/* Not on pipes; and there a ticket is not held back for an acknowledgement. */
	setsockopt(a->out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* The list of the request, else of the control file, lines joined; else the default. */
static bool
use_ciphers(struct asked *a)
{
	struct control_list lines = { 0 };
	struct str list = { 0 };
	bool ok = true;
	size_t i;

	if (a->request.ciphers.len > 0) {
		str_set(&list, str_view(&a->request.ciphers));
	} else {
		ok = control_list(SERVER_CIPHERS, &lines, NULL) != ANSWER_ERROR;
		for (i = 0; i < lines.count; i++) {
			str_append(&list, lines.entries[i].text);
			str_append_byte(&list, ':');
		}
	}
	ok = ok && ciphers_use(a->ssl, str_view(&list)) == 0;
	if (!ok)
		library_reason(&a->reason, "unreadable " SERVER_CIPHERS);
	control_list_free(&lines);
	str_free(&list);
	return ok;
}

static bool
new_connection(struct asked *a, SSL_CTX *ctx)
{
	a->ssl = ctx ? SSL_new(ctx) : NULL;
	if (ctx && !a->ssl)
		library_reason(&a->reason, "no TLS connection");
	return a->ssl && use_ciphers(a);
}

/* Nothing but the name in the ClientHello may still need the group; if no names have
 * certificates, not even that. */
static bool
prepare_server(struct asked *a)
{
	struct service *s = a->service;
	const char *path = certificate_path(&a->request);
	struct stamp names = stamp_of(CONTEXT_CERTIFICATES);

	if (!new_connection(a, context_server(&s->servers, path, &a->reason)))
		return false;
	a->hello.servers = &s->servers;
	a->hello.by_name =
	    strcmp(path, CONTEXT_CERTIFICATE) == 0 && stamp_is_file(&names);
	a->hello.drop_rights = !s->resident;
	if (!a->hello.by_name && a->hello.drop_rights && rights_drop_group() < 0)
		return false;
	SSL_set_app_data(a->ssl, &a->hello);
	SSL_set_accept_state(a->ssl);
	return true;
}

static bool
prepare_client(struct asked *a)
{
	struct context_clients *clients = &a->service->clients;

	a->ssl = client_prepare(clients, &a->request, &a->reason);
	if (a->ssl)
		resume_start(clients->resume, &a->link, a->ssl, &a->request, a->in);
	return a->ssl != NULL;
}

/* Prepare and run the handshake; what it came to. */
static enum frame_status
shake_hands(struct asked *a)
{
	bool server = a->service->side == SESSION_SERVER;

	if (!(server ? prepare_server(a) : prepare_client(a)))
		return FRAME_LATER;
	ready_network(a);
	if (SSL_set_rfd(a->ssl, a->in) != 1 || SSL_set_wfd(a->ssl, a->out) != 1)
		return FRAME_LATER;
	if (handshake_run(
		a->ssl, a->in, a->out, a->caller, a->request.deadline, &a->reason) < 0)
		return FRAME_NO;
	if (!server && verify_finish(a->ssl, &a->request, &a->reason) < 0)
		return FRAME_NO;
	if (!server)
		resume_confirm(&a->link);
	/* A ClientHello was seen, or the group was not needed: in any case it is gone now. */
	return !a->service->resident && rights_drop_group() < 0 ? FRAME_LATER : FRAME_OK;
}

static bool
answer(struct asked *a, const struct frame *frame, enum frame_status status)
{
	struct str packet = { 0 };
	int sent;

	frame_start(&packet, frame->kind, (uint8_t)status, frame->id, 0);
	if (a->reason.len > 0 && status != FRAME_OK)
		frame_add(&packet, TAG_REASON, str_view(&a->reason));
	if (a->ssl && status == FRAME_OK)
		facts_add(a->ssl, &packet);
	else if (a->ssl && status == FRAME_NO)
		facts_add_code(a->ssl, &packet);
	sent = frame_send(a->caller, &packet, NULL, 0, deadline_in(ANSWER_SECONDS));
	str_wipe(&packet);
	return sent == 0;
}

static void
relay(struct asked *a)
{
	struct pump *pump = a->service->pump;

	memset(pump, 0, offsetof(struct pump, to_plain));
	pump->to_plain.start = pump->to_plain.end = pump->to_plain.high = 0;
	pump->to_net.start = pump->to_net.end = pump->to_net.high = 0;
	pump->ssl = a->ssl;
	pump->in = a->in;
	pump->out = a->out;
	pump->plain = a->plain;
	pump->write_ms = a->request.timeout_ms;
	pump->idle_ms = a->service->idle_ms;
	pump->rest_ms = REST_MS;
	pump_run(pump);
}

/* The TLS session that was asked for, from handshake to end.  Whatever comes of it, this
 * connection has had its one. */
static void
run_session(struct asked *a, struct frame *frame)
{
	enum frame_status status = FRAME_MALFORMED;

	if (request_parse(frame, &a->request) && take_descriptors(a, frame))
		status = shake_hands(a);
	if (answer(a, frame, status) && status == FRAME_OK) {
		fd_close(&a->caller);
		relay(a);
	}
	SSL_free(a->ssl);
	a->ssl = NULL;
	resume_end(&a->link);
	if (a->out != a->in)
		fd_close(&a->out);
	fd_close(&a->in);
	fd_close(&a->plain);
}

/* Can a certificate be used now, with the ciphers the admin wants? */
static bool
say_ready(struct asked *a, const struct frame *frame)
{
	enum frame_status status = FRAME_MALFORMED;
	SSL_CTX *ctx;

	if (request_parse(frame, &a->request)) {
		ctx = context_server(
		    &a->service->servers, certificate_path(&a->request), &a->reason);
		status = new_connection(a, ctx) ? FRAME_OK : FRAME_LATER;
	}
	SSL_free(a->ssl);
	a->ssl = NULL;
	return answer(a, frame, status);
}

static bool
say(int caller, const struct frame *frame, bool common)
{
	struct str packet = { 0 };
	bool ok;

	if (!common || !serve_common(frame, &packet))
		serve_unsupported(frame, &packet);
	ok = frame_send(caller, &packet, NULL, 0, deadline_in(ANSWER_SECONDS)) == 0;
	str_free(&packet);
	return ok;
}

/* Deal with one request; true if there may be another. */
static bool
serve_request(struct asked *a, struct frame *frame, bool may_ask)
{
	bool server = a->service->side == SESSION_SERVER, again = true;

	/* Whom a resident one does not know starts one of its own, with its own rights. */
	if (!may_ask || frame->version != FRAME_VERSION)
		return say(a->caller, frame, false);
	if (server && frame->kind == WIRE_TLS_READY)
		again = say_ready(a, frame);
	else if (frame->kind == (server ? WIRE_TLS_SERVER : WIRE_TLS_CLIENT))
		run_session(a, frame), again = false;
	else
		again = say(a->caller, frame, true);
	request_free(&a->request);
	str_clear(&a->reason);
	return again;
}

bool
session_serve(struct service *service, int caller)
{
	struct asked a = { .service = service, .caller = caller };
	bool may_ask = !service->resident ||
	    serve_may_ask(caller, true, service->allowed, service->allowed_count);
	struct str packet = { 0 };
	struct frame frame;
	bool again = true, asked = false;

	a.in = a.out = a.plain = -1;
	while (again &&
	    frame_receive(a.caller, &packet, &frame,
		service->resident ? deadline_in(REQUEST_SECONDS) : deadline_never()) ==
		1) {
		asked = true;
		again = serve_request(&a, &frame, may_ask);
		frame_close_fds(&frame);
	}
	fd_close(&a.caller);
	frame_wipe(&packet);
	str_free(&a.reason);
	return asked;
}

void
session_refuse(int caller, const char *reason)
{
	struct str packet = { 0 }, answer = { 0 };
	struct frame frame;

	if (frame_receive(caller, &packet, &frame, deadline_in_ms(REFUSED_MS)) == 1) {
		frame_close_fds(&frame);
		if (!serve_common(&frame, &answer)) {
			frame_start(&answer, frame.kind, FRAME_LATER, frame.id, 0);
			frame_add(&answer, TAG_REASON, view_of(reason));
		}
		frame_send(caller, &answer, NULL, 0, deadline_in_ms(0));
	}
	fd_close(&caller);
	frame_wipe(&packet);
	str_free(&answer);
}
