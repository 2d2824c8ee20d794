#include "oauth/service.h"

#include "lib/deadline.h"
#include "lib/str.h"
#include "oauth/renew.h"
#include "wire/frame.h"
#include "wire/kinds.h"
#include "wire/serve.h"
#include "wire/serveforking.h"
#include "wire/token.h"

enum {
	CHILDREN = 40,
	IDLE_MS = 10000,    /* that a client may take for its next question */
	STRANGER_MS = 1000, /* and one that is told no */
	ANSWER_MS = 10000,
};

static void
answer_question(struct oauth_service *s, const struct frame *request, struct str *answer)
{
	struct renew_question q = { .timeout_ms = s->timeout_ms };
	struct str token = { 0 }, reason = { 0 };

	if (!token_parse_question(request, &q.question))
		token_pack_refusal(answer, request, FRAME_MALFORMED,
		    VIEW("qmail-oauth does not understand"));
	else if (renew_token(&q, s->log, &token, NULL, &reason))
		token_pack_answer(answer, request, str_view(&token));
	else
		token_pack_refusal(answer, request, FRAME_LATER, str_view(&reason));
	str_wipe(&token);
	str_free(&reason);
}

static void
answer_any(struct oauth_service *s, const struct frame *request, bool may_ask,
    struct str *answer)
{
	if (serve_common(request, answer))
		return;
	if (request->kind != WIRE_TOKEN_ASK)
		serve_unsupported(request, answer);
	else if (!may_ask)
		token_pack_refusal(
		    answer, request, FRAME_NO, VIEW("qmail-oauth does not answer us"));
	else
		answer_question(s, request, answer);
}

static void
session(void *context, int fd)
{
	struct oauth_service *s = context;
	bool may_ask = serve_may_ask(fd, true, s->users.uids, s->users.count);
	struct str packet = { 0 }, answer = { 0 };
	struct frame request;

	while (frame_receive(fd, &packet, &request,
		   deadline_in_ms(may_ask ? IDLE_MS : STRANGER_MS)) == 1) {
		answer_any(s, &request, may_ask, &answer);
		frame_close_fds(&request);
		if (frame_send(fd, &answer, NULL, 0, deadline_in_ms(ANSWER_MS)) < 0 ||
		    !may_ask)
			break;
	}
	str_free(&packet);
	str_wipe(&answer);
}

int
service_run(struct oauth_service *service)
{
	return serve_forking("oauth", CHILDREN, session, service, service->log);
}
