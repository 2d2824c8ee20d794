#include "server/submission.h"

#include <time.h>

#include "config/control.h"
#include "lib/date.h"
#include "lib/fmt.h"
#include "server/session.h"
#include "server/starttls.h"

/* --- a service that can take no mail ---------------------------------------------------------------- */

static bool
offers_any(const struct auth_rules *rules)
{
	int i;

	for (i = 0; i < SASL_MECHANISMS; i++)
		if (rules->offers[i])
			return true;
	return false;
}

static const char *
why_no_auth(const struct auth_rules *rules)
{
	if (!rules->known)
		return "submission without a checkpassword program as argument: all mail "
		       "is refused";
	if (rules->program.unsafe)
		return rules->program.unsafe;
	if (!rules->on)
		return "submission with SMTPAUTH off: all mail is refused";
	return offers_any(rules) ? NULL
				 : "submission without a mechanism of AUTH: all mail is "
				   "refused";
}

/* Elsewhere, too, $SMTPAUTH and its kin may say that MAIL needs AUTH. */
static void
explain_required(struct session *s)
{
	const struct auth_rules *rules = &s->settings->auth;

	if (rules->required && why_no_auth(rules))
		log_warning(&s->log,
		    "MAIL needs AUTH, which cannot be had: all mail is refused",
		    VIEW(""));
}

void
submission_explain(struct session *s)
{
	const char *why;

	if (!s->settings->submission) {
		explain_required(s);
		return;
	}
	if (!s->tls.active && !starttls_is_offered(s)) /* which logs what is missing */
		log_warning(
		    &s->log, "submission without TLS: all mail is refused", VIEW(""));
	why = why_no_auth(&s->settings->auth);
	if (why)
		log_warning(&s->log, why, VIEW(""));
}

/* --- what is added ---------------------------------------------------------------------------------- */

/* The right side of Message-ID: idhost, as in qmail-inject. */
static enum answer
append_host(const struct settings *settings, struct str *out, struct problem *problem)
{
	struct str host = { 0 };
	enum answer answer =
	    control_line_or("control/idhost", "control/me", &host, problem);

	str_append(out, str_view(answer == ANSWER_YES ? &host : &settings->name));
	str_free(&host);
	return answer;
}

static enum answer
begin_message(struct session *s, struct problem *problem)
{
	struct session_submission *own = &s->submission;

	if (!s->settings->submission)
		return ANSWER_NO;
	str_set(&own->date, VIEW("Date: "));
	date_format(&own->date, (int64_t)time(NULL));
	str_append_byte(&own->date, '\n');

	str_set(&own->id, VIEW("Message-ID: <"));
	str_append_text(&own->id, s->sid);
	str_append_byte(&own->id, '.');
	fmt_u64(&own->id, ++own->messages);
	str_append_byte(&own->id, '@');
	if (append_host(s->settings, &own->id, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	str_append_text(&own->id, ">\n");

	addfields_start(&own->filter,
	    (struct view[]) { str_view(&own->date), str_view(&own->id) }, 2);
	return ANSWER_YES;
}

static struct view
push_octets(struct session *s, struct view octets)
{
	return addfields_push(&s->submission.filter, octets);
}

static struct view
end_message(struct session *s)
{
	return addfields_end(&s->submission.filter);
}

const struct message_stage submission_stage = {
	.begin = begin_message,
	.push = push_octets,
	.end = end_message,
};

void
submission_free(struct session_submission *submission)
{
	str_free(&submission->date);
	str_free(&submission->id);
	addfields_free(&submission->filter);
}
