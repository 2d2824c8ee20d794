#include "server/scanvirus.h"

#include "lib/mem.h"
#include "server/log.h"
#include "server/scansettings.h"
#include "server/session.h"

/* --- settings ------------------------------------------------------------------------------------- */

static enum answer
read_settings(struct session_virus *v, struct problem *problem)
{
	enum answer found =
	    scansettings_address("control/clamd", "CLAMD", &v->address, problem);

	if (found == ANSWER_ERROR)
		return ANSWER_ERROR;
	v->is_on = found == ANSWER_YES;
	v->known = true;
	v->defers = true;
	if (v->is_on &&
	    (scansettings_failure(
		 "control/clamdfail", "CLAMDFAIL", &v->defers, problem) == ANSWER_ERROR ||
		scansettings_timeout(&v->timeout_ms, problem) == ANSWER_ERROR))
		return ANSWER_ERROR;
	return found;
}

void
scanvirus_free(struct session_virus *virus)
{
	if (virus->clamd)
		clamd_close(virus->clamd);
	mem_free(virus->clamd);
	*virus = (struct session_virus) { 0 };
}

/* --- a message ------------------------------------------------------------------------------------ */

static enum answer
begin(struct session *s, struct problem *problem)
{
	if (!s->virus.known && read_settings(&s->virus, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	s->virus.verdict.result = CLAMD_CLEAN;
	return s->virus.is_on ? ANSWER_YES : ANSWER_NO;
}

/* Connect, when there is something to ask about.  What we put above it is a part of the message: without
 * a field that clamd knows it would not see that it is mail. */
static struct clamd *
connection(struct session *s)
{
	struct session_virus *v = &s->virus;

	if (!v->clamd) {
		v->clamd = mem_alloc(sizeof *v->clamd);
		clamd_start(v->clamd, &v->address, v->timeout_ms, s->end);
		clamd_put(v->clamd, str_view(&s->message.top));
	}
	return v->clamd;
}

/* A message that cannot be accepted any more is not looked at. */
static struct view
push(struct session *s, struct view octets)
{
	if (!s->buffers->queue.failed)
		clamd_put(connection(s), octets);
	return octets;
}

static void
log_verdict(struct session *s)
{
	const struct clamd_verdict *v = &s->virus.verdict;
	static const char *const names[] = {
		[CLAMD_CLEAN] = "clean",
		[CLAMD_FOUND] = "virus",
		[CLAMD_TOO_LARGE] = "too-large",
		[CLAMD_FAILED] = "failed",
	};

	server_log_scan(s, "clamd", names[v->result], VIEW(""), clamd_text(v));
}

/* One that was too large for clamd will be so the next time, too: it passes, and the log says so. */
static bool
is_refused(const struct session_virus *v)
{
	return v->verdict.result == CLAMD_FOUND ||
	    (v->verdict.result == CLAMD_FAILED && v->defers);
}

static struct view
end(struct session *s)
{
	if (s->buffers->queue.failed)
		return VIEW("");
	clamd_finish(connection(s), &s->virus.verdict);
	if (s->virus.verdict.result != CLAMD_CLEAN)
		log_verdict(s);
	if (is_refused(&s->virus))
		submit_fail(&s->buffers->queue);
	return VIEW("");
}

static void
say_name(struct session *s, struct ruling *why)
{
	struct str text = { 0 };

	str_append_text(&text, "Virus Found: ");
	str_append(&text, clamd_text(&s->virus.verdict));
	why->reply =
	    (struct reply) { 552, arena_copy(&s->scratch, str_view(&text)), VIEW("") };
	str_free(&text);
}

static bool
accepts(struct session *s, struct ruling *why)
{
	if (!is_refused(&s->virus))
		return true;
	why->check = "clamd";
	if (s->virus.verdict.result == CLAMD_FOUND)
		say_name(s, why);
	else
		reply_set(&why->reply, 451, "4.3.0",
		    "sorry, the virus scanner does not answer; please try again later");
	return false;
}

static void
forget(struct session *s)
{
	struct session_virus *v = &s->virus;

	if (v->clamd)
		clamd_close(v->clamd);
	mem_free(v->clamd);
	v->clamd = NULL;
}

const struct message_stage scanvirus_stage = {
	.begin = begin,
	.push = push,
	.end = end,
	.accepts = accepts,
	.forget = forget,
};
