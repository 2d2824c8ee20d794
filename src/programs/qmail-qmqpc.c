/* qmail-qmqpc - in the place of qmail-queue: give the message to a QMQP server.  The message on descriptor
 * 0, the envelope on descriptor 1.  See qmail-qmqpc(8). */
#include <errno.h>
#include <unistd.h>

#include "config/control.h"
#include "config/dialect.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/ipplace.h"
#include "lib/program.h"
#include "os/os.h"
#include "qmqp/offer.h"
#include "qmqp/parcel.h"

enum { PORT = 628 };

static const char servers_file[] = "control/qmqpservers";

static _Noreturn void
out_of_memory(void)
{
	_exit(QUEUE_NO_MEMORY);
}

/* What went wrong, for whoever reads the caller's errors; said only if the message was not taken. */
static void
note(struct str *notes, const char *where, size_t line, struct view what)
{
	str_append_text(notes, "qmail-qmqpc: ");
	str_append_text(notes, where);
	if (line) {
		str_append_byte(notes, ':');
		fmt_u64(notes, line);
	}
	str_append_text(notes, ": ");
	str_append(notes, what);
	str_append_byte(notes, '\n');
}

/* In turn, until one has the message, refuses it, or may have it.  What a server said is more than that
 * another one was not there. */
static enum queue_exit
offer_in_turn(const struct control_list *servers, const struct parcel *parcel,
    bool is_strict, struct str *notes)
{
	enum queue_exit result = QUEUE_NO_CONTROLS;
	struct offer offer = { .may_go_on = true };
	size_t i;

	for (i = 0; i < servers->count && offer.may_go_on; i++) {
		const struct control_entry *entry = &servers->entries[i];
		struct server server;

		if (!ip_parse_place(entry->text, PORT, &server.ip, &server.port)) {
			note(notes, servers_file, entry->line,
			    VIEW("not an address, with or without a port"));
			continue;
		}
		offer_to(&server, parcel, &offer);
		if (offer.result == QUEUE_OK || result != QUEUE_DEFERRED)
			result = offer.result;
		if (result != QUEUE_OK)
			note(notes, servers_file, entry->line, str_view(&offer.text));
		/* qmail goes on only where there was no connection */
		if (is_strict && result != QUEUE_CONNECT_TIMEOUT &&
		    result != QUEUE_CONNECT_FAILED)
			break;
		if (result == QUEUE_OK)
			break;
	}
	offer_free(&offer);
	return result;
}

static enum queue_exit
send_message(bool is_strict, struct str *notes)
{
	struct control_list servers = { 0 };
	struct problem problem = { 0 };
	struct parcel parcel = { 0 };
	enum queue_exit result;

	if (control_list(servers_file, &servers, &problem) != ANSWER_YES) {
		note(notes, servers_file, 0, VIEW("missing or unreadable"));
		return QUEUE_NO_CONTROLS;
	}
	result = parcel_read(&parcel, 0, 1);
	if (result == QUEUE_OK)
		result = offer_in_turn(&servers, &parcel, is_strict, notes);
	parcel_free(&parcel);
	control_list_free(&servers);
	return result;
}

int
main(void)
{
	struct problem problem = { 0 };
	struct str notes = { 0 };
	enum queue_exit result;
	bool is_strict = false;

	program_start(out_of_memory);
	if (program_enter_home() < 0)
		return QUEUE_NO_HOME;
	if (strict_read(&is_strict, &problem) == ANSWER_ERROR)
		return QUEUE_NO_CONTROLS;
	result = send_message(is_strict, &notes);
	if (result != QUEUE_OK && !is_strict)
		fd_write_all(STDERR_FILENO, str_view(&notes));
	str_free(&notes);
	return (int)result;
}
