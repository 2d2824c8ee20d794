#include "content/clamd.h"

#include <errno.h>
#include <string.h>

#include "lib/fd.h"

enum { LENGTH = 4 }; /* octets in front of a chunk, big-endian; 0 is the end */

_Static_assert(
    (int)CLAMD_CHUNK <= UINT16_MAX, "two octets of the length are not filled in");

/* --- answers ---------------------------------------------------------------------------------------- */

struct view
clamd_text(const struct clamd_verdict *v)
{
	return (struct view) { v->room, v->len };
}

static void
set(struct clamd_verdict *v, enum clamd_result result, struct view text)
{
	v->result = result;
	v->len = scanner_clean(text, v->room, sizeof v->room).len;
}

static bool
cut_end(struct view *text, struct view end)
{
	if (!view_ends_nocase(*text, end))
		return false;
	*text = view_first(*text, text->len - end.len);
	return true;
}

static bool
contains(struct view text, struct view word)
{
	for (; text.len >= word.len; text = view_from(text, 1))
		if (view_starts_nocase(text, word))
			return true;
	return false;
}

/* "stream: OK", "stream: NAME FOUND", "... ERROR" */
void
clamd_parse(struct view answer, struct clamd_verdict *out)
{
	struct view text = view_first(answer, view_index(answer, '\0'));
	struct view rest;

	text = view_trim_right(view_first(text, view_index(text, '\n')));
	rest = text;
	if (view_starts(text, VIEW("stream: "))) {
		rest = view_from(text, 8);
		if (view_equal(rest, VIEW("OK"))) {
			set(out, CLAMD_CLEAN, VIEW(""));
			return;
		}
		if (cut_end(&rest, VIEW(" FOUND")) && rest.len > 0) {
			set(out, CLAMD_FOUND, rest);
			return;
		}
	}
	if (cut_end(&rest, VIEW("ERROR")) && contains(rest, VIEW("size limit exceeded")))
		set(out, CLAMD_TOO_LARGE, VIEW(""));
	else
		set(out, CLAMD_FAILED, text.len ? text : VIEW("no answer"));
}

/* --- the conversation ------------------------------------------------------------------------------- */

static struct deadline
step(const struct clamd *c)
{
	return deadline_sooner(c->end, deadline_in_ms(c->timeout_ms));
}

/* What is already sent may be enough for an answer: one that is too much for it, it says so at once. */
static void
send_octets(struct clamd *c, struct view octets)
{
	if (c->reason || c->is_cut || scanner_send(c->fd, octets, step(c)) == 0)
		return;
	if (errno == ETIMEDOUT)
		c->reason = "it does not read";
	c->is_cut = true;
}

void
clamd_start(struct clamd *c, const struct scanner_address *address, int64_t timeout_ms,
    struct deadline end)
{
	c->is_open = true;
	c->timeout_ms = timeout_ms;
	c->end = end;
	c->is_cut = false;
	c->reason = NULL;
	c->used = 0;
	c->fd = scanner_connect(address, step(c));
	if (c->fd < 0)
		c->reason = strerror(errno);
	send_octets(c, (struct view) { "zINSTREAM", sizeof "zINSTREAM" });
}

static void
send_chunk(struct clamd *c)
{
	char length[LENGTH] = { 0, 0, (char)(c->used >> 8), (char)c->used };

	if (c->used == 0)
		return;
	send_octets(c, (struct view) { length, LENGTH });
	send_octets(c, (struct view) { c->chunk, c->used });
	c->used = 0;
}

void
clamd_put(struct clamd *c, struct view octets)
{
	while (octets.len > 0 && !c->reason && !c->is_cut) {
		size_t room = CLAMD_CHUNK - c->used;
		size_t count = octets.len < room ? octets.len : room;

		memcpy(c->chunk + c->used, octets.at, count);
		c->used += count;
		if (c->used == CLAMD_CHUNK)
			send_chunk(c);
		octets = view_from(octets, count);
	}
}

void
clamd_finish(struct clamd *c, struct clamd_verdict *out)
{
	struct str answer = { 0 };

	send_chunk(c);
	send_octets(c, (struct view) { "\0\0\0", LENGTH });
	if (c->reason) {
		set(out, CLAMD_FAILED, view_of(c->reason));
		return;
	}
	if (scanner_receive(c->fd, &answer, CLAMD_ANSWER_MAX, '\0', step(c)) < 0)
		set(out, CLAMD_FAILED, view_of(strerror(errno)));
	else
		clamd_parse(str_view(&answer), out);
	if (c->is_cut && out->result == CLAMD_CLEAN)
		set(out, CLAMD_FAILED, VIEW("it has not read everything"));
	str_free(&answer);
}

void
clamd_close(struct clamd *c)
{
	if (c->is_open)
		fd_close(&c->fd);
	c->is_open = false;
}
