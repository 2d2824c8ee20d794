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
#include "lib/syslogger.h"
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
	struct syslogger log;
	const char *tag;
	int facility;
	struct str text, stamp, entry;
	int64_t seconds;
	int priority;
	bool continues;
};

static void
begin_line(struct piece *p)
{
	struct timespec now = { 0 };
	struct view text = str_view(&p->text);

	clock_gettime(CLOCK_REALTIME, &now);
	p->seconds = now.tv_sec;
	str_clear(&p->stamp);
	fmt_u64(&p->stamp, (uint64_t)now.tv_sec);
	str_append_byte(&p->stamp, '.');
	fmt_u64_padded(&p->stamp, (uint64_t)(now.tv_nsec / 1000), 6);
	p->priority = view_starts(text, VIEW("warning:")) ? LOG_WARNING
	    : view_starts(text, VIEW("alert:"))           ? LOG_ALERT
							  : LOG_INFO;
}

static void
send_entry(struct piece *p, int priority, char mark, struct view text)
{
	str_clear(&p->entry);
	syslogger_begin(&p->entry, p->facility | priority, p->seconds);
	str_append_byte(&p->entry, ' ');
	str_append_text(&p->entry, p->tag);
	str_append_text(&p->entry, ": ");
	str_append(&p->entry, str_view(&p->stamp));
	str_append_byte(&p->entry, mark);
	str_append(&p->entry, text);
	syslogger_send(&p->log, str_view(&p->entry));
}

/* Say how many entries syslog did not take, once it takes some again: in front of those. */
static void
tell_lost(struct piece *p)
{
	struct str text = { 0 };
	uint64_t lost = p->log.lost;

	if (lost == 0)
		return;
	str_append_text(
	    &text, "warning: splogger: entries lost while syslog took none: ");
	fmt_u64(&text, lost);
	p->log.lost = 0;
	send_entry(p, LOG_WARNING, ' ', str_view(&text));
	if (p->log.lost > 0)
		p->log.lost = lost;
	str_free(&text);
}

static void
flush(struct piece *p)
{
	if (p->text.len == 0)
		return;
	if (!p->continues)
		begin_line(p);
	tell_lost(p);
	send_entry(p, p->priority, p->continues ? '+' : ' ', str_view(&p->text));
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

static void
end(struct piece *p)
{
	flush(p);
	tell_lost(p);
	if (p->log.lost > 0)
		complain("splogger: warning: syslog took no more entries", (char *)NULL);
	syslogger_close(&p->log);
	str_free(&p->text);
	str_free(&p->stamp);
	str_free(&p->entry);
}

int
main(int argc, char **argv)
{
	char buffer[BUFFER];
	struct reader in;
	struct piece piece = { .tag = argc > 1 ? argv[1] : "splogger" };
	enum reader_status status;

	program_start(out_of_memory);
	piece.facility = facility_of(argc > 2 ? argv[2] : NULL);
	syslogger_init(&piece.log, "/dev/log");
	tzset();
	reader_init(&in, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	while ((status = reader_fill(&in)) == READER_OK) {
		struct view bytes = reader_buffered(&in);

		take(&piece, bytes);
		reader_skip(&in, bytes.len);
	}
	end(&piece);
	return status == READER_EOF ? 0 : EXIT_FAILED;
}
