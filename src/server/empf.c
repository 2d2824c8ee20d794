#include "server/empf.h"

#include "policy/empf.h"
#include "server/session.h"
#include "server/sessionreply.h"

static const char file[] = "control/policy";

static enum answer
read_lines(struct session_empf *empf, struct problem *problem)
{
	enum answer answer = ANSWER_NO;

	if (!empf->known)
		answer = control_list(file, &empf->lines, problem);
	empf->known = true;
	empf->present |= answer == ANSWER_YES;
	return answer == ANSWER_ERROR ? answer : ANSWER_YES;
}

/* Who has logged in is the sender, whatever MAIL says. */
static struct address
sender_of(const struct session *s)
{
	return s->auth.done ? address_of(str_view(&s->auth.user)) : s->transaction.sender;
}

/* True, with *is_ours; or false, and the session is over. */
static bool
find_out(struct session *s, const struct address *address, bool *is_ours)
{
	struct problem problem;
	enum answer answer = policy_takes_host(&s->settings->policy, address, &problem);

	if (answer == ANSWER_ERROR)
		session_no_controls(s, &problem);
	*is_ours = answer == ANSWER_YES;
	return answer != ANSWER_ERROR;
}

static bool
refuse(struct session *s, enum empf_verdict verdict, const struct empf_ruling *found)
{
	struct ruling why = { .check = "empf", .file = file, .line = found->line };
	bool is_broken = verdict == EMPF_BROKEN;
	struct problem problem;
	struct str text = { 0 };

	if (is_broken) {
		problem_note(&problem, file, found->line, found->fault, 0);
		log_problem(&s->log, &problem);
	}
	str_append_text(&text, "cannot message ");
	str_append(&text, s->recipient.whole);
	str_append_text(
	    &text, is_broken ? " (#4.3.0 broken policy)" : " (#5.0.0 denied by policy)");
	why.reply = (struct reply) { is_broken ? 454 : 550, str_view(&text), VIEW("") };
	session_refuse_with(s, &why);
	str_free(&text);
	return false;
}

bool
empf_accepts_rcpt(struct session *s)
{
	struct address sender = sender_of(s);
	struct empf_question q = { .sender = &sender, .recipient = &s->recipient };
	struct empf_ruling why = { 0 };
	struct problem problem;
	enum empf_verdict verdict;

	if (s->settings->strict)
		return true;
	if (read_lines(&s->empf, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	if (!s->empf.present)
		return true;
	if (!find_out(s, &sender, &q.has_local_sender) ||
	    !find_out(s, &s->recipient, &q.has_local_recipient))
		return false;
	verdict = empf_decide(&s->empf.lines, &q, &why);
	return verdict == EMPF_ALLOWED || refuse(s, verdict, &why);
}

void
empf_free(struct session_empf *empf)
{
	control_list_free(&empf->lines);
}
