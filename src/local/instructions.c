#include "local/instructions.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "local/command.h"
#include "local/dotqmail.h"
#include "local/forward.h"
#include "local/maildir.h"
#include "local/mbox.h"
#include "srs/rules.h"

static void
say(const char *kind, struct view what)
{
	struct str line = { 0 };

	str_append_text(&line, kind);
	str_append(&line, what);
	str_append_byte(&line, '\n');
	fd_write_all(STDOUT_FILENO, str_view(&line));
	str_free(&line);
}

/* `last`: no line comes after it. */
static void
do_maildir(struct instructions *in, const char *path, bool last, struct outcome *o)
{
	if (last && in->recipient_count == 0)
		maildir_deliver_last(path, VIEW(""), in->message, in->lines, o);
	else
		maildir_deliver(path, VIEW(""), in->message, in->lines, o);
}

static void
do_file(struct instructions *in, const struct dotqmail_line *line, bool last,
    struct outcome *o)
{
	bool maildir = line->kind == DOTQMAIL_MAILDIR;
	struct str path = { 0 };

	in->files++;
	if (in->forwards_only) {
		outcome_set(o, OUTCOME_TEMPORARY,
		    "Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)",
		    (char *)NULL);
		return;
	}
	if (in->dry_run) {
		say(maildir ? "maildir " : "mbox ", line->what);
		return;
	}
	str_set(&path, line->what);
	if (maildir)
		do_maildir(in, str_text(&path), last, o);
	else
		mbox_deliver(
		    str_text(&path), in->message, in->lines, MBOX_LOCK_SECONDS, o);
	str_free(&path);
}

static void
do_program(struct instructions *in, struct view command, struct outcome *o)
{
	in->programs++;
	if (in->forwards_only)
		outcome_set(o, OUTCOME_TEMPORARY,
		    "Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)",
		    (char *)NULL);
	else if (in->dry_run)
		say("program ", command);
	else
		command_run(command, in->message, in->env, o);
}

static void
do_forward(struct instructions *in, struct view address)
{
	in->forwards++;
	if (in->dry_run) {
		say("forward ", address);
		return;
	}
	if (in->recipient_count == in->recipient_size) {
		in->recipient_size = in->recipient_size ? in->recipient_size * 2 : 16;
		in->recipients = mem_resize(
		    in->recipients, in->recipient_size * sizeof *in->recipients);
	}
	in->recipients[in->recipient_count++] = address;
}

static void
do_line(struct instructions *in, const struct dotqmail_line *line, bool first, bool last,
    struct outcome *o)
{
	switch (line->kind) {
	case DOTQMAIL_BLANK:
		if (first)
			outcome_set(o, OUTCOME_TEMPORARY,
			    "Uh-oh: first line of .qmail file is blank. (#4.2.1)",
			    (char *)NULL);
		break;
	case DOTQMAIL_IGNORED:
		break;
	case DOTQMAIL_LIST:
		in->forwards_only = true;
		break;
	case DOTQMAIL_MAILDIR:
	case DOTQMAIL_MBOX:
		do_file(in, line, last, o);
		break;
	case DOTQMAIL_PROGRAM:
		do_program(in, line->what, o);
		break;
	case DOTQMAIL_FORWARD:
		do_forward(in, line->what);
		break;
	}
}

/* The current directory is the home. */
static void
send_forwards(struct instructions *in, struct view sender, struct outcome *o)
{
	struct forward forward = { .delivered_to = str_view(&in->lines->delivered_to),
		.sender = sender,
		.recipients = in->recipients,
		.count = in->recipient_count };
	struct forward_result result;

	if (lseek(in->message, 0, SEEK_SET) < 0) {
		outcome_set(o, OUTCOME_TEMPORARY, "Unable to rewind message. (#4.3.0)",
		    (char *)NULL);
		return;
	}
	if (forward_send(&forward, in->message, in->env, &result) < 0) {
		outcome_errno(o, "Unable to fork", "", errno, "#4.3.0");
		return;
	}
	if (result.verdict.class == SUBMIT_OK)
		in->qp = result.qp;
	else
		outcome_set(o,
		    result.verdict.class == SUBMIT_PERMANENT ? OUTCOME_PERMANENT
							     : OUTCOME_TEMPORARY,
		    "Unable to forward message: ", str_text(&result.verdict.text), ".",
		    (char *)NULL);
	submit_verdict_free(&result.verdict);
}

static void
do_forwards(struct instructions *in, struct outcome *o)
{
	struct str sender = { 0 };
	struct problem problem;

	str_set(&sender, in->sender);
	if (program_enter_home() < 0)
		outcome_set(o, OUTCOME_TEMPORARY,
		    "Unable to forward message: "
		    "qq trouble in home directory (#4.3.0).",
		    (char *)NULL);
	else if (srs_rules_rewrite(&sender, time(NULL), &problem) == ANSWER_ERROR)
		outcome_problem(
		    o, "Unable to rewrite the sender: ", &problem, ". (#4.3.0)");
	else
		send_forwards(in, str_view(&sender), o);
	str_free(&sender);
}

void
instructions_run(struct instructions *in, struct view text, struct outcome *o)
{
	struct view rest = text.len ? text : VIEW("\n");
	struct dotqmail_line line;
	bool first = true;

	outcome_set(o, OUTCOME_DONE, "", (char *)NULL);
	while (o->kind == OUTCOME_DONE && dotqmail_next(&rest, &line)) {
		do_line(in, &line, first, rest.len == 0, o);
		first = false;
	}
	if (o->kind == OUTCOME_LAST)
		o->kind = OUTCOME_DONE;
	if (o->kind == OUTCOME_DONE && in->recipient_count > 0)
		do_forwards(in, o);
}

void
instructions_free(struct instructions *in)
{
	mem_free(in->recipients);
	in->recipients = NULL;
	in->recipient_count = in->recipient_size = 0;
}
