/* All that qmail-remote says and hears after it has connected, to any server that sends all it has at once or in
 * pieces: the report is the same, is one that qmail-rspawn takes, and says that the message was taken only
 * if the server said so; nothing but one transaction was sent.  The first octet chooses what there is to deliver; what stands
 * behind an octet of MARK is said when the end of the message is to be sent, as what comes earlier is no answer to it. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <sys/mman.h>

#include "client/attemptrun.h"
#include "smtp/dotstream.h"

enum {
	CREDENTIAL = 1,
	EIGHT_BIT = 2,
	RECIPIENTS = 2,
	PIECES_MAX = 200,
	INPUT_MAX = 20000,
	MARK = 0x1e,
	TIMEOUT_MS = 2, /* all that will come is there already */
};

static void
set_up(void)
{
	fuzz_enter_directory();
	fuzz_write_file("control/me", VIEW("mx.example.net\n"));
	fuzz_write_file("control/authclear", VIEW("*\n"));
	fuzz_write_file("control/tlsdestinations", VIEW("*:-\n"));
}

static void
make_task(struct task *task, struct recipient *recipients, uint8_t choice)
{
	struct problem problem;
	struct view message = choice & EIGHT_BIT
	    ? VIEW("Subject: \xe4\n\nbody\n")
	    : VIEW("Subject: x\n\n.\n..dots\nlast\rline\n");

	*task = (struct task) { .host = VIEW("example.org"),
		.sender = VIEW("a@example.net"),
		.routed_sender = VIEW("a@example.net"),
		.recipients = recipients,
		.recipient_count = RECIPIENTS,
		.message = memfd_create("message", MFD_CLOEXEC),
		.resolver = resolver_table(""),
		.end = deadline_never() };
	claim(controls_read(&task->controls, &problem) == CONTROLS_OK);
	task->controls.timeoutremote_ms = TIMEOUT_MS;
	claim(task->message >= 0 && fd_write_all(task->message, message) == 0 &&
	    lseek(task->message, 0, SEEK_SET) == 0);
	recipients[0] = (struct recipient) { .address = VIEW("b@example.org") };
	recipients[1] = (struct recipient) { .address = VIEW("c d@example.org") };
	if (choice & CREDENTIAL)
		credential_set(&task->route.credential, VIEW("user"), VIEW("pencil"));
}

static void
drop_task(struct task *task)
{
	controls_free(&task->controls);
	route_free(&task->route);
	resolver_free(task->resolver);
	close(task->message);
}

/* What the server has still to say. */
struct server {
	int fd;
	struct view rest;
	size_t step;
};

static void
answer_message(void *context)
{
	struct server *server = context;

	fuzz_say(server->fd, server->rest, server->step);
	shutdown(server->fd, SHUT_WR);
}

/* What is reported and was sent, if what the server sends comes in pieces of `step`.  False: it could not
 * be tried. */
static bool
run(struct view input, size_t step, uint8_t choice, struct report *report,
    struct str *sent)
{
	static struct attempt attempt; /* large */
	struct target target = { .port = 9,
		.ip = { 4, { 127, 0, 0, 1 } },
		.name = VIEW("mx.example.org"),
		.asked = VIEW("mx.example.org") };
	struct recipient recipients[RECIPIENTS];
	struct problem problem = { 0 };
	struct server server = { -1, VIEW(""), step };
	struct view first = input;
	struct task task;
	int ends[2];

	if (!view_cut(input, MARK, &first, &server.rest)) {
		if (!fuzz_connect(input, step, ends))
			return false;
	} else {
		fuzz_pair(ends);
		fuzz_say(ends[1], first, step);
	}
	server.fd = ends[1];
	make_task(&task, recipients, choice);
	attempt_init(&attempt, &task, report);
	attempt.before_dot = answer_message;
	attempt.context = &server;
	claim(attempt_run(&attempt, &target, ends[0], &problem) != ATTEMPT_CONTROLS);
	session_quit(&attempt.session);
	attempt_free(&attempt);
	drop_task(&task);
	fuzz_take_sent(ends[1], sent);
	close(ends[1]);
	return true;
}

/* --- what must be true of the report ----------------------------------------------------------------- */

/* The codes of the server's replies, as anybody would read them: 0 behind the last. */
static void
read_codes(struct view input, unsigned codes[], size_t max)
{
	struct view line;
	size_t count = 0;

	while (count < max && view_cut(input, '\n', &line, &input)) {
		unsigned code = 0;
		size_t i;

		if (line.len > 0 && line.at[0] == MARK)
			line = view_from(line, 1);
		for (i = 0; i < 3 && i < line.len; i++)
			code = code * 10 + (unsigned)(unsigned char)line.at[i] - '0';
		if (line.len < 4 || line.at[3] != '-')
			codes[count++] = code;
	}
	while (count < max)
		codes[count++] = 0;
}

static size_t
count_letter(struct view reports, char letter)
{
	struct view report;
	size_t found = 0;

	while (view_cut(reports, '\0', &report, &reports))
		found += report.len > 0 && report.at[0] == letter;
	return found;
}

