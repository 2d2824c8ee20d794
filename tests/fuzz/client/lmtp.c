/* All that an LMTP server says to qmail-lmtp, all at once or in pieces: the outcome is the same, and the
 * report has no NUL.  As all is said before the message could end, it is never "delivered". */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>

#include "client/lmtp.h"

enum {
	PIECES_MAX = 200,
	INPUT_MAX = 20000,
	TIMEOUT_MS = 2, /* all that will come is there already */
};

static int
message_file(void)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	claim(fd >= 0 && fd_write_all(fd, VIEW("Subject: x\n\n.\n..dots\nlast")) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void
run(struct view input, size_t step, enum lmtp_result *result, struct str *report,
    struct str *sent)
{
	static struct session session; /* large */
	struct limits limits = limits_default();
	struct lmtp lmtp = { .place = "PLACE",
		.helo = VIEW("mx.example.net"),
		.sender = VIEW("a@example.net"),
		.recipient = VIEW("b c@example.org"),
		.first_line = VIEW("Delivered-To: b\n"),
		.message = message_file() };
	int ends[2];

	fuzz_pair(ends);
	fuzz_say(ends[1], input, step);
	claim(shutdown(ends[1], SHUT_WR) == 0);
	session_init(&session);
	session_open(&session, ends[0], TIMEOUT_MS, deadline_never(), &limits);
	*result = lmtp_deliver(&lmtp, &session, report);
	session_free(&session);
	fuzz_take_sent(ends[1], sent);
	close(ends[1]);
	close(lmtp.message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view input = { (const char *)data, size < INPUT_MAX ? size : INPUT_MAX };
	uint8_t choice = fuzz_choice(&input);
	size_t step = 1 + input.len / PIECES_MAX + choice;
	enum lmtp_result whole, pieces;
	struct str report = { 0 }, again = { 0 }, sent = { 0 }, sent_again = { 0 };

	run(input, INPUT_MAX, &whole, &report, &sent);
	run(input, step, &pieces, &again, &sent_again);
	claim(whole == pieces);
	claim(view_equal(str_view(&report), str_view(&again)));
	claim(report.len > 0 && report.at[report.len - 1] == '\n');
	claim(view_index(str_view(&report), '\0') == report.len);
	/* Everything was said before the message could end: it cannot have been taken. */
	claim(whole != LMTP_DELIVERED);
	claim(!view_contains(str_view(&sent), VIEW("\r\n.\r\n")));
	str_free(&report);
	str_free(&again);
	str_free(&sent);
	str_free(&sent_again);
	return 0;
}
