/* qmail-tls - one TLS session between a network descriptor and plaintext; the only program that
 * holds a private key.  See qmail-tls(8). */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/helperusers.h"
#include "config/leastprivilege.h"
#include "config/limits.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "os/os.h"
#include "tls/hello.h"
#include "tls/library.h"
#include "tls/pool.h"
#include "tls/pump.h"
#include "tls/resume.h"
#include "tls/session.h"
#include "tls/tickets.h"
#include "tls/tlsplan.h"
#include "wire/rights.h"
#include "wire/serve.h"

enum {
	EXIT_USAGE = 100,
	EXIT_TROUBLE = 111,
	IDLE_MOST = 7 * 86400, /* seconds */
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "qmail-tls: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
fail(const char *text)
{
	struct str line = { 0 };

	str_append_text(&line, "qmail-tls: ");
	str_append_text(&line, text);
	str_append_byte(&line, '\n');
	os_exit_saying(2, str_text(&line), EXIT_TROUBLE);
}

/* Limits that cannot be read are no reason to do without TLS. */
static void
read_limits(struct limits *limits, const struct log *log)
{
	struct problem problem;

	if (limits_read(limits, &problem) == ANSWER_ERROR) {
		log_problem(log, &problem);
		*limits = limits_default();
	}
}

/* Whom the key is not meant for gets a session with what it can read itself. */
static int
serve_one(struct service *service, const struct helperusers *users)
{
	bool server = service->side == SESSION_SERVER;
	struct restrict_plan plan = tlsplan(false);

	if ((!server || !serve_may_ask(0, false, users->uids, users->count)) &&
	    rights_drop_group() < 0)
		fail("unable to give up the group");
	if (leastprivilege_enter(&plan) < 0)
		fail("unable to give up other rights");
	session_serve(service, 0);
	return 0;
}

static int
serve_many(struct service *service, const struct limits *limits, const char *name,
    const struct log *log)
{
	struct pool pool = { .name = name,
		.sessions = limits->tls_sessions,
		.children = (size_t)limits->tls_children,
		.log = log,
		.service = service };

	if (rights_become(service->side == SESSION_SERVER ? "qmailt" : "qmailr") < 0)
		fail("unable to become the service's user");
	service->resident = true;
	if (service->side == SESSION_SERVER)
		service->servers.tickets = tickets_new(time(NULL));
	else
		service->clients.resume = resume_new();
	if (pool_run(&pool) == 0)
		return 0;
	serve_tell(log, name, "cannot listen", errno);
	return EXIT_TROUBLE;
}

static bool
is_word(const char *given, const char *word)
{
	return given && strcmp(given, word) == 0;
}

int
main(int argc, char **argv)
{
	struct service service = { .servers = { .on_hello = hello_choose } };
	struct log log = { .program = "qmail-tls", .level = 1, .fd = 2 };
	bool resident = argc == 3 && is_word(argv[1], "serve");
	const char *mode = argc == 2 ? argv[1] : resident ? argv[2] : NULL;
	struct limits limits;
	struct helperusers users;
	int status;

	/* Nothing of the caller's but the descriptors 0 to 2 and the home counts. */
	program_start(out_of_memory);
	rights_forget_caller();
	if (is_word(mode, resident ? "tlsc" : "client"))
		service.side = SESSION_CLIENT;
	else if (!is_word(mode, resident ? "tls" : "server"))
		os_exit_saying(2, "usage: qmail-tls server|client|serve tls|serve tlsc\n",
		    EXIT_USAGE);
	if (program_enter_home() < 0)
		fail("unable to enter the home");
	rights_forget_environment();

	helperusers_read(&users);
	read_limits(&limits, &log);
	service.allowed = users.uids;
	service.allowed_count = users.count;
	service.idle_ms =
	    (int64_t)(limits.session < IDLE_MOST ? limits.session : IDLE_MOST) * 1000;
	service.pump = mem_alloc(sizeof *service.pump);
	if (!resident && service.side == SESSION_CLIENT && rights_drop_group() < 0)
		fail("unable to give up the group");
	if (library_start() < 0)
		fail("the TLS library does not start");
	status = resident ? serve_many(&service, &limits, mode, &log)
			  : serve_one(&service, &users);
	context_servers_free(&service.servers);
	context_clients_free(&service.clients);
	mem_free(service.pump);
	return status;
}
