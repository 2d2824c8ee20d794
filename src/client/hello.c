#include "client/hello.h"

#include "client/starttls.h"

enum { GREETING = 220, HELLO_ACCEPTED = 250, CLASS_PERMANENT = 5 };

static enum hello_result
died(struct attempt *a)
{
	attempt_report_death(a);
	return HELLO_TRY_NEXT;
}

static enum hello_result
rejected(struct attempt *a, const char *text)
{
	attempt_report(a, REPORT_LATER, text, &a->session.reply);
	return HELLO_TRY_NEXT;
}

/* HELO brings neither STARTTLS nor AUTH, so it will not do for who needs one of them. */
static bool
helo_will_do(const struct attempt *a)
{
	return !attempt_has_credential(a) && (a->session.tls || a->tls.level <= TLS_MAY);
}

static enum hello_result
say_helo(struct attempt *a)
{
	struct session *s = &a->session;

	if (!session_ask(s, "HELO ", str_view(&a->task->controls.helohost)))
		return died(a);
	if (s->reply.code != HELLO_ACCEPTED)
		return rejected(a, " but my name was rejected.");
	capabilities_clear(&s->offers);
	return HELLO_READY;
}

static enum hello_result
say_ehlo(struct attempt *a)
{
	struct session *s = &a->session;

	if (!session_ask(s, "EHLO ", str_view(&a->task->controls.helohost))) {
		attempt_report_death(a);
		return s->dropped && helo_will_do(a) ? HELLO_AGAIN_HELO : HELLO_TRY_NEXT;
	}
	if (remotereply_class(&s->reply) == CLASS_PERMANENT && helo_will_do(a))
		return say_helo(a);
	if (s->reply.code != HELLO_ACCEPTED)
		return rejected(a, " but my name was rejected.");
	capabilities_parse(&s->offers, str_view(&s->reply.text));
	return HELLO_READY;
}

/* After STARTTLS everything is said again. */
static enum hello_result
secure(struct attempt *a, const struct hello_mode *mode)
{
	enum hello_result result;

	switch (starttls(a)) {
	case STARTTLS_OK:
		result = say_ehlo(a);
		/* HELO without TLS would be a step back. */
		return result == HELLO_AGAIN_HELO ? HELLO_TRY_NEXT : result;
	case STARTTLS_NOT_USED:
		return HELLO_READY;
	case STARTTLS_AGAIN:
		return mode->in_clear ? HELLO_TRY_NEXT : HELLO_AGAIN_IN_CLEAR;
	case STARTTLS_FAILED:
		break;
	}
	return HELLO_TRY_NEXT;
}

enum hello_result
hello(struct attempt *a, const struct hello_mode *mode)
{
	struct session *s = &a->session;
	enum hello_result result;

	if (a->target->implicit_tls && starttls_implicit(a) != STARTTLS_OK)
		return HELLO_TRY_NEXT;
	if (!session_hear(s))
		return died(a);
	if (s->reply.code != GREETING)
		return rejected(a, " but greeting failed.");
	result = mode->helo_only ? say_helo(a) : say_ehlo(a);
	if (result != HELLO_READY || s->tls || mode->in_clear)
		return result;
	return secure(a, mode);
}
