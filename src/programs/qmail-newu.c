/* qmail-newu - compile users/assign into users/cdb.  See qmail-newu(8). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/cdbwriter.h"
#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "os/os.h"
#include "users/assign.h"

enum { EXIT_FAILED = 111, BUFFER = 65536, LINE_MAX_OCTETS = 1024 * 1024 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-newu: fatal: out of memory\n", EXIT_FAILED);
}

static int
failed(const char *what)
{
	complain("qmail-newu: fatal: ", what, (char *)NULL);
	return EXIT_FAILED;
}

enum outcome { DONE, BAD_FORMAT, UNREADABLE, UNWRITABLE };

/* One line, its LF included; *end is set at the line that starts with '.'. */
static enum outcome
add_line(struct cdbwriter *cdb, struct view line, struct str *last, bool *end)
{
	struct str key = { 0 }, data = { 0 };
	enum outcome outcome = DONE;

	switch (assign_parse(view_first(line, view_index(line, '\n')), &key, &data)) {
	case ASSIGN_END:
		*end = true;
		break;
	case ASSIGN_MALFORMED:
		outcome = BAD_FORMAT;
		break;
	case ASSIGN_WILDCARD:
		assign_note_wildcard(last, str_view(&key));
		/* fall through */
	case ASSIGN_EXACT:
		if (cdbwriter_add(cdb, str_view(&key), str_view(&data)) < 0)
			outcome = UNWRITABLE;
		break;
	}
	str_free(&key);
	str_free(&data);
	return outcome;
}

static enum outcome
compile(int fd, struct cdbwriter *cdb)
{
	char buffer[BUFFER];
	struct reader reader;
	struct str line = { 0 }, last = { 0 };
	enum outcome outcome = DONE;
	bool end = false;

	reader_init(&reader, fd, buffer, sizeof buffer, -1, NULL);
	while (outcome == DONE && !end) {
		enum reader_status status;

		str_clear(&line);
		status = reader_line(&reader, &line, LINE_MAX_OCTETS);
		if (status == READER_ERROR)
			outcome = UNREADABLE;
		else if (line.len == 0 || status == READER_TOO_LONG ||
		    (status == READER_EOF && line.at[0] != '.'))
			outcome =
			    BAD_FORMAT; /* the last line is one that starts with '.' */
		else
			outcome = add_line(cdb, str_view(&line), &last, &end);
	}
	if (outcome == DONE && cdbwriter_add(cdb, VIEW(""), str_view(&last)) < 0)
		outcome = UNWRITABLE;
	str_free(&line);
	str_free(&last);
	return outcome;
}

int
main(void)
{
	struct cdbwriter *cdb;
	enum outcome outcome;
	int fd;

	program_start(out_of_memory);
	umask(033);
	if (program_enter_home() < 0)
		return failed("unable to chdir");
	fd = open("users/assign", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed("unable to read users/assign");
	cdb = cdbwriter_open("users/cdb.tmp");
	if (!cdb)
		return failed("unable to write users/cdb.tmp");

	outcome = compile(fd, cdb);
	fd_close(&fd);
	if (outcome != DONE)
		cdbwriter_abandon(cdb);
	switch (outcome) {
	case BAD_FORMAT:
		return failed("bad format in users/assign");
	case UNREADABLE:
		return failed("unable to read users/assign");
	case UNWRITABLE:
		return failed("unable to write users/cdb.tmp");
	case DONE:
		break;
	}
	if (cdbwriter_commit(cdb, "users/cdb") < 0)
		return failed("unable to move users/cdb.tmp to users/cdb");
	return 0;
}
