/* qmail-check - what is wrong with a home, or will be.  See qmail-check(8). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "lib/complain.h"
#include "lib/env.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "os/os.h"

enum {
	EXIT_CLEAN = 0,
	EXIT_WARNINGS = 1,
	EXIT_ERRORS = 2,
	EXIT_USAGE = 100,
	EXIT_TROUBLE = 111,
};

static const char usage[] = "usage: qmail-check [-jnq] [HOME]\n";

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-check: fatal: out of memory\n", EXIT_TROUBLE);
}

static bool
parse(struct check *c, int argc, char **argv, const char **home)
{
	int option;

	*c = (struct check) { .out = { .fd = STDOUT_FILENO } };
	*home = NULL;
	opterr = 0;
	while ((option = getopt(argc, argv, "jnq")) != -1) {
		switch (option) {
		case 'j':
			c->out.json = true;
			break;
		case 'n':
			c->asks_dns = true;
			break;
		case 'q':
			c->out.quiet = true;
			break;
		default:
			return false;
		}
	}
	if (optind < argc)
		*home = argv[optind++];
	return optind == argc;
}

/* Variables that programs of the home would have had in their environment are not ours. */
static void
forget_variables(void)
{
	struct env_list ours = { 0 };
	struct str name = { 0 };
	size_t i;

	env_list_inherit(&ours);
	for (i = 0; i < ours.count; i++) {
		struct view entry = view_of(ours.entries[i]);

		str_set(&name, view_first(entry, view_index(entry, '=')));
		if (!view_equal(str_view(&name), VIEW("PATH")) &&
		    !view_equal(str_view(&name), VIEW("QMAILHOME")) &&
		    !view_ends(str_view(&name), VIEW("SAN_OPTIONS")))
			env_unset(str_text(&name));
	}
	str_free(&name);
	env_list_free(&ours);
}

/* Helpers that are asked look for the home themselves. */
static void
tell_home(void)
{
	static char entry[4200] = "QMAILHOME=";
	size_t len = strlen(entry);

	if (getcwd(entry + len, sizeof entry - len))
		env_put(entry);
}

static int
enter(const char *home)
{
	bool entered = (home ? chdir(home) : program_enter_home()) == 0;

	if (entered && (check_has("control") || check_has("bin")))
		return 0;
	if (!home)
		home = program_home();
	if (entered)
		complain("qmail-check: fatal: ", home,
		    " is no qmail home: neither control nor bin is in it", (char *)NULL);
	else
		complain("qmail-check: fatal: unable to enter ", home, ": ",
		    strerror(errno), (char *)NULL);
	return -1;
}

static int
status_of(const struct findings *out)
{
	if (out->counts[FINDING_ERROR])
		return EXIT_ERRORS;
	return out->counts[FINDING_WARNING] ? EXIT_WARNINGS : EXIT_CLEAN;
}

int
main(int argc, char **argv)
{
	struct check check;
	const char *home;
	int status;

	program_start(out_of_memory);
	os_no_core();
	os_keep_secrets();
	if (!parse(&check, argc, argv, &home))
		os_exit_saying(STDERR_FILENO, usage, EXIT_USAGE);
	if (enter(home) < 0)
		return EXIT_TROUBLE;
	forget_variables();
	tell_home();
	check_home(&check);
	status = status_of(&check.out);
	findings_free(&check.out);
	return status;
}
