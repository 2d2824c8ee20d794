/* qmail-inject - put a message with a header into the queue.  See qmail-inject(8). */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "config/dialect.h"
#include "inject/envelope.h"
#include "inject/fields.h"
#include "inject/forwarded.h"
#include "inject/settings.h"
#include "lib/complain.h"
#include "lib/program.h"
#include "lib/quote.h"
#include "lib/reader.h"
#include "message/fieldreader.h"
#include "os/os.h"
#include "queue/submit.h"

enum {
	EXIT_PERMANENT = 100,
	EXIT_TEMPORARY = 111,
	BUFFER = 65536,
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-inject: fatal: out of memory\n", EXIT_TEMPORARY);
}

struct message {
	struct inject_settings settings;
	struct envelope envelope;
	struct fields fields;
	struct str complaint;
	bool is_empty; /* there is no message at all */
	struct reader in;
	char in_buffer[BUFFER];

	/* The message leaves by one of these. */
	struct submit queue;
	struct writer print;
	char print_buffer[BUFFER];
};

/* --- the header ----------------------------------------------------------------------------- */

/* One field, whose text is used up; the line of an mbox becomes a field of its own name. */
static enum inject_status
take_field(struct message *m, struct str *field)
{
	struct str named = { 0 };
	enum inject_status status;

	if (view_starts(str_view(field), VIEW("From ")))
		str_append_text(&named, "MBOX-Line: ");
	str_append(&named, str_view(field));
	status = fields_take(
	    &m->fields, str_view(&named), &m->settings, &m->envelope, &m->complaint);
	str_free(&named);
	return status;
}

/* Read to the end of the header; *first is what of the body was read. */
static enum inject_status
read_header(struct message *m, struct str *first)
{
	struct fieldreader header = { .in = &m->in };
	struct str field = { 0 };
	enum fieldreader_status got;
	enum inject_status status = INJECT_OK;

	while (status == INJECT_OK &&
	    (got = fieldreader_next(&header, &field)) != FIELDREADER_END)
		switch (got) {
		case FIELDREADER_FIELD:
		case FIELDREADER_END:
			status = take_field(m, &field);
			break;
		case FIELDREADER_TOO_LONG:
			status = inject_fail(&m->complaint, INJECT_PERMANENT,
			    "the header is too long", VIEW(""));
			break;
		case FIELDREADER_ERROR:
			status = inject_fail(
			    &m->complaint, INJECT_TEMPORARY, "read error", VIEW(""));
			break;
		}
	if (status == INJECT_OK)
		fieldreader_append_body(&header, first);
	m->is_empty = header.total == 0 && !header.has_body;
	fieldreader_free(&header);
	str_free(&field);
	return status;
}

/* --- the message goes out ------------------------------------------------------------------- */

static void
put(struct message *m, struct view octets)
{
	if (m->settings.print)
		writer_put(&m->print, octets);
	else
		submit_put(&m->queue, octets);
}

/* With -n the sender is told by a Return-Path, as a mailbox would have it. */
static void
put_return_path(struct message *m)
{
	struct str line = { 0 };

	str_append_text(&line, "Return-Path: <");
	quote_address(&line, str_view(&m->envelope.sender));
	str_append_text(&line, ">\n");
	put(m, str_view(&line));
	str_free(&line);
}

static enum inject_status
put_header(struct message *m)
{
	struct str added = { 0 };
	enum inject_status status =
	    envelope_default_sender(&m->envelope, &m->settings, &m->complaint);

	if (status == INJECT_OK)
		status =
		    forwarded_rewrite_sender(&m->envelope, &m->settings, &m->complaint);
	if (status == INJECT_OK)
		status =
		    fields_add_missing(&m->fields, &m->settings, &added, &m->complaint);
	if (status == INJECT_OK && !m->settings.print && submit_open(&m->queue, NULL) < 0)
		status = inject_fail(&m->complaint, INJECT_TEMPORARY,
		    "unable to run qmail-queue", VIEW(""));
	if (status == INJECT_OK) {
		if (m->settings.print)
			put_return_path(m);
		put(m, str_view(&added));
		put(m, str_view(&m->fields.kept));
	}
	str_free(&added);
	return status;
}

/* The rest of the input, and a line end if it lacks one. */
static enum inject_status
put_body(struct message *m, struct view first)
{
	char last = first.len > 0 ? first.at[first.len - 1] : '\n';
	enum reader_status status;

	put(m, first);
	while ((status = reader_fill(&m->in)) == READER_OK) {
		struct view octets = reader_buffered(&m->in);

		put(m, octets);
		last = octets.at[octets.len - 1];
		reader_skip(&m->in, octets.len);
	}
	if (last != '\n')
		put(m, VIEW("\n"));
	if (status == READER_EOF)
		return INJECT_OK;
	if (!m->settings.print)
		submit_fail(&m->queue);
	return inject_fail(&m->complaint, INJECT_TEMPORARY, "read error", VIEW(""));
}

