#include "server/verdict.h"

#include <time.h>

#include "lib/fmt.h"
#include "server/log.h"
#include "server/session.h"
#include "server/sessionreply.h"

/* Exit codes that mean something else in a dialect than in the table of queue/submit.h. */
static const struct {
	enum dialect dialect;
	int exit_code;
	unsigned code;
	const char *status, *text;
} dialect_exits[] = {
	{ DIALECT_SAGREDO, 32, 554, "5.3.5", "Private key file does not exist" },
	{ DIALECT_SAGREDO, 58, 451, "4.3.0", "qq trouble creating child" },
	{ DIALECT_SAGREDO, 59, 451, "4.3.0", "qq trouble creating pipes" },
	{ DIALECT_SAGREDO, 70, 451, "4.3.0", "qq trouble creating pipes" },
};

static bool
is_content_exit(const struct session *s, int exit_code)
{
	return s->settings->dialect == DIALECT_SQMAIL && exit_code >= 32 &&
	    exit_code <= 34;
}

/* What the log calls a refusal of the queue program's. */
static const char *
name_of_refusal(const struct session *s, int exit_code)
{
	static const char *const contents[] = { "virus", "spam", "attachment" };

	return is_content_exit(s, exit_code) ? contents[exit_code - 32] : "queue";
}

/* `first` and `second` as one text, which lives as long as the command. */
static struct view
joined(struct session *s, const char *first, struct view second)
{
	struct str text = { 0 };
	struct view copy;

	str_append_text(&text, first);
	str_append(&text, second);
	copy = arena_copy(&s->scratch, str_view(&text));
	str_free(&text);
	return copy;
}

struct reply
verdict_of_content(struct session *s)
{
	return (struct reply) { 554,
		joined(s, "sorry, invalid message content ",
		    view_of(env_value("REPLY_CONTENT"))),
		VIEW("5.3.2") };
}

static struct reply
reply_of_queue(struct session *s, const struct submit_verdict *verdict)
{
	struct reply reply = { verdict->class == SUBMIT_PERMANENT ? 554 : 451,
		str_view(&verdict->text), VIEW("") };
	size_t i;

	if (verdict->letter == 'I' && s->settings->dialect == DIALECT_JMS1)
		return (struct reply) { 250, joined(s, "ok ", reply.text), VIEW("") };
	if (is_content_exit(s, verdict->exit_code))
		return verdict_of_content(s);
	for (i = 0; i < sizeof dialect_exits / sizeof *dialect_exits; i++)
		if (dialect_exits[i].dialect == s->settings->dialect &&
		    dialect_exits[i].exit_code == verdict->exit_code)
			reply_set(&reply, dialect_exits[i].code, dialect_exits[i].status,
			    dialect_exits[i].text);
	return reply;
}

static void
accept_message(struct session *s, const struct submit *queue)
{
	struct str text = { 0 };

	str_append_text(&text, "ok ");
	fmt_u64(&text, (uint64_t)time(NULL));
	str_append_text(&text, " qp ");
	fmt_u64(&text, (uint64_t)queue->pid);
	session_reply_with(s, &(struct reply) { 250, str_view(&text), VIEW("") });
	str_free(&text);
	sessioncap_message_taken(s);
	rates_message_taken(s);
}

void
verdict_tell(struct session *s, struct message_outcome *outcome)
{
	const struct submit *queue = &s->buffers->queue;
	struct ruling why = { .check = name_of_refusal(s, outcome->verdict.exit_code) };

	if (outcome->is_dropped && !outcome->is_refused) {
		accept_message(s, queue);
	} else if (outcome->verdict.class == SUBMIT_OK) {
		accept_message(s, queue);
		server_log_accept(s, queue->pid, queue->octets);
	} else {
		if (outcome->is_refused)
			why = outcome->why;
		else
			why.reply = reply_of_queue(s, &outcome->verdict);
		if (why.first.code)
			session_reply_more(s, &why.first);
		session_reply_with(s, &why.reply);
		server_log_message_refusal(s, &why, queue->pid);
	}
	submit_verdict_free(&outcome->verdict);
}
