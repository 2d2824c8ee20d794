#include "server/sessionreply.h"

#include "lib/env.h"
#include "server/log.h"

/* What stands between the code and the line end. */
static void
keep(struct session *s, struct view line)
{
	enum { CODE = 4, LINE_END = 2 };

	str_set(s->answer, view_first(view_from(line, CODE), line.len - CODE - LINE_END));
}

static void
put(struct session *s, const struct reply *reply,
    void (*format)(struct str *out, const struct reply *r))
{
	struct str line = { 0 };

	format(&line, reply);
	if (s->answer)
		keep(s, str_view(&line));
	else
		writer_put(&s->writer, str_view(&line));
	str_free(&line);
}

void
session_reply_plain(struct session *s, const struct reply *reply)
{
	put(s, reply, reply_format);
	s->code = reply->code;
	if (s->errors_count && reply->code >= 500)
		s->errors++;
}

void
session_reply_with(struct session *s, const struct reply *reply)
{
	struct reply enhanced = *reply;
	struct str text = { 0 };

	if (s->settings->enhanced_codes)
		reply_enhance(&enhanced, &text);
	session_reply_plain(s, &enhanced);
	str_free(&text);
}

void
session_reply_more(struct session *s, const struct reply *reply)
{
	struct reply line = *reply;
	struct str text = { 0 };

	if (s->settings->enhanced_codes)
		reply_enhance(&line, &text);
	line.status = VIEW("");
	put(s, &line, reply_format_more);
	str_free(&text);
}

void
session_reply(struct session *s, enum reply_name name)
{
	struct reply reply = reply_named(name);

	session_reply_with(s, &reply);
}

void
session_refuse_with(struct session *s, const struct ruling *why)
{
	session_reply_with(s, &why->reply);
	server_log_refusal(s, why);
}

void
session_refuse(struct session *s, enum reply_name name, const char *check)
{
	struct ruling why = { .reply = reply_named(name), .check = check };

	session_refuse_with(s, &why);
}

void
session_add_word(struct session *s, struct ruling *why, const char *variable)
{
	struct str text = { 0 };

	if (s->settings->dialect != DIALECT_SQMAIL)
		return;
	str_append(&text, why->reply.text);
	str_append_byte(&text, ' ');
	str_append(&text, view_of(env_value(variable)));
	why->reply.text = arena_copy(&s->scratch, str_view(&text));
	str_free(&text);
}
