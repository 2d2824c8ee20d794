#include "try/steps.h"

#include <string.h>

#include "try/expiry.h"

enum { CHALLENGE = 334 };

/* "192.0.2.1, relay.example:25" */
static void
append_target(struct str *out, const struct target *target)
{
	ip_format(out, &target->ip);
	str_append_text(out, ", ");
	show_append_server(out, target->name, target->port);
}

static void
connected(void *context, const struct target *target)
{
	const struct steps *s = context;
	struct str text = { 0 };

	append_target(&text, target);
	str_append_text(&text, target->qmtp ? ", QMTP" : "");
	show_line(s->show, "connected", str_view(&text), NULL);
	str_free(&text);
}

static void
not_connected(void *context, const struct target *target, int error)
{
	const struct steps *s = context;
	struct str text = { 0 };

	append_target(&text, target);
	str_append_text(&text, ": ");
	str_append_text(&text,
	    error ? strerror(error) : "left out, as it timed out lately (qmail-tcpok)");
	show_line(s->show, "not-connected", str_view(&text), NULL);
	str_free(&text);
}

/* What follows in AUTH is the credential in one guise or another. */
static bool
is_secret(const char *verb)
{
	return !*verb || view_starts(view_of(verb), VIEW("AUTH "));
}

static void
sent(void *context, const char *verb, struct view argument)
{
	const struct steps *s = context;
	struct str text = { 0 };

	str_append_text(&text, verb);
	if (!is_secret(verb)) {
		str_append(&text, argument);
	} else if (argument.len > 0) {
		show_hide(s->show, argument);
		str_append_text(&text, "[hidden]");
	}
	show_line(s->show, "sent", str_view(&text), NULL);
	str_free(&text);
}

static void
heard(void *context, const struct remotereply *reply)
{
	const struct steps *s = context;

	if (reply->code == CHALLENGE)
		show_text(s->show, "reply", "334 [challenge]", NULL);
	else
		show_remote(s->show, "reply", str_view(&reply->text));
}

static void
show_if(struct show *show, const char *name, const struct str *value)
{
	if (value->len > 0)
		show_line(show, name, str_view(value), NULL);
}

/* "issuer NAME", "name NAME". */
static void
show_about(struct show *show, struct view about)
{
	struct view line, key, value;

	while (view_cut(about, '\n', &line, &about))
		if (view_cut(line, ' ', &key, &value))
			show_line(show,
			    view_equal(key, VIEW("issuer")) ? "issuer" : "name", value,
			    NULL);
}

static void
show_end(const struct steps *s, int64_t end)
{
	struct str text = { 0 };

	expiry_append(&text, end, s->now);
	show_line(s->show, "ends", str_view(&text), NULL);
	expiry_check(s->show, "the server's certificate", end, s->now);
	str_free(&text);
}

static void
secured(void *context, const struct tlschoice *tls, const struct tls_facts *facts)
{
	const struct steps *s = context;
	struct str text = { 0 };

	(void)tls;
	str_append(&text, str_view(&facts->protocol));
	str_append_text(&text, ", ");
	str_append(&text, str_view(&facts->cipher));
	str_append_text(&text, facts->resumed ? ", resumed" : "");
	show_line(s->show, "secured", str_view(&text), NULL);
	str_free(&text);
	show_if(s->show, "peer", &facts->peer);
	show_about(s->show, str_view(&facts->about));
	show_if(s->show, "digest", &facts->digest);
	show_if(s->show, "verified", &facts->verify);
	show_if(s->show, "tlsa", &facts->matched);
	if (facts->ends > 0)
		show_end(s, (int64_t)facts->ends);
}

void
steps_init(struct steps *steps, struct show *show, const struct task *task, int64_t now)
{
	*steps = (struct steps) { .show = show, .task = task, .now = now };
	steps->watch =
	    (struct watch) { steps, connected, not_connected, sent, heard, secured };
}
