#include "client/starttls.h"

#include "client/tlsnote.h"
#include "lib/fd.h"
#include "wire/tls.h"
#include "wire/tlsrpt.h"

enum { READY_FOR_TLS = 220 };

/* Does the attempt end without TLS? */
static bool
is_needed(const struct attempt *a)
{
	return a->tls.level >= TLS_ENCRYPT ||
	    (attempt_has_credential(a) && !a->clear_allowed);
}

/* The relay as a key of tlspolicy: an address with colons needs brackets there. */
static void
add_key(struct attempt *a)
{
	bool bracketed = a->target->ip.version == 6 && a->target->name_is_ip;

	report_add(a->report, bracketed ? "[" : "");
	report_add_view(a->report, a->target->name);
	report_add(a->report, bracketed ? "]" : "");
}

/* How the admin can let the mail through all the same. */
static void
add_hint(struct attempt *a)
{
	if (!a->tls.by_default || a->tls.level != TLS_SECURE)
		return;
	report_add(a->report, "A line ");
	add_key(a);
	report_add(
	    a->report, ":encrypt in control/tlspolicy would accept any certificate.\n");
}

static enum starttls_result
policy_failed(struct attempt *a, struct view detail, const struct remotereply *reply)
{
	attempt_report_policy(a, detail, reply);
	add_hint(a);
	return STARTTLS_FAILED;
}

static enum starttls_result
not_available(struct attempt *a)
{
	if (!a->session.offers.starttls)
		tlsnote_result(a, "starttls-not-supported", VIEW(""));
	if (!is_needed(a))
		return STARTTLS_NOT_USED;
	if (!attempt_has_credential(a) || a->clear_allowed)
		return policy_failed(a, VIEW("STARTTLS is not offered"), NULL);
	attempt_report(a, REPORT_LATER,
	    " but TLS is not available, so credentials were not sent. (#4.7.10)", NULL);
	report_add(a->report, "A line ");
	report_add_view(a->report, a->target->name);
	report_add(a->report, " in control/authclear would send them in clear.\n");
	return STARTTLS_FAILED;
}

/* Clear is as good, if it has to be. */
static bool
may_do_without(const struct attempt *a)
{
	return a->tls.level == TLS_MAY && !attempt_has_credential(a);
}

static bool
has_failed_before(const struct attempt *a)
{
	return may_do_without(a) &&
	    clearmemory_has(
		a->clear_memory, &a->target->ip, a->target->port, a->session.end);
}

static void
remember_failure(const struct attempt *a)
{
	if (may_do_without(a) && !a->task->watch)
		clearmemory_note(
		    a->clear_memory, &a->target->ip, a->target->port, a->session.end);
}

/* TLS was begun and did not come about. */
static enum starttls_result
spoilt(struct attempt *a, struct view detail)
{
	a->session.over = true; /* whatever the peer reads now, it is not QUIT */
	tlsnote_result(a, tlsrpt_result_of(detail), detail);
	if (a->tls.level >= TLS_ENCRYPT)
		return policy_failed(a, detail, NULL);
	report_begin(a->report, REPORT_LATER);
	report_add(a->report, "TLS connect failed: ");
	report_add_view(a->report, detail);
	report_add(a->report, "; connecting to ");
	report_add_view(a->report, str_view(&a->peer));
	report_add(a->report, ".");
	report_end(a->report, NULL);
	return attempt_has_credential(a) ? STARTTLS_FAILED : STARTTLS_AGAIN;
}

static const char *
text_or_null(const struct str *s)
{
	return s->len > 0 ? str_text(s) : NULL;
}

/* Records that are there and prove nothing are a failure to be told (RFC 8460 4.3.2.1). */
static void
note_by_records(struct attempt *a, const struct tls_facts *facts)
{
	bool proved = facts->matched.len > 0 || facts->resumed;

	if (tls_level_is_dane(a->tls.level) && proved)
		tlsnote_result(a, NULL, VIEW(""));
	else
		tlsnote_result(a, "tlsa-invalid", VIEW("no TLSA record is usable"));
}

