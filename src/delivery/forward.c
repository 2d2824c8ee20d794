#include "delivery/forward.h"

#include <errno.h>
#include <unistd.h>

#include "lib/fd.h"
#include "queue/submit.h"

enum { BLOCK = 65536 };

static void
put_message(struct submit *submit, struct view delivered_to, int fd)
{
	char block[BLOCK];
	ssize_t n;

	submit_put(submit, delivered_to);
	while ((n = fd_read(fd, block, sizeof block)) > 0)
		submit_put(submit, (struct view) { block, (size_t)n });
	if (n < 0)
		submit_fail(submit);
}

static void
judge(const struct submit_verdict *verdict, struct outcome *o)
{
	if (verdict->class == SUBMIT_OK)
		outcome_set(o, OUTCOME_DONE, "", (char *)NULL);
	else
		outcome_set(o,
		    verdict->class == SUBMIT_PERMANENT ? OUTCOME_PERMANENT
						       : OUTCOME_TEMPORARY,
		    "Unable to forward message: ", str_text(&verdict->text), ".",
		    (char *)NULL);
}

void
forward_send(
    const struct forward *f, int fd, struct env_list *env, pid_t *qp, struct outcome *o)
{
	struct submit submit;
	struct submit_verdict verdict = { 0 };
	size_t i;

	if (lseek(fd, 0, SEEK_SET) < 0) {
		outcome_set(o, OUTCOME_TEMPORARY, "Unable to rewind message. (#4.3.0)",
		    (char *)NULL);
		return;
	}
	if (submit_open(&submit, env) < 0) {
		outcome_errno(o, "Unable to fork", "", errno, "#4.3.0");
		return;
	}
	put_message(&submit, f->delivered_to, fd);
	submit_sender(&submit, f->sender);
	for (i = 0; i < f->count; i++)
		submit_recipient(&submit, f->recipients[i]);
	submit_close(&submit, &verdict);
	judge(&verdict, o);
	if (o->kind == OUTCOME_DONE)
		*qp = submit.pid;
	submit_verdict_free(&verdict);
}
