#include "try/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/mem.h"
#include "smtp/reply.h"
#include "try/clientrule.h"
#include "try/rehearsal.h"
#include "try/route.h"
#include "try/sessionclient.h"
#include "try/sessionenv.h"
#include "try/sessiontalk.h"
#include "try/show.h"
#include "try/viewer.h"

/* One run. */
struct run {
	const struct try_session *question;
	struct show show;
	struct viewer viewer;
	struct clientrule rule;
	struct sessionenv environment;
	struct settings settings;
	struct peer peer;
	struct sessiontalk talk;
	struct rehearsal rehearsal;
};

/* --- what is known before ------------------------------------------------------------------------- */

static void
show_client(struct run *r)
{
	const struct try_session *q = r->question;
	struct str text = { 0 };

	str_append(&text, q->ip);
	str_append_text(&text, ", ");
	str_append(&text, q->host.len > 0 ? q->host : VIEW("without a name"));
	show_line(&r->show, "client", str_view(&text), NULL);
	str_free(&text);
}

static void
show_mode(struct run *r)
{
	show_text(&r->show, "dialect",
	    r->settings.strict ? "none: strict mode" : dialect_word(r->settings.dialect),
	    NULL);
}

/* qmail-smtpd cannot even greet. */
static int
no_controls(struct run *r, const struct problem *problem)
{
	struct reply reply = reply_named(REPLY_NO_CONTROLS);
	struct str line = { 0 };

	reply_format(&line, &reply);
	show_line(&r->show, "reply", view_trim_right(str_view(&line)), NULL);
	show_problem(&r->show, problem);
	show_text(&r->show, "result", "no session: mail has to wait", NULL);
	str_free(&line);
	return problem->error == EACCES && r->viewer.is_other ? TRY_TROUBLE : TRY_FAILS;
}

static int
run_session(struct run *r)
{
	struct session *session = mem_alloc(sizeof *session);
	struct sessionclient client = { .question = r->question,
		.show = &r->show,
		.talk = &r->talk,
		.session = session,
		.settings = &r->settings,
		.rule = &r->rule };
	int status;

	peer_from_environment(&r->peer, r->settings.strict);
	session_start(session, &r->settings, &r->peer);
	session->is_rehearsal = true;
	sessiontalk_listen(&r->talk, session);
	rehearsal_begin(&r->rehearsal, &r->show, session);
	if (!r->question->asks_dns)
		session->resolver = rehearsal_resolver(&r->rehearsal);
	status = sessionclient_converse(&client);
	session_end(session);
	rehearsal_end(&r->rehearsal);
	mem_free(session);
	return status;
}

/* Settings first: what they say is before the greeting. */
static int
run(struct run *r)
{
	static char name[] = "qmail-smtpd";
	static char *alone[] = { name, NULL };
	const struct try_session *q = r->question;
	struct problem problem = { 0 };
	int status;

	if (r->rule.rule.denies) {
		show_text(&r->show, "result",
		    "tcpserver would close the connection at once", r->rule.where.text);
		return TRY_FAILS;
	}
	sessionenv_make(&r->environment, q, &r->rule);
	if (settings_read(&r->settings, q->argc ? q->argc : 1, q->argc ? q->argv : alone,
		&problem) == ANSWER_ERROR) {
		status = no_controls(r, &problem);
	} else {
		show_mode(r);
		status = run_session(r);
	}
	settings_free(&r->settings);
	return status;
}

/* What is shown goes to a descriptor that is no session's. */
static int
move_output(struct run *r)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);

	if (fd < 0 || sessiontalk_open(&r->talk, &r->show) < 0) {
		complain("qmail-try: fatal: ", strerror(errno), (char *)NULL);
		return -1;
	}
	r->show.fd = fd;
	return 0;
}

int
try_session(const struct try_session *question)
{
	const struct tcprules_client client = { question->ip, question->host, VIEW("") };
	struct run r = { .question = question, .talk = { .fd = -1, .log = { -1, -1 } } };
	int status = TRY_TROUBLE;

	show_init(&r.show, STDOUT_FILENO);
	if (move_output(&r) == 0 &&
	    viewer_become(&r.viewer, &viewer_of_smtpd, &r.show) == 0) {
		show_client(&r);
		if (clientrule_find(&r.rule, question->rules, &client, &r.show) ==
		    ANSWER_YES)
			status = run(&r);
		else
			show_text(&r.show, "result",
			    "nobody knows: without its rules tcpserver drops connections",
			    NULL);
	}
	sessiontalk_close(&r.talk);
	sessionenv_end(&r.environment);
	clientrule_free(&r.rule);
	show_free(&r.show);
	return status;
}
