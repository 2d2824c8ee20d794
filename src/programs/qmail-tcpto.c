/* qmail-tcpto - show the addresses that timed out lately.  See qmail-tcpto(8). */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/tcpto.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/program.h"
#include "os/os.h"

enum { EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDOUT_FILENO, "fatal: out of memory\n", EXIT_FAILED);
}

/* qmail's errors are on descriptor 1, and so are ours. */
static int
fail(const char *what)
{
	const char *why = strerror(errno);
	struct str line = { 0 };

	str_append_text(&line, "fatal: unable to ");
	str_append_text(&line, what);
	str_append_text(&line, ": ");
	str_append_text(&line, why);
	str_append_byte(&line, '\n');
	fd_write_all(STDOUT_FILENO, str_view(&line));
	str_free(&line);
	return EXIT_FAILED;
}

static void
put_entry(struct str *out, const struct tcpto_entry *entry, int64_t now)
{
	ip_format(out, &entry->ip);
	str_append_text(out, " timed out ");
	fmt_u64(out, now > entry->when ? (uint64_t)(now - entry->when) : 0);
	str_append_text(out, " seconds ago; # recent timeouts: ");
	fmt_u64(out, entry->count);
	str_append_byte(out, '\n');
}

/* NULL, or what could not be done. */
static const char *
put_table(struct str *out, unsigned version, int64_t now)
{
	struct tcpto_entry entries[TCPTO_RECORDS];
	size_t i, count = 0;
	const char *failed = tcpto_list(version, entries, &count);

	for (i = 0; !failed && i < count; i++)
		put_entry(out, &entries[i], now);
	return failed;
}

int
main(void)
{
	int64_t now = (int64_t)time(NULL);
	struct str out = { 0 };
	const char *failed;
	int result;

	program_start(out_of_memory);
	if (program_enter_home() < 0)
		return fail("chdir");
	failed = put_table(&out, 4, now);
	if (failed)
		return fail(failed);
	/* qmail has none for IPv6, and nor has a home that another suite made. */
	failed = put_table(&out, 6, now);
	if (failed && errno == ENOENT)
		failed = NULL;
	result = print_all("qmail-tcpto", str_view(&out));
	str_free(&out);
	if (failed)
		return fail(failed);
	return result < 0 ? EXIT_FAILED : 0;
}
