#include "qmqp/parcel.h"

#include <errno.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/netstring.h"
#include "queue/envelope.h"

enum {
	OCTETS_MAX = 2000000000, /* of all; servers of qmail's take a little more */
	PIECE = 65536,
};

static enum queue_exit
read_message(struct parcel *p, int fd)
{
	if (fd_read_all(fd, &p->message, OCTETS_MAX) == 0)
		return QUEUE_OK;
	return errno == EFBIG ? QUEUE_REFUSED : QUEUE_READ_ERROR;
}

/* One more piece of the records; *is_done when that was the last of them.  An end before it is a bad
 * envelope here, not a read error, as in qmail. */
static enum queue_exit
read_piece(
    struct envelope *envelope, int fd, char *buffer, struct str *records, bool *is_done)
{
	ssize_t got = fd_read(fd, buffer, PIECE);
	size_t accepted;

	if (got < 0)
		return QUEUE_READ_ERROR;
	if (got == 0)
		return QUEUE_BAD_ENVELOPE;
	envelope_feed(envelope, (struct view) { buffer, (size_t)got }, &accepted);
	str_append(records, (struct view) { buffer, accepted });
	*is_done = envelope->status == ENVELOPE_DONE;
	return records->len > OCTETS_MAX ? QUEUE_REFUSED
					 : envelope_exit(envelope->status);
}

static enum queue_exit
read_records(int fd, struct str *records)
{
	struct envelope envelope = { 0 };
	enum queue_exit result = QUEUE_OK;
	struct str buffer = { 0 };
	bool is_done = false;

	str_reserve(&buffer, PIECE);
	while (result == QUEUE_OK && !is_done)
		result = read_piece(&envelope, fd, buffer.at, records, &is_done);
	str_free(&buffer);
	return result;
}

/* Each record is a letter, an address and a NUL. */
static void
append_addresses(struct str *out, struct view records)
{
	struct view record;

	while (view_cut(records, '\0', &record, &records))
		netstring_append(out, view_from(record, 1));
}

enum queue_exit
parcel_read(struct parcel *p, int message, int envelope)
{
	struct str records = { 0 };
	enum queue_exit result = read_message(p, message);
	struct str length = { 0 };

	if (result == QUEUE_OK)
		result = read_records(envelope, &records);
	if (result == QUEUE_OK) {
		fmt_u64(&length, p->message.len);
		str_append_byte(&length, ':');
		str_append_byte(&p->tail, ',');
		append_addresses(&p->tail, str_view(&records));
		fmt_u64(&p->head, length.len + p->message.len + p->tail.len);
		str_append_byte(&p->head, ':');
		str_append(&p->head, str_view(&length));
		str_append_byte(&p->tail, ',');
	}
	str_free(&length);
	str_free(&records);
	return result;
}

void
parcel_free(struct parcel *p)
{
	str_free(&p->head);
	str_free(&p->message);
	str_free(&p->tail);
}
