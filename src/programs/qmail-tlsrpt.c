/* qmail-tlsrpt - daily reports on TLS to the domains that want them.  See qmail-tlsrpt(8). */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "config/control.h"
#include "config/limits.h"
#include "http/exchange.h"
#include "lib/complain.h"
#include "lib/program.h"
#include "os/os.h"
#include "tlsrpt/day.h"
#include "wire/rights.h"
#include "wire/sts.h"

enum { EXIT_USAGE = 100, EXIT_TROUBLE = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "qmail-tlsrpt: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
fail(const char *text)
{
	complain("qmail-tlsrpt: ", text, NULL);
	os_exit_saying(2, "", EXIT_TROUBLE);
}

static _Noreturn void
usage(void)
{
	os_exit_saying(2,
	    "qmail-tlsrpt: usage: qmail-tlsrpt report [DAY] | show [DAY] | json DOMAIN "
	    "[DAY]\n",
	    EXIT_USAGE);
}

/* A control file that cannot be read must not make a report of somebody else. */
static void
read_line(const char *path, const char *fallback, struct str *out)
{
	struct problem problem = { 0 };
	enum answer found = fallback ? control_line_or(path, fallback, out, &problem)
				     : control_line(path, out, &problem);

	if (found == ANSWER_ERROR) {
		complain("qmail-tlsrpt: ", problem.where, ": ", problem.what, NULL);
		os_exit_saying(2, "", EXIT_TROUBLE);
	}
}

static void
read_setting(struct day_setting *s, const struct log *log)
{
	struct limits limits;
	struct problem problem;

	*s = (struct day_setting) { .log = log };
	read_line("control/me", NULL, &s->organization);
	if (!sts_is_domain(str_view(&s->organization)))
		fail("control/me is no domain name");
	read_line("control/tlsrptfrom", NULL, &s->contact);
	if (s->contact.len == 0) {
		str_append_text(&s->contact, "postmaster@");
		str_append(&s->contact, str_view(&s->organization));
	}
	read_line("control/stscafile", NULL, &s->cafile);
	read_line("control/stsproxy", NULL, &s->proxy);
	if (limits_read(&limits, &problem) == ANSWER_ERROR)
		limits = limits_default();
	s->dns_questions = limits.dns_questions;
}

/* `day` NULL: yesterday. */
static int
run(const char *verb, const char *domain, const char *day, const struct log *log)
{
	struct day_setting setting;
	uint64_t start;
	bool ok;

	if (!day_find(day, (uint64_t)time(NULL), &start))
		fail("that is no day of the last year, YYYYMMDD");
	read_setting(&setting, log);
	if (strcmp(verb, "report") == 0)
		ok = day_report(&setting, start);
	else
		ok = day_print(&setting, start, domain);
	day_setting_free(&setting);
	return ok ? 0 : EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct log log = { .program = "qmail-tlsrpt", .level = 1, .fd = 2 };
	const char *verb = argc > 1 ? argv[1] : "";
	bool of_domain = strcmp(verb, "json") == 0;
	int first = of_domain ? 3 : 2; /* argument that may be a day */

	program_start(out_of_memory);
	if (argc < first || argc > first + 1 ||
	    !(of_domain || strcmp(verb, "report") == 0 || strcmp(verb, "show") == 0) ||
	    (of_domain && !sts_is_domain(view_of(argv[2]))))
		usage();
	rights_forget_caller();
	if (program_enter_home() < 0)
		fail("unable to enter the home");
	if (rights_forget_environment_but(program_home()) < 0)
		out_of_memory();
	if (rights_become("qmailo") < 0)
		fail("unable to become qmailo");
	umask(027);
	if (!http_start())
		fail("libcurl cannot be used");
	return run(
	    verb, of_domain ? argv[2] : NULL, argc > first ? argv[first] : NULL, &log);
}