/* By which command did the message go, and how many recipients did it have? */
static bool
has_chunks(struct view sent, size_t *recipients)
{
	struct view line;

	while (view_cut(sent, '\n', &line, &sent)) {
		*recipients += view_starts(line, VIEW("RCPT "));
		if (view_starts(line, VIEW("BDAT ")) || view_starts(line, VIEW("DATA")))
			return line.at[0] == 'B';
	}
	return false;
}

/* Without AUTH, and if EHLO was taken, the order of the replies is known. */
static void
check_success(struct view input, struct view sent, const struct report *report)
{
	enum { GREETING, EHLO, MAIL, FIRST_RCPT, DATA = FIRST_RCPT + RECIPIENTS, END };
	unsigned codes[END + 1];
	size_t accepted, recipients = 0;
	bool chunked = has_chunks(sent, &recipients);

	read_codes(input, codes, END + 1);
	if (codes[EHLO] != 250 || recipients < RECIPIENTS) /* not if RCPTMAX is 1 */
		return;
	accepted = (size_t)(codes[FIRST_RCPT] / 100 == 2) +
	    (size_t)(codes[FIRST_RCPT + 1] / 100 == 2);
	claim(codes[GREETING] == 220 && codes[MAIL] / 100 == 2 && accepted > 0);
	claim(count_letter(str_view(&report->recipients), 'r') == accepted);
	claim(chunked ? codes[DATA] / 100 == 2
		      : codes[DATA] == 354 && codes[END] / 100 == 2);
}

static void
check_report(const struct report *r)
{
	struct view recipients = str_view(&r->recipients), one;
	size_t count = 0;

	while (view_cut(recipients, '\0', &one, &recipients)) {
		claim(one.len > 0 && view_index(VIEW("rhs"), one.at[0]) < 3);
		count++;
	}
	claim(recipients.len == 0 && (count == 0 || count <= RECIPIENTS));
	claim(r->message.len > 1 && view_index(VIEW("KZD"), r->message.at[0]) < 3);
	claim(view_index(str_view(&r->message), '\0') >= r->message.len - 1);
	if (r->message.at[0] == 'K')
		claim(count == RECIPIENTS &&
		    count_letter(str_view(&r->recipients), 'r') > 0);
}

/* What is said behind the answer to STARTTLS is dropped if it is read with it, and else spoils the handshake:
 * there is no TLS either way. */
static bool
is_same_message(struct view a, struct view b)
{
	const struct view no_tls = VIEW("ZTLS connect failed: ");

	return view_equal(a, b) || (view_starts(a, no_tls) && view_starts(b, no_tls));
}

/* --- and of what was sent ------------------------------------------------------------------------------ */

/* Commands are lines, MAIL and DATA come once at most; and of a message that was taken the end was sent. */
static void
check_sent(struct view sent, bool taken)
{
	struct dotstream d = { .bare_lf = BARE_LF_REJECT };
	struct view line, rest = sent;
	size_t mails = 0, datas = 0;
	char out[4096];
	size_t made;

	while (datas == 0 && view_cut(rest, '\n', &line, &rest)) {
		claim(line.len > 0 && line.at[line.len - 1] == '\r');
		claim(view_index(line, '\r') == line.len - 1);
		mails += view_starts(line, VIEW("MAIL "));
		datas +=
		    view_starts(line, VIEW("DATA")) || view_starts(line, VIEW("BDAT "));
		if (view_starts(line, VIEW("BDAT ")))
			return;
	}
	claim(mails <= 1 && rest.len <= sizeof out);
	if (datas == 0 || rest.len == 0 || view_equal(rest, VIEW("QUIT\r\n")))
		return;
	rest = view_from(rest, dotstream_push(&d, rest, out, &made));
	claim((d.state == DOTS_END || !taken) && !d.saw_bare_lf && !d.saw_bare_cr);
	claim(rest.len == 0 || view_equal(rest, VIEW("QUIT\r\n")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct view input = { (const char *)data, size };
	struct report whole = { 0 }, cut = { 0 };
	struct str sent = { 0 }, sent_cut = { 0 };
	uint8_t choice;
	size_t step;

	if (!ready)
		set_up();
	ready = true;
	if (size > INPUT_MAX)
		return 0;
	choice = fuzz_choice(&input);
	step = (size_t)(choice >> 4) + 1 + input.len / PIECES_MAX;
	if (run(input, INPUT_MAX, choice, &whole, &sent) &&
	    run(input, step, choice, &cut, &sent_cut)) {
		check_report(&whole);
		check_sent(str_view(&sent), whole.message.at[0] == 'K');
		claim(view_equal(str_view(&whole.recipients), str_view(&cut.recipients)));
		claim(is_same_message(str_view(&whole.message), str_view(&cut.message)));
		if (whole.message.at[0] == 'K' && !(choice & CREDENTIAL))
			check_success(input, str_view(&sent), &whole);
	}
	report_free(&whole);
	report_free(&cut);
	str_free(&sent);
	str_free(&sent_cut);
	return 0;
}
