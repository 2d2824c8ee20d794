/* qmail-sts - MTA-STS policies for qmail-remote: fetch, keep, renew.  See qmail-sts(8). */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "config/limits.h"
#include "http/exchange.h"
#include "lib/complain.h"
#include "lib/program.h"
#include "os/os.h"
#include "sts/describe.h"
#include "sts/keep.h"
#include "sts/service.h"
#include "sts/worker.h"
#include "wire/rights.h"
#include "wire/serve.h"

enum { EXIT_USAGE = 100, EXIT_TROUBLE = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "qmail-sts: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
fail(const char *text)
{
	complain("qmail-sts: ", text, NULL);
	os_exit_saying(2, "", EXIT_TROUBLE);
}

static _Noreturn void
usage(void)
{
	os_exit_saying(2,
	    "qmail-sts: usage: qmail-sts serve | fetch DOMAIN | show [DOMAIN]\n",
	    EXIT_USAGE);
}

/* Limits that cannot be read are no reason to do without policies. */
static struct service_setting
read_setting(const struct log *log)
{
	struct service_setting s = { .log = log };
	struct limits limits;
	struct problem problem;

	if (limits_read(&limits, &problem) == ANSWER_ERROR) {
		log_problem(log, &problem);
		limits = limits_default();
	}
	helperusers_read(&s.users);
	s.timeout_ms = (int64_t)limits.sts_ms;
	s.domains = limits.sts_domains;
	s.dns_questions = limits.dns_questions;
	return s;
}

static int
serve(const struct log *log)
{
	struct service_setting setting = read_setting(log);

	if (service_run(&setting) == 0)
		return 0;
	serve_tell(log, "sts", "cannot listen", errno);
	return EXIT_TROUBLE;
}

/* As the service would do it, at once, and in words. */
static int
fetch(const char *domain, const struct log *log)
{
	struct service_setting setting = read_setting(log);
	struct look_question q = { .domain = view_of(domain),
		.now = (uint64_t)time(NULL),
		.used = true,
		.anew = true };
	struct look look = { 0 };
	bool fine, printed;

	if (!worker_look(&setting, &q, &look))
		return EXIT_TROUBLE;
	printed = describe(&look.kept, q.now);
	if (keep_write(&look.kept) < 0)
		complain("qmail-sts: this is not kept in " STS_CACHE ": ",
		    strerror(errno), NULL);
	fine = look.kept.failure == STS_FINE;
	look_free(&look);
	return fine && printed ? 0 : EXIT_TROUBLE;
}

struct list {
	uint64_t now;
	bool broken; /* it cannot be printed */
};

static void
show_line(void *context, const struct sts_kept *kept)
{
	struct list *list = context;

	list->broken = list->broken || !describe_short(kept, list->now);
}

static int
show(const char *domain)
{
	struct list list = { .now = (uint64_t)time(NULL) };
	struct str room = { 0 };
	struct sts_kept kept;
	bool off, found;

	if (!domain && keep_list(show_line, &list) == 0)
		return list.broken ? EXIT_TROUBLE : 0;
	if (!domain)
		fail("there is no " STS_CACHE ": MTA-STS is off");
	found = sts_read(view_of(domain), &room, &kept, &off) == ANSWER_YES;
	if (found)
		found = describe(&kept, list.now);
	else
		complain("qmail-sts: nothing is known of ", domain, NULL);
	str_free(&room);
	return found ? 0 : EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct log log = { .program = "qmail-sts", .level = 1, .fd = 2 };
	bool resident = argc == 2 && strcmp(argv[1], "serve") == 0;
	bool is_fetch = argc == 3 && strcmp(argv[1], "fetch") == 0;

	program_start(out_of_memory);
	if (!resident && !is_fetch &&
	    !(argc >= 2 && argc <= 3 && strcmp(argv[1], "show") == 0))
		usage();
	if (argc == 3 && !sts_is_domain(view_of(argv[2])))
		usage();
	rights_forget_caller();
	if (program_enter_home() < 0)
		fail("unable to enter the home");
	if (rights_forget_environment_but(program_home()) < 0)
		out_of_memory();
	if (rights_become("qmailo") < 0)
		fail("unable to become qmailo");
	umask(027);
	if (!resident && !is_fetch)
		return show(argc == 3 ? argv[2] : NULL);
	if (!http_start())
		fail("libcurl cannot be used");
	return resident ? serve(&log) : fetch(argv[2], &log);
}
