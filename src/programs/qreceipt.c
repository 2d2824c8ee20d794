/* qreceipt - tell the sender that a message was delivered, if its header asks for that.  See
 * qreceipt(1). */
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/date.h"
#include "lib/env.h"
#include "lib/program.h"
#include "lib/quote.h"
#include "lib/reader.h"
#include "message/fieldreader.h"
#include "message/header.h"
#include "message/mailbox.h"
#include "os/os.h"
#include "queue/submit.h"

enum { EXIT_PERMANENT = 100, EXIT_TEMPORARY = 111, BUFFER = 65536 };

/* What the header has for us. */
struct request {
	struct view target; /* the address that was delivered to */
	bool is_asked_for;
	struct str message_id; /* the whole field */
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qreceipt: fatal: out of memory\n", EXIT_TEMPORARY);
}

static _Noreturn void
fail(int status, const char *what)
{
	complain("qreceipt: fatal: ", what, (char *)NULL);
	_exit(status);
}

static _Noreturn void
usage(void)
{
	complain("qreceipt: usage: qreceipt deliveryaddress", (char *)NULL);
	_exit(EXIT_PERMANENT);
}

static void
compare(struct tokens *address, void *context)
{
	struct request *r = context;
	struct str text = { 0 };

	tokens_unquote(&text, address);
	if (view_equal(str_view(&text), r->target))
		r->is_asked_for = true;
	str_free(&text);
}

enum { NAME_AND_COLON = 2 };

/* A field that cannot be parsed asks for nothing: no delivery is to fail for it. */
static void
look_for_request(struct request *r, struct view field)
{
	struct tokens before = { 0 }, after = { 0 };
	struct arena mem = { 0 };
	struct request asked = *r;

	if (tokens_parse(&before, field, &mem) &&
	    mailbox_walk(&before, NAME_AND_COLON, compare, &asked, &after))
		r->is_asked_for = asked.is_asked_for;
	tokens_free(&before);
	tokens_free(&after);
	arena_free(&mem);
}

static void
read_header(struct request *r)
{
	char buffer[BUFFER];
	struct reader in;
	struct fieldreader header = { .in = &in };
	struct str field = { 0 };
	enum fieldreader_status status;

	reader_init(&in, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	while ((status = fieldreader_next(&header, &field)) == FIELDREADER_FIELD) {
		enum header_field which = header_field_of(str_view(&field));

		if (which == HEADER_MESSAGE_ID)
			str_set(&r->message_id, str_view(&field));
		if (which == HEADER_NOTICE_REQUESTED)
			look_for_request(r, str_view(&field));
	}
	if (status == FIELDREADER_ERROR)
		fail(EXIT_TEMPORARY, "read error");
	fieldreader_free(&header);
	str_free(&field);
}

static void
write_notice(struct str *out, const struct request *r, const char *sender)
{
	str_append_text(out, "Date: ");
	date_format(out, time(NULL));
	str_append_text(out, "\nFrom: DELIVERY NOTICE SYSTEM <");
	quote_address(out, view_of(sender));
	str_append_text(out, ">\nTo: <");
	quote_address(out, view_of(sender));
	str_append_text(out,
	    ">\nSubject: success notice\n"
	    "Auto-Submitted: auto-replied\n\n"
	    "Hi! This is the qreceipt program. Your message was delivered to the\n"
	    "following address: ");
	str_append(out, r->target);
	str_append_text(out, ". Thanks for asking.\n");
	if (r->message_id.len > 0) {
		str_append_text(out, "Your ");
		str_append(out, str_view(&r->message_id));
	}
}

/* With the null sender: a receipt that cannot be delivered is no news. */
static void
send_notice(struct view notice, const char *sender)
{
	struct submit queue;
	struct submit_verdict verdict = { 0 };

	if (program_enter_home() < 0)
		fail(EXIT_TEMPORARY, "unable to switch to home directory");
	if (submit_open(&queue, NULL) < 0)
		fail(EXIT_TEMPORARY, "unable to run qmail-queue");
	submit_put(&queue, notice);
	submit_sender(&queue, VIEW(""));
	submit_recipient(&queue, view_of(sender));
	submit_close(&queue, &verdict);
	if (verdict.class != SUBMIT_OK)
		fail(verdict.class == SUBMIT_PERMANENT ? EXIT_PERMANENT : EXIT_TEMPORARY,
		    str_text(&verdict.text));
	submit_verdict_free(&verdict);
}

int
main(int argc, char **argv)
{
	struct request request = { 0 };
	struct str notice = { 0 };
	const char *sender = env_value("SENDER");

	program_start(out_of_memory);
	if (argc < 2 || !sender)
		usage();
	request.target = view_of(argv[1]);
	read_header(&request);
	if (!request.is_asked_for || view_is_empty(view_of(sender)) ||
	    view_equal(view_of(sender), VIEW("#@[]")))
		return 0;
	write_notice(&notice, &request, sender);
	send_notice(str_view(&notice), sender);
	str_free(&notice);
	str_free(&request.message_id);
	return 0;
}
