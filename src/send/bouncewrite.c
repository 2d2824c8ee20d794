#include "send/bouncewrite.h"

#include <fcntl.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "os/os.h"
#include "send/bouncedsn.h"

enum {
	CHUNK = 16384,
	PARAGRAPH_MAX = 65536, /* octets of a recipient's; a report has 10000 */
};

/* Copy a file of the message, at most `max` octets; with `header_only`, up to its empty line. */
static int
put_file(const struct bounce *b, enum layout_dir dir, uint64_t max, bool header_only,
    struct submit *s)
{
	char path[NAME_MAX_OCTETS], buffer[CHUNK], last = '\n';
	bool ended = false, cut = false;
	ssize_t got = 0;
	int fd;

	layout_path(b->layout, dir, b->id, path);
	fd = openat(b->layout->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (max > 0 && !ended && (got = fd_read(fd, buffer, sizeof buffer)) > 0) {
		struct view chunk =
		    view_first((struct view) { buffer, (size_t)got }, max);
		size_t i;

		for (i = 0; header_only && i < chunk.len && !ended; last = chunk.at[i++])
			ended = last == '\n' && chunk.at[i] == '\n';
		submit_put(s, ended ? view_first(chunk, i) : chunk);
		max -= chunk.len;
		cut = chunk.len < (size_t)got;
	}
	if (cut || (max == 0 && !ended && fd_read(fd, buffer, 1) == 1))
		submit_put(s, VIEW("\n--- End of message stripped.\n"));
	fd_close(&fd);
	return got < 0 ? -1 : 0;
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
	if (put_file(b, LAYOUT_BOUNCE, UINT64_MAX, false, s) < 0)
		submit_fail(s);
	str_free(&text);
}

static void
put_message(const struct bounce *b, enum bounce_form form, struct submit *s)
{
	struct str text = { 0 };

	bouncetext_return_path(&text, b->sender);
	put_str(&text, s);
	if (put_file(b, LAYOUT_MESS, b->settings->bounce_max, form == BOUNCE_HEADER, s) <
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
	char path[NAME_MAX_OCTETS], buffer[CHUNK];
	struct str text = { 0 };
	ssize_t got;
	int fd;

	layout_path(b->layout, LAYOUT_BOUNCE, b->id, path);
	fd = openat(b->layout->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((got = fd_read(fd, buffer, sizeof buffer)) > 0) {
		str_append(&text, (struct view) { buffer, (size_t)got });
		put_paragraphs(&text, false, s);
	}
	put_paragraphs(&text, true, s);
	str_free(&text);
	fd_close(&fd);
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
