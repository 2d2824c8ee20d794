#include "client/tlsnote.h"

#include <sys/socket.h>
#include <time.h>

#include "wire/tlsrpt.h"

/* Where the network is still ours to ask. */
static void
note_own_ip(struct attempt *a)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof address;
	struct ip ip;

	str_clear(&a->own_ip);
	if (getsockname(a->session.fd, (struct sockaddr *)&address, &len) == 0 &&
	    ip_from_sockaddr(&address, &ip, NULL))
		ip_format(&a->own_ip, &ip);
}

void
tlsnote_result(struct attempt *a, const char *result, struct view words)
{
	if (a->target->domain.len == 0)
		return;
	a->tls_settled = true;
	a->tls_result = result;
	str_set(&a->tls_words, words);
	if (result)
		note_own_ip(a);
}

/* A domain that wants a policy and gives none that can be used: that is what its owner has to know,
 * more than what became of the session without one. */
static void
see_policy_failure(
    const struct tlschoice *tls, struct tlsrpt_session *s, struct str *room)
{
	struct sts_kept kept;
	bool off;

	if (!tls->by_default || sts_read(s->domain, room, &kept, &off) != ANSWER_YES ||
	    kept.failure == STS_FINE || sts_kept_is_valid(&kept, s->time))
		return;
	s->type = VIEW(TLSRPT_STS);
	s->result = view_of(sts_failure_name(kept.failure));
	s->detail = kept.text;
}

void
tlsnote_finish(struct attempt *a)
{
	struct tlsrpt_session s = {
		.time = (uint64_t)time(NULL),
		.domain = a->target->domain,
		.type = view_of(a->tls.report_type ? a->tls.report_type : TLSRPT_NONE),
		.result = view_of(a->tls_result ? a->tls_result : "ok"),
		.mx = a->target->name,
		.ip = str_view(&a->peer),
		.own_ip = str_view(&a->own_ip),
		.detail = str_view(&a->tls_words),
		.policy = str_view(&a->tls.report_policy),
	};
	struct str room = { 0 };

	if (!a->tls_settled || a->task->watch || s.domain.len == 0 ||
	    !sts_is_domain(s.domain))
		return;
	if (a->tls.not_listed) {
		s.result = VIEW(TLSRPT_INVALID);
		s.detail = VIEW("the policy does not list the exchanger");
	}
	see_policy_failure(&a->tls, &s, &room);
	tlsrpt_note(&s);
	str_free(&room);
	a->tls_settled = false;
}
