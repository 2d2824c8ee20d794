/* datemail - sendmail, with a Date field in the time of this place: predate and sendmail in one
 * command.  See datemail(1). */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <errno.h>

#include "lib/complain.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "lib/str.h"
#include "os/os.h"

enum { EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "datemail: fatal: out of memory\n", EXIT_FAILED);
}

/* The path of one of our programs. */
static char *
path_of(struct str *path, const char *name)
{
	str_append_text(path, program_home());
	str_append_text(path, "/bin/");
	str_append_text(path, name);
	return path->at;
}

int
main(int argc, char **argv)
{
	struct str predate = { 0 }, sendmail = { 0 };
	char **command = mem_alloc_zeroed((size_t)argc + 3, sizeof *command);
	int i;

	program_start(out_of_memory);
	command[0] = path_of(&predate, "predate");
	command[1] = path_of(&sendmail, "sendmail");
	for (i = 1; i < argc; i++)
		command[i + 1] = argv[i];
	signal(SIGPIPE, SIG_DFL); /* program_start() ignored it */
	execv(command[0], command);
	complain("datemail: fatal: unable to run ", command[0], ": ", strerror(errno),
	    (char *)NULL);
	return EXIT_FAILED;
}