/* Where a policy is only tested, a certificate that it would not take is a failure to be told. */
static void
note_success(struct attempt *a, const struct tls_facts *facts)
{
	struct view verify = str_view(&facts->verify);
	struct view type = view_of(a->tls.report_type ? a->tls.report_type : "");

	if (view_equal(type, VIEW(TLSRPT_TLSA)))
		note_by_records(a, facts);
	else if (facts->verified || type.len == 0)
		tlsnote_result(a, NULL, VIEW(""));
	else
		tlsnote_result(a, tlsrpt_result_of(verify), verify);
}

static enum starttls_result
handshake(struct attempt *a)
{
	struct session *s = &a->session;
	struct tls_client_request request = {
		.name = str_text(&a->tls.name),
		.is_ip = a->tls.name_is_ip,
		.level = a->tls.level,
		.trust = text_or_null(&a->tls.trust),
		.ciphers = text_or_null(&a->tls.ciphers),
		.cert = text_or_null(&a->tls.cert),
		.names_only = a->tls.names_only,
		.key = text_or_null(&a->tls.key),
		.key_password = str_view(&a->tls.key_password),
		.sni = str_text(&a->tls.sni),
		.also = str_view(&a->tls.also),
		.fingerprints = str_view(&a->tls.fingerprints),
		.tlsa = str_view(&a->tls.tlsa),
		.rules = a->tls.rules,
		.timeout_ms = s->timeout_ms,
	};
	struct tls_facts facts = { 0 };
	struct str reason = { 0 };
	struct deadline deadline = deadline_sooner(deadline_in_ms(s->timeout_ms), s->end);
	enum starttls_result result = STARTTLS_OK;
	bool helper_failed = false;
	int plain;

	helper_leave(&a->tls_helper); /* that of an address that we tried before */
	plain = tls_client_start(
	    &a->tls_helper, s->fd, &request, deadline, &facts, &reason, &helper_failed);

	if (plain < 0 && !helper_failed)
		remember_failure(a);
	if (plain < 0 || fd_set_blocking(plain, 0) < 0 || fd_set_cloexec(plain) < 0) {
		fd_close(&plain);
		result = spoilt(a, str_view(&reason));
	} else {
		note_success(a, &facts);
		session_switch(s, plain);
		s->tls = true;
		detail_tls(a->detail, &facts, a->tls.policy);
		watch_secured(a->task->watch, &a->tls, &facts);
	}
	tls_facts_free(&facts);
	str_free(&reason);
	return result;
}

/* At which name we arrived matters before anything is said. */
static bool
is_wrong_name(struct attempt *a)
{
	struct str detail = { 0 };

	if (!a->tls.wrong_name)
		return false;
	str_append_text(&detail, "the name ");
	str_append(&detail, a->target->name);
	str_append_text(&detail, " is not one that the policy trusts");
	policy_failed(a, str_view(&detail), NULL);
	tlsnote_result(a, "validation-failure", str_view(&detail));
	str_free(&detail);
	return true;
}

enum starttls_result
starttls(struct attempt *a)
{
	struct session *s = &a->session;

	if (is_wrong_name(a))
		return STARTTLS_FAILED;
	if (a->tls.level == TLS_NONE || !s->offers.starttls)
		return not_available(a);
	if (has_failed_before(a))
		return STARTTLS_NOT_USED;
	if (!session_ask(s, "STARTTLS", VIEW(""))) {
		attempt_report_death(a);
		return STARTTLS_FAILED;
	}
	if (s->reply.code != READY_FOR_TLS) {
		tlsnote_result(a, "starttls-not-supported", VIEW("STARTTLS was refused"));
		if (is_needed(a) || s->over)
			return policy_failed(a, VIEW("STARTTLS was refused"), &s->reply);
		return STARTTLS_NOT_USED;
	}
	/* Somebody in between may have put commands' replies here, to be believed later. */
	if (session_has_unread(s)) {
		remember_failure(a);
		return spoilt(a, VIEW("the server spoke before the handshake"));
	}
	return handshake(a);
}

enum starttls_result
starttls_implicit(struct attempt *a)
{
	if (is_wrong_name(a))
		return STARTTLS_FAILED;
	return handshake(a) == STARTTLS_OK ? STARTTLS_OK : STARTTLS_FAILED;
}

enum starttls_result
starttls_without(struct attempt *a)
{
	return is_wrong_name(a) ? STARTTLS_FAILED : not_available(a);
}