/* --- the envelope --------------------------------------------------------------------------- */

static void
put_recipients(struct message *m, const struct address_list *list)
{
	struct view rest = str_view(&list->bytes), address;

	while (address_list_next(&rest, &address))
		submit_recipient(&m->queue, address);
}

static const struct address_list *
header_recipients(const struct message *m)
{
	return fields_are_resent(&m->fields) ? &m->envelope.resent : &m->envelope.header;
}

static enum inject_status
close_queue(struct message *m)
{
	struct submit_verdict verdict = { 0 };
	enum inject_status status = INJECT_OK;

	submit_sender(&m->queue, str_view(&m->envelope.sender));
	put_recipients(m, &m->envelope.arguments);
	if (m->settings.recipients != RECIPIENTS_ARGUMENTS)
		put_recipients(m, header_recipients(m));
	submit_close(&m->queue, &verdict);
	if (verdict.class != SUBMIT_OK)
		status = inject_fail(&m->complaint,
		    verdict.class == SUBMIT_PERMANENT ? INJECT_PERMANENT
						      : INJECT_TEMPORARY,
		    "", str_view(&verdict.text));
	submit_verdict_free(&verdict);
	return status;
}

static enum inject_status
close_print(struct message *m)
{
	if (writer_flush(&m->print) == 0)
		return INJECT_OK;
	return inject_fail(
	    &m->complaint, INJECT_TEMPORARY, "unable to write the message", VIEW(""));
}

static bool
has_recipients(const struct message *m)
{
	return m->envelope.arguments.count > 0 ||
	    (m->settings.recipients != RECIPIENTS_ARGUMENTS &&
		header_recipients(m)->count > 0);
}

/* A message for nobody would be lost without a word, as stock does; in strict mode it is.  A filter
 * that prints nothing has nothing to send: that is no error. */
static enum inject_status
refuse_for_nobody(struct message *m)
{
	struct problem problem;
	bool strict = false;

	if (strict_read(&strict, &problem) == ANSWER_ERROR)
		return inject_fail(&m->complaint, INJECT_TEMPORARY, "unable to read ",
		    view_of(problem.where));
	if (strict || m->is_empty)
		return INJECT_OK;
	return inject_fail(&m->complaint, INJECT_PERMANENT, "no recipients", VIEW(""));
}

static enum inject_status
inject(struct message *m)
{
	struct str first = { 0 };
	enum inject_status status = read_header(m, &first);

	if (status == INJECT_OK && !m->settings.print && !has_recipients(m))
		status = refuse_for_nobody(m);
	if (status == INJECT_OK)
		status = put_header(m);
	if (status == INJECT_OK)
		status = put_body(m, str_view(&first));
	if (status == INJECT_OK)
		status = m->settings.print ? close_print(m) : close_queue(m);
	str_free(&first);
	return status;
}

static int
end(struct message *m, enum inject_status status)
{
	if (status != INJECT_OK)
		complain("qmail-inject: fatal: ", str_text(&m->complaint), (char *)NULL);
	settings_free(&m->settings);
	envelope_free(&m->envelope);
	fields_free(&m->fields);
	str_free(&m->complaint);
	return status == INJECT_OK       ? 0
	    : status == INJECT_PERMANENT ? EXIT_PERMANENT
					 : EXIT_TEMPORARY;
}

int
main(int argc, char **argv)
{
	struct message m = { 0 };
	struct inject_settings *s = &m.settings;
	enum inject_status status;

	program_start(out_of_memory);
	s->now = time(NULL);
	s->pid = getpid();
	reader_init(&m.in, STDIN_FILENO, m.in_buffer, sizeof m.in_buffer, -1, NULL);
	writer_init(&m.print, STDOUT_FILENO, m.print_buffer, sizeof m.print_buffer, -1);

	status = settings_read_caller(s, argc, argv, &m.complaint);
	if (status == INJECT_OK && program_enter_home() < 0)
		status = inject_fail(&m.complaint, INJECT_TEMPORARY,
		    "unable to switch to home directory", VIEW(""));
	if (status == INJECT_OK)
		status = settings_read_controls(s, &m.complaint);
	if (status == INJECT_OK)
		status = envelope_from_arguments(&m.envelope, s, &m.complaint);
	if (status == INJECT_OK)
		status = inject(&m);
	return end(&m, status);
}
