#include "server/bdat.h"

#include "config/control.h"
#include "server/progress.h"
#include "server/session.h"
#include "server/sessionreply.h"
#include "server/verdict.h"
#include "smtp/chunk.h"

bool
bdat_is_offered(struct session *s)
{
	struct session_chunks *chunks = &s->chunks;
	struct problem problem;

	if (s->settings->strict)
		return false;
	if (chunks->known)
		return chunks->offered;
	chunks->offered = s->settings->dialect == DIALECT_NOTQMAIL;
	/* An unreadable file says neither: nothing depends on what is offered. */
	if (control_number_env("control/chunking", "CHUNKING", &chunks->offered,
		&problem) == ANSWER_ERROR) {
		log_problem(&s->log, &problem);
		chunks->offered = false;
	}
	chunks->known = true;
	return chunks->offered;
}

/* The next octets of a chunk, at most `left`, as they are read; `wanted` false: they are not.  How
 * many; 0 and the session is over when there are none. */
static size_t
take_piece(struct session *s, uint64_t left, bool wanted)
{
	enum reader_status status = reader_fill(&s->reader);
	struct view piece;
	size_t made, used;

	if (status != READER_OK) {
		session_lost(s, status);
		return 0;
	}
	piece = reader_buffered(&s->reader);
	if (piece.len > left)
		piece = view_first(piece, (size_t)left);
	used = piece.len;
	if (wanted) {
		used =
		    dotstream_push(&s->message.text, piece, s->buffers->message, &made);
		message_put(s, (struct view) { s->buffers->message, made });
	}
	reader_skip(&s->reader, used);
	return used;
}

/* All octets of a chunk.  False when the session is over. */
static bool
read_chunk(struct session *s, uint64_t left, bool wanted)
{
	struct progress progress;

	progress_start(s, &progress);
	while (left > 0 && !s->over) {
		size_t took = take_piece(s, left, wanted);

		left -= took;
		progress_note(s, &progress, took);
		if (wanted && s->message.text.state == DOTS_STRAY_LF)
			message_break_off(s);
	}
	progress_end(s);
	return !s->over;
}

void
bdat_skip(struct session *s, struct view argument)
{
	struct chunk chunk;

	if (s->over)
		return;
	if (chunk_parse(argument, &chunk))
		read_chunk(s, chunk.octets, false);
	else
		session_close(s, "bdat");
}

static void
conclude(struct session *s)
{
	struct message_outcome outcome;

	message_put(s,
	    (struct view) { s->buffers->message,
		dotstream_finish(&s->message.text, s->buffers->message) });
	message_end(s, &outcome);
	verdict_tell(s, &outcome);
}

/* The message is open.  It stays so, unless this was its last chunk or it cannot be taken. */
static void
take_chunk(struct session *s, struct chunk chunk)
{
	if (!read_chunk(s, chunk.octets, true)) {
		message_reset(s);
	} else if (chunk.is_last) {
		conclude(s);
		message_reset(s);
	} else if (message_is_too_large(s)) {
		session_refuse(s, REPLY_TOO_LARGE, "databytes");
		message_reset(s);
	} else {
		session_reply(s, REPLY_OK);
	}
}

void
bdat_take(struct session *s, struct view argument)
{
	struct chunk chunk;
	bool is_welcome;

	if (!chunk_parse(argument, &chunk)) {
		session_refuse(s, REPLY_BAD_CHUNK, "bdat");
		session_close(s, "bdat");
		return;
	}
	is_welcome = s->message.open || spp_accepts_data(s);
	session_sigterm_kills(s, true);
	if (is_welcome && (s->message.open || message_begin(s, true))) {
		take_chunk(s, chunk);
	} else {
		message_reset(s);
		bdat_skip(s, argument);
	}
	session_sigterm_kills(s, false);
}
