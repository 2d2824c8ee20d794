#include "send/bouncewrite.h"

#include <errno.h>
#include <unistd.h>

#include "lib/fmt.h"
#include "os/os.h"
#include "send/bouncedsn.h"

enum {
	CHUNK = 16384,
	PARAGRAPH_MAX = 65536, /* octets of a recipient's; a report has 10000 */
};

/* The octets at *at, which goes behind them; 0 at `end` and at that of the file. */
static ssize_t
read_on(int fd, uint64_t *at, uint64_t end, char buffer[CHUNK])
{
	uint64_t most = end - *at < CHUNK ? end - *at : CHUNK;
	ssize_t got;

	do
		got = pread(fd, buffer, (size_t)most, (off_t)*at);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		*at += (uint64_t)got;
	return got;
}

/* How much of the chunk is header; `last` is the octet before it. */
static size_t
header_part(struct view chunk, char last, bool *ended)
{
	size_t i;

	for (i = 0; i < chunk.len && !*ended; last = chunk.at[i++])
		*ended = last == '\n' && chunk.at[i] == '\n';
	return i;
}

/* At most `max` octets of the message; with `header_only`, up to its empty line. */
static int
put_file(int fd, uint64_t max, bool header_only, struct submit *s)
{
	char buffer[CHUNK], last = '\n';
	bool ended = false;
	uint64_t at = 0;
	ssize_t got = 0;

	while (!ended && (got = read_on(fd, &at, max, buffer)) > 0) {
		struct view chunk = { buffer, (size_t)got };

		if (header_only)
			chunk.len = header_part(chunk, last, &ended);
		submit_put(s, chunk);
		last = buffer[got - 1];
	}
	if (at == max && !ended && read_on(fd, &at, UINT64_MAX, buffer) > 0)
		submit_put(s, VIEW("\n--- End of message stripped.\n"));
	return got < 0 ? -1 : 0;
}

static int
put_failures(const struct bounce *b, struct submit *s)
{
	char buffer[CHUNK];
	uint64_t at = 0;
	ssize_t got;

	while ((got = read_on(b->failures_fd, &at, b->failures, buffer)) > 0)
		submit_put(s, (struct view) { buffer, (size_t)got });
	return got < 0 || at < b->failures ? -1 : 0;
}

static void
put_str(struct str *text, struct submit *s)
{
	submit_put(s, str_view(text));
	str_clear(text);
}

/* The first paragraph, and those of the recipients. */
static void
put_words(const struct bounce *b, const struct bounce_parties *parties, struct submit *s)
{
	struct str text = { 0 };

	bouncetext_intro(&text, parties, b->kind);
	put_str(&text, s);
	if (put_failures(b, s) < 0)
		submit_fail(s);
	str_free(&text);
}

static void
put_message(const struct bounce *b, enum bounce_form form, struct submit *s)
{
	struct str text = { 0 };

	bouncetext_return_path(&text, b->sender);
	put_str(&text, s);
	if (put_file(b->message_fd, b->settings->bounce_max, form == BOUNCE_HEADER, s) <
	    0)
		submit_fail(s);
	str_free(&text);
}

static void
put_qsbmf(const struct bounce *b, const struct bounce_parties *parties,
    enum bounce_form form, struct submit *s)
{
	struct str text = { 0 };

	bouncetext_header(&text, parties, b->now);
	str_append_byte(&text, '\n');
	put_str(&text, s);
	put_words(b, parties, s);
	if (form != BOUNCE_BARE) {
		bouncetext_break(&text, b->kind);
		put_str(&text, s);
		put_message(b, form, s);
	}
	str_free(&text);
}

/* --- for programs --------------------------------------------------------------------------- */

/* Take the paragraphs that are complete off `text`: each ends with an empty line. */
static void
put_paragraphs(struct str *text, bool at_end, struct submit *s)
{
	struct view rest = str_view(text);
	struct str out = { 0 };
	size_t i;

	for (i = 1; i < rest.len; i++)
		if (rest.at[i] == '\n' && rest.at[i - 1] == '\n') {
			bouncedsn_recipient(&out, view_first(rest, i));
			rest = view_from(rest, i + 1);
			i = 0;
		}
	if (at_end || rest.len > PARAGRAPH_MAX) {
		bouncedsn_recipient(&out, rest);
		rest = VIEW("");
	}
	submit_put(s, str_view(&out));
	str_set(text, rest);
	str_free(&out);
}

static int
put_recipients(const struct bounce *b, struct submit *s)
{
	struct str text = { 0 };
	char buffer[CHUNK];
	uint64_t at = 0;
	ssize_t got;

	while ((got = read_on(b->failures_fd, &at, b->failures, buffer)) > 0) {
		str_append(&text, (struct view) { buffer, (size_t)got });
		put_paragraphs(&text, false, s);
	}
	put_paragraphs(&text, true, s);
	str_free(&text);
	return got < 0 ? -1 : 0;
}

static void
make_boundary(struct str *boundary)
{
	char random[16];

	os_random(random, sizeof random);
	str_append_text(boundary, "qmail-send.");
	fmt_hex(boundary, (struct view) { random, sizeof random });
}

static void
put_dsn(const struct bounce *b, const struct bounce_parties *parties,
    enum bounce_form form, struct submit *s)
{
	struct str text = { 0 }, boundary = { 0 };

	make_boundary(&boundary);
	bouncetext_header(&text, parties, b->now);
	bouncedsn_header(&text, str_view(&boundary));
	bouncedsn_words(&text, str_view(&boundary));
	put_str(&text, s);
	put_words(b, parties, s);
	bouncedsn_status(&text, str_view(&boundary), parties->from_host, b->birth);
	put_str(&text, s);
	if (put_recipients(b, s) < 0)
		submit_fail(s);
	if (form != BOUNCE_BARE) {
		bouncedsn_message(&text, str_view(&boundary), form == BOUNCE_HEADER);
		put_str(&text, s);
		put_message(b, form, s);
	}
	bouncedsn_end(&text, str_view(&boundary));
	put_str(&text, s);
	str_free(&boundary);
	str_free(&text);
}

void
bouncewrite(const struct bounce *b, enum bounce_form form, struct submit *s)
{
	const struct sendsettings *settings = b->settings;
	struct bounce_parties parties = { str_view(&settings->bouncefrom),
		str_view(&settings->bouncehost), str_view(&b->recipient) };

	if (settings->bounce_dsn)
		put_dsn(b, &parties, form, s);
	else
		put_qsbmf(b, &parties, form, s);
}
