#include "local/forward.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "srs/rules.h"

enum { BLOCK = 65536 };

/* 0, or errno. */
static int
put_message(struct submit *submit, struct view delivered_to, int fd)
{
	char block[BLOCK];
	ssize_t n;

	submit_put(submit, delivered_to);
	while ((n = fd_read(fd, block, sizeof block)) > 0)
		submit_put(submit, (struct view) { block, (size_t)n });
	if (n == 0)
		return 0;
	submit_fail(submit);
	return errno;
}

int
forward_send(
    const struct forward *f, int fd, struct env_list *env, struct forward_result *result)
{
	struct submit submit;
	size_t i;

	*result = (struct forward_result) { .qp = 0 };
	if (submit_open(&submit, env) < 0)
		return -1;
	result->read_error = put_message(&submit, f->delivered_to, fd);
	submit_sender(&submit, f->sender);
	for (i = 0; i < f->count; i++)
		submit_recipient(&submit, f->recipients[i]);
	submit_close(&submit, &result->verdict);
	result->qp = submit.pid;
	return 0;
}

/* --- the programs --------------------------------------------------------------------------------- */

static void
fatal(const char *label, const char *what, const char *why, struct outcome *o)
{
	outcome_set(o, OUTCOME_TEMPORARY, label, ": fatal: ", what, why, (char *)NULL);
}

static void
judge(const char *label, const struct forward_result *result, struct outcome *o)
{
	char digits[FMT_U64_MAX];

	if (result->read_error) {
		fatal(label, "unable to read message: ", strerror(result->read_error), o);
	} else if (result->verdict.class != SUBMIT_OK) {
		fatal(label, str_text(&result->verdict.text), "", o);
		if (result->verdict.class == SUBMIT_PERMANENT)
			o->kind = OUTCOME_PERMANENT;
	} else {
		outcome_set(o, OUTCOME_DONE, label, ": qp ",
		    fmt_u64_into(digits, (uint64_t)result->qp).at, (char *)NULL);
	}
}

static void
send_rewritten(const char *label, const struct forward *f, struct outcome *o)
{
	struct forward_result result;

	if (forward_send(f, STDIN_FILENO, NULL, &result) < 0) {
		fatal(label, "unable to fork: ", strerror(errno), o);
		return;
	}
	judge(label, &result, o);
	submit_verdict_free(&result.verdict);
}

void
forward_program(const char *label, const struct forward *f, struct outcome *o)
{
	struct forward rewritten = *f;
	struct problem problem;
	struct str sender = { 0 };

	if (program_enter_home() < 0) {
		fatal(label, "qq trouble in home directory (#4.3.0)", "", o);
		return;
	}
	str_set(&sender, f->sender);
	if (srs_rules_rewrite(&sender, time(NULL), &problem) == ANSWER_ERROR) {
		struct str label_text = { 0 };

		str_append_text(&label_text, label);
		str_append_text(&label_text, ": fatal: unable to rewrite the sender: ");
		outcome_problem(o, str_text(&label_text), &problem, "");
		str_free(&label_text);
	} else {
		rewritten.sender = str_view(&sender);
		send_rewritten(label, &rewritten, o);
	}
	str_free(&sender);
}
