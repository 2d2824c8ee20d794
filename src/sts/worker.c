#include "sts/worker.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"
#include "sts/keep.h"

enum { GRACE = 90 }; /* seconds for the DNS, before a worker is ended by the system */

static uint64_t
clock_now(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}

bool
worker_look(const struct service_setting *setting, const struct look_question *question,
    struct look *out)
{
	struct fetch_settings settings;
	struct problem problem = { 0 };
	struct resolver *r;

	if (fetch_settings_read(&settings, setting->timeout_ms, &problem) ==
	    ANSWER_ERROR) {
		log_problem(setting->log, &problem);
		return false;
	}
	r = resolver_network(setting->dns_questions);
	look_at(question, r, &settings, out);
	resolver_free(r);
	fetch_settings_free(&settings);
	return true;
}

/* The service's descriptors and signals are not ours. */
static void
leave_service(void)
{
	sigset_t none;

	os_close_from(3);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void
worker_run(const struct service_setting *setting, struct view domain, bool used)
{
	struct look_question q = { .domain = domain, .now = clock_now(), .used = used };
	struct look look = { 0 };
	bool kept;

	leave_service();
	alarm((unsigned)(setting->timeout_ms / 1000) + GRACE);
	kept = worker_look(setting, &q, &look) && keep_write(&look.kept) == 0;
	if (kept)
		look_log(&look, setting->log);
	look_free(&look);
	_exit(kept ? 0 : 1);
}

int
worker_note_death(const struct service_setting *setting, struct view domain)
{
	struct look look = { 0 };
	int result;

	look_failed(domain, clock_now(), "qmail-sts could not do its part", &look);
	look_log(&look, setting->log);
	result = keep_write(&look.kept);
	look_free(&look);
	return result;
}
