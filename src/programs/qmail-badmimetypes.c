/* qmail-badmimetypes - compile control/badmimetypes into control/badmimetypes.cdb.  See
 * qmail-badmimetypes(8). */
#include <sys/stat.h>
#include <unistd.h>

#include "config/keyfile.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "os/os.h"

enum { EXIT_FAILED = 111, KEY_OCTETS = 9 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-badmimetypes: fatal: out of memory\n", EXIT_FAILED);
}

static void
warn(const struct keyfile *file, size_t line)
{
	char number[FMT_U64_MAX];

	complain("qmail-badmimetypes: warning: ignored: ", file->source, ":",
	    fmt_u64_into(number, line).at, " is too short", (char *)NULL);
}

int
main(void)
{
	const struct keyfile file = { "control/badmimetypes", "control/badmimetypes.tmp",
		"control/badmimetypes.cdb", KEY_OCTETS };
	struct problem problem;

	program_start(out_of_memory);
	umask(033);
	if (program_enter_home() < 0) {
		complain("qmail-badmimetypes: fatal: unable to chdir", (char *)NULL);
		return EXIT_FAILED;
	}
	if (keyfile_compile(&file, warn, &problem) < 0) {
		complain("qmail-badmimetypes: fatal: unable to ", problem.what, " ",
		    problem.where, (char *)NULL);
		return EXIT_FAILED;
	}
	return 0;
}
