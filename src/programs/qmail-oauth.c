/* qmail-oauth - OAuth 2 tokens for smarthosts: fetch, keep, renew.  See qmail-oauth(8). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "config/limits.h"
#include "http/exchange.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/program.h"
#include "oauth/fetch.h"
#include "oauth/renew.h"
#include "oauth/service.h"
#include "os/os.h"
#include "wire/rights.h"
#include "wire/serve.h"

enum { EXIT_USAGE = 100, EXIT_TROUBLE = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "qmail-oauth: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
fail(const char *text)
{
	complain("qmail-oauth: ", text, NULL);
	os_exit_saying(2, "", EXIT_TROUBLE);
}

static _Noreturn void
usage(void)
{
	os_exit_saying(2,
	    "qmail-oauth: usage: qmail-oauth serve | check NAME | get NAME\n",
	    EXIT_USAGE);
}

/* A limit that cannot be read is no reason to do without tokens. */
static int64_t
timeout_ms(const struct log *log)
{
	struct limits limits;
	struct problem problem;

	if (limits_read(&limits, &problem) == ANSWER_ERROR) {
		log_problem(log, &problem);
		limits = limits_default();
	}
	return (int64_t)limits.token_ms;
}

static int
serve(const struct log *log)
{
	struct oauth_service service = { .log = log, .timeout_ms = timeout_ms(log) };

	helperusers_read(&service.users);
	if (service_run(&service) == 0)
		return 0;
	serve_tell(log, "oauth", "cannot listen", errno);
	return EXIT_TROUBLE;
}

static bool
print(const char *name, const struct str *token, uint64_t lifetime, bool anew)
{
	struct str line = { 0 };
	bool printed;

	if (anew) {
		str_append_text(&line, name);
		str_append_text(&line, ": the token server gave a token for ");
		fmt_u64(&line, lifetime);
		str_append_text(&line, " seconds\n");
	} else {
		str_append(&line, str_view(token));
		str_append_byte(&line, '\n');
	}
	printed = print_all("qmail-oauth", str_view(&line)) == 0;
	str_wipe(&line);
	return printed;
}

/* As the service would do it; `anew` even if there is a good token, to see whether it can be done. */
static int
get(const char *name, bool anew, const struct log *log)
{
	struct renew_question q = { .question = { .name = view_of(name) },
		.anew = anew,
		.timeout_ms = timeout_ms(log) };
	struct str token = { 0 }, reason = { 0 };
	uint64_t lifetime = 0;
	bool ok;

	if (!token_is_name(q.question.name))
		usage();
	ok = renew_token(&q, log, &token, &lifetime, &reason);
	if (ok)
		ok = print(name, &token, lifetime, anew);
	else
		complain("qmail-oauth: ", name, ": ", str_text(&reason), NULL);
	str_wipe(&token);
	str_free(&reason);
	return ok ? 0 : EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct log log = { .program = "qmail-oauth", .level = 1, .fd = 2 };
	bool resident = argc == 2 && strcmp(argv[1], "serve") == 0;
	bool check = argc == 3 && strcmp(argv[1], "check") == 0;

	program_start(out_of_memory);
	if (!resident && !check && !(argc == 3 && strcmp(argv[1], "get") == 0))
		usage();
	rights_forget_caller();
	if (program_enter_home() < 0)
		fail("unable to enter the home");
	rights_forget_environment();
	if (rights_become("qmailo") < 0)
		fail("unable to become qmailo");
	umask(027);
	if (!http_start())
		fail("libcurl cannot be used");
	if (resident)
		return serve(&log);
	log.level = 0; /* the admin is told in other words */
	return get(argv[2], check, &log);
}
