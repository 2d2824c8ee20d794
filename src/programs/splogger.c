/* splogger - hand the lines of descriptor 0 to syslog.  See splogger(8). */
#define _DEFAULT_SOURCE /* syslog.h */
#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "lib/scan.h"
#include "lib/str.h"
#include "os/os.h"

enum {
	EXIT_USAGE = 100,
	EXIT_FAILED = 111,
	BUFFER = 65536,
	PIECE = 799, /* octets; syslogs cut long lines */
	FACILITY_MAX = 127,
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "splogger: fatal: out of memory\n", EXIT_FAILED);
}

/* A line that is too long for syslog goes in pieces, which have one stamp and one priority. */
struct piece {
	struct str text, stamp;
	int priority;
	bool continues;
};

static void
begin_line(struct piece *p)
{
	struct timespec now = { 0 };
	struct view text = str_view(&p->text);

	clock_gettime(CLOCK_REALTIME, &now);
	str_clear(&p->stamp);
	fmt_u64(&p->stamp, (uint64_t)now.tv_sec);
	str_append_byte(&p->stamp, '.');
	fmt_u64_padded(&p->stamp, (uint64_t)(now.tv_nsec / 1000), 6);
	p->priority = view_starts(text, VIEW("warning:")) ? LOG_WARNING
	    : view_starts(text, VIEW("alert:"))           ? LOG_ALERT
							  : LOG_INFO;
}

static void
flush(struct piece *p)
{
	if (p->text.len == 0)
		return;
	if (!p->continues)
		begin_line(p);
	syslog(p->priority, "%s%c%s", str_text(&p->stamp), p->continues ? '+' : ' ',
	    str_text(&p->text));
	p->continues = true;
	str_clear(&p->text);
}

static void
take(struct piece *p, struct view bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		char c = bytes.at[i];

		if (c == '\n') {
			flush(p);
			p->continues = false;
			continue;
		}
		if (p->text.len == PIECE)
			flush(p);
		str_append_byte(&p->text, c < ' ' || c > '~' ? '?' : c);
	}
}

/* LOG_MAIL, or the number that stands for another facility: 16 is local0. */
static int
facility_of(const char *number)
{
	uint64_t n;

	if (!number)
		return LOG_MAIL;
	if (!scan_whole_u64(view_of(number), &n) || n > FACILITY_MAX) {
		complain("splogger: usage: splogger [ tag [ facility ] ]", (char *)NULL);
		_exit(EXIT_USAGE);
	}
	return (int)n << 3;
}

int
main(int argc, char **argv)
{
	char buffer[BUFFER];
	struct reader in;
	struct piece piece = { 0 };
	enum reader_status status;

	program_start(out_of_memory);
	openlog(
	    argc > 1 ? argv[1] : "splogger", 0, facility_of(argc > 2 ? argv[2] : NULL));
	reader_init(&in, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	while ((status = reader_fill(&in)) == READER_OK) {
		struct view bytes = reader_buffered(&in);

		take(&piece, bytes);
		reader_skip(&in, bytes.len);
	}
	flush(&piece);
	str_free(&piece.text);
	str_free(&piece.stamp);
	return status == READER_EOF ? 0 : EXIT_FAILED;
}
