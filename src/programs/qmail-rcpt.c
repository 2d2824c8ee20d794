/* qmail-rcpt - say whether a recipient would find a mailbox here.  See qmail-rcpt(8). */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/program.h"
#include "lib/view.h"
#include "os/os.h"
#include "users/lookup.h"
#include "users/mailbox.h"
#include "wire/kinds.h"
#include "wire/rcpt.h"
#include "wire/serve.h"
#include "wire/serveforking.h"

enum {
	EXIT_USAGE = 100,
	EXIT_TEMPORARY = 111,
	CHILDREN = 400,
	MEMORY = 128 * 1024 * 1024, /* NSS modules may need it */
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-rcpt: out of memory\n", EXIT_TEMPORARY);
}

/* A softlimit for the parent may be too small for us.  Never above the hard limit. */
static void
raise_limit(int resource, rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(resource, &limit);
}

struct service {
	struct lookup lookup;
	struct log log;
};

/* The control files are read for each question: an edit is live at once.  False: they cannot be, with
 * *why saying so. */
static bool
read_controls(struct service *service, const char **why)
{
	struct problem problem;

	if (lookup_read(&service->lookup, &problem) != ANSWER_ERROR)
		return true;
	log_problem(&service->log, &problem);
	*why = "a control file cannot be read";
	return false;
}

static enum rcpt_result
find_out(struct service *service, struct view address, const char **why)
{
	if (!read_controls(service, why))
		return RCPT_UNKNOWN;
	switch (deliverable(&service->lookup.sources, address, why)) {
	case DELIVERABLE_NO:
		return RCPT_NO;
	case DELIVERABLE_YES:
		return RCPT_YES;
	case DELIVERABLE_UNREADABLE:
		return RCPT_UNREADABLE;
	case DELIVERABLE_UNKNOWN:
		break;
	}
	return RCPT_UNKNOWN;
}

static enum rcpt_mailbox
find_mailbox(
    struct service *service, const struct rcpt_mailbox_question *asked, const char **why)
{
	static const enum rcpt_mailbox as_rcpt[] = {
		[MAILBOX_NONE] = RCPT_MAILBOX_NONE,
		[MAILBOX_FOUND] = RCPT_MAILBOX_FOUND,
		[MAILBOX_ELSEWHERE] = RCPT_MAILBOX_ELSEWHERE,
		[MAILBOX_ANY] = RCPT_MAILBOX_ANY,
		[MAILBOX_FULL] = RCPT_MAILBOX_FULL,
		[MAILBOX_UNREADABLE] = RCPT_MAILBOX_UNREADABLE,
		[MAILBOX_UNKNOWN] = RCPT_MAILBOX_UNKNOWN,
	};
	const struct mailbox_question question = { .address = asked->address,
		.bouncing_only = asked->rules & RCPT_BOUNCING_ONLY,
		.extensions = asked->rules & RCPT_EXTENSIONS,
		.percent = asked->percent };

	if (!read_controls(service, why))
		return RCPT_MAILBOX_UNKNOWN;
	return as_rcpt[mailbox_find(&service->lookup.sources, &question, why)];
}

static void
answer_deliverable(struct service *service, struct frame *request, struct str *answer)
{
	struct view address;
	const char *why = NULL;
	enum rcpt_result result;

	if (!rcpt_question(request, &address)) {
		frame_start(answer, request->kind, FRAME_MALFORMED, request->id, 0);
		return;
	}
	result = find_out(service, address, &why);
	rcpt_pack_answer(answer, request, result, why);
}

static void
answer_mailbox(struct service *service, struct frame *request, struct str *answer)
{
	struct rcpt_mailbox_question question;
	const char *why = NULL;
	enum rcpt_mailbox result;

	if (!rcpt_mailbox_question(request, &question)) {
		frame_start(answer, request->kind, FRAME_MALFORMED, request->id, 0);
		return;
	}
	result = find_mailbox(service, &question, &why);
	rcpt_pack_mailbox(answer, request, result, why);
}

static bool
handle(void *context, struct frame *request, struct str *answer)
{
	if (request->kind == WIRE_RCPT_ASK)
		answer_deliverable(context, request, answer);
	else if (request->kind == WIRE_RCPT_MAILBOX)
		answer_mailbox(context, request, answer);
	else
		return false;
	return true;
}

static void
serve_one(void *context, int fd)
{
	serve_connection(fd, handle, context);
}

int
main(int argc, char **argv)
{
	struct service service = {
		.log = { .program = "qmail-rcpt", .level = 1, .fd = STDERR_FILENO }
	};
	bool resident = argc == 2 && view_equal(view_of(argv[1]), VIEW("serve"));

	program_start(out_of_memory);
	os_close_from(3);
	if (argc > 1 && !resident)
		os_exit_saying(
		    STDERR_FILENO, "qmail-rcpt: usage: qmail-rcpt [serve]\n", EXIT_USAGE);
	raise_limit(RLIMIT_AS, MEMORY);
	raise_limit(RLIMIT_DATA, MEMORY);
	if (program_enter_home() < 0 || lookup_start(&service.lookup) < 0)
		os_exit_saying(STDERR_FILENO, "qmail-rcpt: unable to enter the home\n",
		    EXIT_TEMPORARY);
	if (!resident) {
		serve_one(&service, 0);
		lookup_end(&service.lookup);
		return 0;
	}
	if (serve_forking("rcpt", CHILDREN, serve_one, &service, &service.log) < 0) {
		serve_tell(&service.log, "rcpt", "cannot listen", errno);
		return EXIT_TEMPORARY;
	}
	return 0;
}
