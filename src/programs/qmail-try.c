/* qmail-try - what would happen, without letting it happen: how a message would leave, and what a client
 * would be answered.  See qmail-try(8). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/ip.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "lib/view.h"
#include "os/os.h"
#include "try/route.h"
#include "try/session.h"

enum { EXIT_USAGE = 100 };

static const char usage[] =
    "usage: qmail-try route [-c] SENDER RECIPIENT\n"
    "       qmail-try session [-nt] [-e NAME=VALUE] [-h HELO] [-p HOST] [-r RULES] "
    "[-s SIZE] [-u USER]\n"
    "           IP SENDER RECIPIENT ... [-- qmail-smtpd ARGUMENT ...]\n";

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-try: fatal: out of memory\n", TRY_TROUBLE);
}

/* The null sender may be written "<>", which is easier to see. */
static struct view
sender_of(const char *text)
{
	return view_equal(view_of(text), VIEW("<>")) ? VIEW("") : view_of(text);
}

/* route [-c] SENDER RECIPIENT. */
static bool
parse_route(char **arguments, int count, struct try_route *out)
{
	*out = (struct try_route) { .connects = false };
	if (count > 0 && strcmp(arguments[0], "-c") == 0) {
		out->connects = true;
		arguments++;
		count--;
	}
	if (count != 2)
		return false;
	out->sender = sender_of(arguments[0]);
	out->recipient = view_of(arguments[1]);
	return true;
}

/* An option with a value. */
static bool
take_value(struct try_session *out, int option, char *value)
{
	uint64_t number;

	switch (option) {
	case 'e':
		out->variables[out->variable_count++] = value;
		return view_index(view_of(value), '=') < strlen(value) && *value != '=';
	case 'h':
		out->helo = view_of(value);
		return true;
	case 'p':
		out->host = view_of(value);
		return true;
	case 'r':
		out->rules = value;
		return true;
	case 's':
		out->size = view_of(value);
		return scan_whole_u64(out->size, &number);
	case 'u':
		out->user = view_of(value);
		return out->user.len > 0;
	default:
		return false;
	}
}

/* IP SENDER RECIPIENT ... [-- qmail-smtpd ARGUMENT ...] */
static bool
take_operands(struct try_session *out, int count, char **operands)
{
	struct ip ip;
	int i = 0;

	while (i < count && strcmp(operands[i], "--") != 0)
		i++;
	if (i < 3)
		return false;
	out->ip = view_of(operands[0]);
	if (!ip_parse(out->ip, &ip)) {
		complain("qmail-try: not an IP address: ", operands[0], (char *)NULL);
		return false;
	}
	out->sender = sender_of(operands[1]);
	out->recipients = operands + 2;
	out->count = (size_t)i - 2;
	if (i < count) {
		out->argc = count - i - 1;
		out->argv = operands + i + 1;
	}
	return i == count || out->argc > 0;
}

/* `count` arguments behind "session"; they are not put in another order. */
static bool
parse_session(char **arguments, int count, struct try_session *out)
{
	int option;

	*out = (struct try_session) { .rules = NULL };
	out->variables = mem_alloc_zeroed((size_t)count + 1, sizeof *out->variables);
	while ((option = getopt(count, arguments, "+nte:h:p:r:s:u:")) != -1) {
		if (option == 'n')
			out->asks_dns = true;
		else if (option == 't')
			out->begins_tls = true;
		else if (!take_value(out, option, optarg))
			return false;
	}
	return take_operands(out, count - optind, arguments + optind);
}

static int
enter_home(void)
{
	if (program_enter_home() == 0)
		return 0;
	complain("qmail-try: fatal: unable to enter the home: ", strerror(errno),
	    (char *)NULL);
	return -1;
}

static int
do_route(const struct try_route *route)
{
	return enter_home() < 0 ? TRY_TROUBLE : try_route(route);
}

static int
do_session(struct try_session *session)
{
	int status = enter_home() < 0 ? TRY_TROUBLE : try_session(session);

	mem_free(session->variables);
	return status;
}

int
main(int argc, char **argv)
{
	struct try_route route;
	struct try_session session;

	program_start(out_of_memory);
	umask(077);
	os_no_core();
	os_keep_secrets();
	opterr = 0;
	if (argc >= 2 && strcmp(argv[1], "route") == 0 &&
	    parse_route(argv + 2, argc - 2, &route))
		return do_route(&route);
	if (argc >= 2 && strcmp(argv[1], "session") == 0 &&
	    parse_session(argv + 1, argc - 1, &session))
		return do_session(&session);
	os_exit_saying(STDERR_FILENO, usage, EXIT_USAGE);
}
