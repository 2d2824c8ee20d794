#include "content/spamd.h"

#include <errno.h>
#include <string.h>

#include "content/score.h"
#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"

/* --- answers ---------------------------------------------------------------------------------------- */

struct view
spamd_symbols(const struct spamd_verdict *v)
{
	return (struct view) { v->room, v->len };
}

/* The next line of *rest, without its line end.  False if there is no whole one. */
static bool
next_line(struct view *rest, struct view *line)
{
	if (!view_cut(*rest, '\n', line, rest))
		return false;
	*line = view_trim_right(*line);
	return true;
}

/* "SPAMD/1.1 0 EX_OK": the code must be 0. */
static bool
is_good(struct view line)
{
	struct view version, rest, code, text;
	uint64_t number;

	if (!view_starts(line, VIEW("SPAMD/")) || !view_cut(line, ' ', &version, &rest))
		return false;
	if (!view_cut(rest, ' ', &code, &text))
		code = rest;
	return scan_whole_u64(code, &number) && number == 0;
}

/* "True ; 12.5 / 5.0" */
static bool
read_verdict(struct view value, struct spamd_verdict *out)
{
	struct view word, score, needed;

	if (!view_cut(value, ';', &word, &score) ||
	    !view_cut(score, '/', &score, &needed))
		return false;
	word = view_trim_left(view_trim_right(word));
	out->is_spam =
	    view_equal_nocase(word, VIEW("true")) || view_equal_nocase(word, VIEW("yes"));
	score = view_trim_left(view_trim_right(score));
	needed = view_trim_left(view_trim_right(needed));
	return score_parse(score, &out->score) && score_parse(needed, &out->needed);
}

struct fields {
	bool has_verdict, has_length;
	uint64_t length;
};

static bool
read_field(struct view line, struct fields *fields, struct spamd_verdict *out)
{
	struct view name, value;

	if (!view_cut(line, ':', &name, &value))
		return false;
	value = view_trim_left(value);
	if (view_equal_nocase(name, VIEW("spam"))) {
		fields->has_verdict = read_verdict(value, out);
		return fields->has_verdict;
	}
	if (view_equal_nocase(name, VIEW("content-length"))) {
		fields->has_length = scan_whole_u64(value, &fields->length);
		return fields->has_length;
	}
	return true;
}

/* Symbols go into a header field: what is no name is left out, and one that does not fit. */
static void
take_symbols(struct view text, struct spamd_verdict *out)
{
	size_t i, whole = 0;

	out->len = 0;
	for (i = 0; i < text.len && out->len < sizeof out->room; i++) {
		if (text.at[i] == ',')
			whole = out->len;
		if (ascii_is_graphic(text.at[i]))
			out->room[out->len++] = text.at[i];
	}
	if (i < text.len)
		out->len = whole;
}

bool
spamd_parse(struct view answer, struct spamd_verdict *out)
{
	struct fields fields = { 0 };
	struct view line;

	if (!next_line(&answer, &line) || !is_good(line))
		return false;
	for (;;) {
		if (!next_line(&answer, &line))
			return false;
		if (line.len == 0)
			break;
		if (!read_field(line, &fields, out))
			return false;
	}
	if (!fields.has_verdict || (fields.has_length && answer.len < fields.length))
		return false;
	if (fields.has_length)
		answer = view_first(answer, (size_t)fields.length);
	take_symbols(answer, out);
	return true;
}

/* --- the conversation ------------------------------------------------------------------------------- */

static void
format_request(struct str *out, size_t octets)
{
	str_append_text(out, "SYMBOLS SPAMC/1.5\r\nContent-length: ");
	fmt_u64(out, octets);
	str_append_text(out, "\r\n\r\n");
}

/* That it does not take everything is no error yet: it may have said why. */
static void
put(int fd, struct view head, struct view body, struct deadline deadline)
{
	struct str request = { 0 };

	format_request(&request, head.len + body.len);
	if (scanner_send(fd, str_view(&request), deadline) == 0 &&
	    scanner_send(fd, head, deadline) == 0 &&
	    scanner_send(fd, body, deadline) == 0)
		shutdown(fd, SHUT_WR);
	str_free(&request);
}

const char *
spamd_ask(const struct scanner_address *address, struct view head, struct view body,
    struct deadline deadline, struct spamd_verdict *out)
{
	int fd = scanner_connect(address, deadline);
	struct str answer = { 0 };
	const char *reason = NULL;

	if (fd < 0)
		return strerror(errno);
	put(fd, head, body, deadline);
	if (scanner_receive(fd, &answer, SPAMD_ANSWER_MAX, -1, deadline) < 0)
		reason = strerror(errno);
	else if (answer.len == 0)
		reason = "no answer";
	else if (!spamd_parse(str_view(&answer), out))
		reason = "no such answer was expected";
	str_free(&answer);
	fd_close(&fd);
	return reason;
}
