/* qmail-getpw - say which user a local part belongs to.  See qmail-getpw(8). */
#include <unistd.h>

#include "lib/fd.h"
#include "lib/program.h"
#include "os/os.h"
#include "users/getpw.h"

enum {
	EXIT_USAGE = 100,
	EXIT_UNWRITTEN = 111,
	EXIT_HOME = 115,
	EXIT_NO_ALIAS = 116,
	EXIT_SYSTEM = 118,
	EXIT_MEMORY = 119,
};

static _Noreturn void
out_of_memory(void)
{
	_exit(EXIT_MEMORY);
}

static int
print(const struct account *account)
{
	struct str fields = { 0 };
	int status;

	account_format(&fields, account);
	status = fd_write_all(STDOUT_FILENO, str_view(&fields));
	str_free(&fields);
	return status < 0 ? EXIT_UNWRITTEN : 0;
}

int
main(int argc, char **argv)
{
	struct account account = { 0 };
	int status;

	program_start(out_of_memory);
	if (argc < 2)
		return EXIT_USAGE;
	if (program_enter_home() < 0)
		return EXIT_SYSTEM;

	switch (getpw_find(view_of(argv[1]), &account)) {
	case GETPW_FOUND:
		status = print(&account);
		account_free(&account);
		return status;
	case GETPW_NO_ALIAS:
		return EXIT_NO_ALIAS;
	case GETPW_HOME_ERROR:
		return EXIT_HOME;
	case GETPW_BUSY:
		break;
	}
	return EXIT_SYSTEM;
}
