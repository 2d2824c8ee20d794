#include "server/netanswers.h"

#include "lib/netstring.h"
#include "server/sessionreply.h"

/* The last reply, as these protocols say it. */
static void
append_answer(const struct netanswers *n, struct str *out)
{
	unsigned code = n->s->code;

	str_append_byte(out, code < 400 ? 'K' : code < 500 ? 'Z' : 'D');
	str_append(out, str_view(&n->said));
}

void
netanswers_start(struct netanswers *n, struct session *s, bool is_qmqp)
{
	*n = (struct netanswers) { .s = s, .is_qmqp = is_qmqp };
	s->answer = &n->said;
}

void
netanswers_end(struct netanswers *n)
{
	n->s->answer = NULL;
	str_free(&n->said);
	str_free(&n->fate);
	str_free(&n->recipients);
}

void
netanswers_begin(struct netanswers *n)
{
	str_clear(&n->fate);
	str_clear(&n->recipients);
}

bool
netanswers_has_fate(const struct netanswers *n)
{
	return n->fate.len > 0;
}

bool
netanswers_wants_recipients(const struct netanswers *n)
{
	return !netanswers_has_fate(n) || n->s->settings->strict;
}

void
netanswers_set_fate(struct netanswers *n)
{
	str_clear(&n->fate);
	append_answer(n, &n->fate);
}

void
netanswers_refuse_all(struct netanswers *n)
{
	if (n->s->code < 400 && !n->s->over)
		return;
	if (n->s->code < 400)
		session_reply(n->s, REPLY_SHUTDOWN);
	netanswers_set_fate(n);
}

void
netanswers_add_recipient(struct netanswers *n)
{
	struct str text = { 0 };

	if (n->s->code < 400 || !netanswers_wants_recipients(n)) {
		str_append_byte(&n->recipients, '\0');
		return;
	}
	append_answer(n, &text);
	netstring_append(&n->recipients, str_view(&text));
	str_free(&text);
}

/* Each NUL stands for `verdict`. */
static void
write_answers(struct netanswers *n, struct view verdict)
{
	struct view rest = str_view(&n->recipients);

	while (rest.len > 0) {
		size_t own = view_index(rest, '\0');

		writer_put(&n->s->writer, view_first(rest, own));
		if (own < rest.len)
			writer_put(&n->s->writer, verdict);
		rest = view_from(rest, own + 1);
	}
}

void
netanswers_send(struct netanswers *n)
{
	struct str verdict = { 0 };

	netstring_append(&verdict, str_view(&n->fate));
	if (n->is_qmqp)
		writer_put(&n->s->writer, str_view(&verdict));
	else
		write_answers(n, str_view(&verdict));
	str_free(&verdict);
}
