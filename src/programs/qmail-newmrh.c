/* qmail-newmrh - compile control/morercpthosts into control/morercpthosts.cdb.  See
 * qmail-newmrh(8). */
#include <sys/stat.h>
#include <unistd.h>

#include "config/cdbwriter.h"
#include "config/control.h"
#include "lib/complain.h"
#include "lib/program.h"
#include "os/os.h"

enum { EXIT_FAILED = 111 };

static const char SOURCE[] = "control/morercpthosts";
static const char TEMPORARY[] = "control/morercpthosts.tmp";
static const char TARGET[] = "control/morercpthosts.cdb";

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-newmrh: fatal: out of memory\n", EXIT_FAILED);
}

static int
failed(const char *what, const char *file)
{
	complain("qmail-newmrh: fatal: unable to ", what, file, (char *)NULL);
	return EXIT_FAILED;
}

/* A key for each line, in lower case; no data. */
static int
compile(const struct control_list *list, struct cdbwriter *cdb)
{
	struct str key = { 0 };
	int status = 0;
	size_t i;

	for (i = 0; i < list->count && status == 0; i++) {
		str_clear(&key);
		str_append_lower(&key, list->entries[i].text);
		status = cdbwriter_add(cdb, str_view(&key), VIEW(""));
	}
	str_free(&key);
	return status;
}

int
main(void)
{
	struct control_list list = { 0 };
	struct cdbwriter *cdb;

	program_start(out_of_memory);
	umask(033);
	if (program_enter_home() < 0)
		return failed("chdir", "");
	if (control_list(SOURCE, &list, NULL) != ANSWER_YES)
		return failed("read ", SOURCE);
	cdb = cdbwriter_open(TEMPORARY);
	if (!cdb)
		return failed("write to ", TEMPORARY);
	if (compile(&list, cdb) < 0) {
		cdbwriter_abandon(cdb);
		return failed("write to ", TEMPORARY);
	}
	control_list_free(&list);
	if (cdbwriter_commit(cdb, TARGET) < 0)
		return failed("move morercpthosts.tmp to ", TARGET);
	return 0;
}
