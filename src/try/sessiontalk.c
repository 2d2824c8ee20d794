#include "try/sessiontalk.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/scan.h"
#include "try/logline.h"

/* --- the socket ----------------------------------------------------------------------------------- */

int
sessiontalk_open(struct sessiontalk *talk, struct show *show)
{
	int ends[2];

	*talk = (struct sessiontalk) { .show = show, .fd = -1, .log = { -1, -1 } };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	talk->fd = ends[0];
	if (fd_set_blocking(ends[0], 0) < 0 || fd_pipe(talk->log) < 0 ||
	    fd_set_blocking(talk->log[0], 0) < 0 || dup2(ends[1], SESSION_IN) < 0 ||
	    dup2(ends[1], SESSION_OUT) < 0) {
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	return 0;
}

void
sessiontalk_close(struct sessiontalk *talk)
{
	fd_close(&talk->fd);
	fd_close(&talk->log[0]);
	fd_close(&talk->log[1]);
	str_free(&talk->said);
}

static void
take_all(int fd, struct str *out)
{
	char buffer[4096];
	ssize_t got;

	while ((got = fd_read(fd, buffer, sizeof buffer)) > 0)
		str_append(out, (struct view) { buffer, (size_t)got });
}

/* --- the log -------------------------------------------------------------------------------------- */

/* What the lines say of the session itself is known. */
static bool
is_known(struct view key)
{
	static const char *const known[] = { "sid", "ip", "from", "to", "helo", "ms",
		"pid" };
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (view_equal(key, view_of(known[i])))
			return true;
	return false;
}

static void
show_pairs(struct show *show, struct view event, struct view pairs)
{
	struct str name = { 0 }, text = { 0 };
	struct view key, value;

	str_set(&name, event);
	while (logline_next(&pairs, &key, &value)) {
		if (is_known(key))
			continue;
		if (text.len > 0)
			str_append_byte(&text, ' ');
		str_append(&text, key);
		str_append_byte(&text, '=');
		logline_append_unescaped(&text, value);
	}
	show_line(show, str_text(&name), str_view(&text), NULL);
	str_free(&name);
	str_free(&text);
}

/* "refuse code= check= by= reason=": who decided. */
static void
show_refusal(struct show *show, struct view pairs)
{
	struct str check = { 0 }, place = { 0 }, reason = { 0 };

	logline_value(pairs, "check", &check);
	logline_value(pairs, "by", &place);
	logline_value(pairs, "reason", &reason);
	if (reason.len > 0) {
		str_append_text(&check, ", ");
		str_append(&check, str_view(&reason));
	}
	show_line(show, "decided", str_view(&check), str_text(&place));
	str_free(&check);
	str_free(&place);
	str_free(&reason);
}

static void
show_log_warning(struct show *show, struct view pairs)
{
	struct str text = { 0 }, place = { 0 }, detail = { 0 };

	logline_value(pairs, "text", &text);
	logline_value(pairs, "by", &place);
	logline_value(pairs, "reason", &detail);
	if (detail.len > 0) {
		str_append_text(&text, ": ");
		str_append(&text, str_view(&detail));
	}
	show_warning(show, place.len > 0 ? str_text(&place) : NULL, str_view(&text));
	str_free(&text);
	str_free(&place);
	str_free(&detail);
}

/* "file= reason= error=" */
static void
show_config(struct show *show, struct view pairs)
{
	struct str text = { 0 }, place = { 0 }, error = { 0 };

	logline_value(pairs, "file", &place);
	logline_value(pairs, "reason", &text);
	logline_value(pairs, "error", &error);
	if (error.len > 0) {
		str_append_text(&text, ": ");
		str_append(&text, str_view(&error));
	}
	show_line(show, "decided", str_view(&text), str_text(&place));
	str_free(&text);
	str_free(&place);
	str_free(&error);
}

/* A store that is not asked in a rehearsal is no loss. */
static void
show_helper(struct show *show, struct view event, struct view pairs)
{
	struct str reason = { 0 };

	logline_value(pairs, "reason", &reason);
	if (view_equal(str_view(&reason), view_of(STORE_NOT_ASKED)))
		show_text(show, "would-ask", "qmail-state, taken to let pass", NULL);
	else
		show_pairs(show, event, pairs);
	str_free(&reason);
}

/* "qmail-smtpd[1]: EVENT key=value ..." */
static void
show_event(struct show *show, struct view line)
{
	struct view event = logline_event(line, &line);

	if (view_equal(event, VIEW("refuse")))
		show_refusal(show, line);
	else if (view_equal(event, VIEW("warning")))
		show_log_warning(show, line);
	else if (view_equal(event, VIEW("config")))
		show_config(show, line);
	else if (view_equal(event, VIEW("helper")))
		show_helper(show, event, line);
	else if (!view_equal(event, VIEW("end")) && !view_equal(event, VIEW("tls")))
		show_pairs(show, event, line);
}

static void
hear_log(struct sessiontalk *talk)
{
	struct str lines = { 0 };
	struct view line, rest;

	take_all(talk->log[0], &lines);
	rest = str_view(&lines);
	while (view_cut(rest, '\n', &line, &rest))
		show_event(talk->show, line);
	str_free(&lines);
}

void
sessiontalk_listen(struct sessiontalk *talk, struct session *session)
{
	talk->session = session;
	session->log =
	    (struct log) { "qmail-smtpd", 1, talk->log[1], VIEW(""), VIEW("") };
	session->logdialect.known = true;
}

/* --- commands ------------------------------------------------------------------------------------- */

void
sessiontalk_hear(struct sessiontalk *talk)
{
	struct view line, rest;

	str_clear(&talk->said);
	take_all(talk->fd, &talk->said);
	rest = str_view(&talk->said);
	while (view_cut(rest, '\n', &line, &rest))
		show_line(talk->show, "reply", view_trim_right(line), NULL);
	hear_log(talk);
}

/* Of the last line that was said. */
static unsigned
last_code(const struct sessiontalk *talk)
{
	struct view all = view_trim_right(str_view(&talk->said));
	size_t start = view_rindex(all, '\n');
	uint32_t code = 0;

	scan_u32(view_from(all, start < all.len ? start + 1 : 0), &code);
	return code;
}

unsigned
sessiontalk_say(
    struct sessiontalk *talk, struct view command, struct view behind, struct view shown)
{
	struct str bytes = { 0 };

	if (talk->session->over)
		return 0;
	str_append(&bytes, command);
	str_append_text(&bytes, "\r\n");
	str_append(&bytes, behind);
	show_line(talk->show, "sent", shown.len > 0 ? shown : command, NULL);
	fd_write_all(talk->fd, str_view(&bytes));
	str_wipe(&bytes);
	session_next_command(talk->session);
	writer_flush(&talk->session->writer);
	sessiontalk_hear(talk);
	return last_code(talk);
}
