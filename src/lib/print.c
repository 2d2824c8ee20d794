#include "lib/print.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fd.h"

int
print_all(const char *program, struct view text)
{
	int error;

	if (text.len == 0 || fd_write_all(STDOUT_FILENO, text) == 0)
		return 0;
	error = errno;
	print_complain(program, error);
	errno = error;
	return -1;
}

void
print_complain(const char *program, int error)
{
	if (error != EPIPE)
		complain(program,
		    ": fatal: standard output: unable to write: ", strerror(error),
		    (char *)NULL);
}
