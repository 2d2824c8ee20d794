#include "server/sppcommands.h"

#include "policy/sppoutput.h"
#include "server/envelopeaddress.h"
#include "server/log.h"
#include "server/sessionreply.h"
#include "server/sppvariables.h"

enum {
	LATER_MAX = 8192,    /* octets of what is said for later, of a section */
	HEADERS_MAX = 65536, /* octets of header fields, of a message */
	PLUGIN_SHOWN = 200,  /* octets of a plugin's line, in a reply */
};

static struct ruling
ruling_by(const struct session *s, size_t line)
{
	return (struct ruling) { .check = "spp", .file = s->spp.file, .line = line };
}

void
sppcommands_fail(
    struct session *s, const struct control_entry *plugin, const char *reason)
{
	struct ruling why = ruling_by(s, plugin->line);
	struct str text = { 0 };

	log_warning(&s->log, reason, plugin->text);
	str_append_text(&text, "qmail-spp failure: ");
	str_append(&text, view_first(plugin->text, PLUGIN_SHOWN));
	str_append_text(&text, ": ");
	str_append_text(&text, reason);
	why.reply = (struct reply) { 451, str_view(&text), VIEW("4.3.0") };
	session_refuse_with(s, &why);
	str_free(&text);
}

/* The session ends, and well: the plugin wanted it. */
static void
close_session(struct session *s)
{
	session_close(s, "spp");
	s->status = EXIT_SESSION_DONE;
}

/* --- what is kept for later ----------------------------------------------------------------------- */

/* One reply, of as many lines as there are texts; its code is the first one's.  False: too much. */
static bool
keep_for_later(struct session *s, const struct spp_line *line, size_t number)
{
	struct spp_later *later = &s->spp.later[line->section];

	if (later->text.len + line->reply.text.len >= LATER_MAX)
		return false;
	if (!later->code) {
		later->code = line->reply.code;
		later->line = number;
	} else {
		str_append_byte(&later->text, '\n');
	}
	str_append(&later->text, line->reply.text);
	return true;
}

bool
sppcommands_none_later(struct session *s, enum spp_section section)
{
	const struct spp_later *later = &s->spp.later[section];
	struct view line, rest = str_view(&later->text);
	struct ruling why;

	if (!later->code)
		return true;
	while (view_cut(rest, '\n', &line, &rest))
		session_reply_more(s, &(struct reply) { later->code, line, VIEW("") });
	why = ruling_by(s, later->line);
	why.reply = (struct reply) { later->code, rest, VIEW("") };
	session_refuse_with(s, &why);
	return false;
}

/* A transaction's are not for the next one: its sender may be another.  False: too much, or it would be
 * more of a field that is not ours. */
static bool
keep_header(struct session *s, enum spp_section section, struct view text)
{
	bool is_for_all =
	    section == SPP_CONNECTION || section == SPP_HELO || section == SPP_AUTH;
	struct str *headers = is_for_all ? &s->spp.headers : &s->spp.mail_headers;

	if (s->spp.headers.len + s->spp.mail_headers.len + text.len >= HEADERS_MAX ||
	    (headers->len == 0 && view_trim_left(text).len < text.len))
		return false;
	str_append(headers, text);
	str_append_byte(headers, '\n');
	return true;
}

/* --- the address ---------------------------------------------------------------------------------- */

static void
replace_sender(struct session *s, const struct address *address)
{
	struct transaction *t = &s->transaction;

	t->sender = address_of(arena_copy(&t->mem, address->whole));
	s->from = t->sender.whole;
	env_list_set(session_environment(s), "SMTPMAILFROM", s->from);
}

static void
replace_recipient(struct session *s, const struct address *address)
{
	s->recipient = *address;
	s->to = address->whole;
	env_list_set(session_environment(s), "SMTPRCPTTO", s->to);
}

/* As if the client had said it. */
static enum answer
read_address(struct session *s, struct view text, struct address *address)
{
	struct str path = { 0 };
	struct view rest;
	enum answer answer;

	if (view_index(text, '<') == text.len) {
		str_append_byte(&path, '<');
		str_append(&path, text);
		str_append_byte(&path, '>');
		text = str_view(&path);
	}
	answer = envelopeaddress_parse(s, text, address, &rest);
	str_free(&path);
	return answer;
}

static enum spp_step
change_address(struct session *s, enum spp_section section,
    const struct control_entry *plugin, struct view text)
{
	struct address address;
	enum answer answer;

	if (section != SPP_MAIL && section != SPP_RCPT && section != SPP_PASS)
		return SPP_STEP_NEXT;
	answer = read_address(s, text, &address);
	if (answer == ANSWER_ERROR)
		return SPP_STEP_ANSWERED;
	if (answer == ANSWER_NO || (section != SPP_MAIL && address_is_null(&address))) {
		sppcommands_fail(s, plugin, "malformed address");
		return SPP_STEP_ANSWERED;
	}
	if (section == SPP_MAIL)
		replace_sender(s, &address);
	else
		replace_recipient(s, &address);
	return SPP_STEP_NEXT;
}

/* --- one line ------------------------------------------------------------------------------------- */

static void
print(struct session *s, const struct spp_line *line)
{
	struct str text = { 0 };

	(line->is_more ? reply_format_more : reply_format)(&text, &line->reply);
	writer_put(&s->writer, str_view(&text));
	str_free(&text);
}

static enum spp_step
refuse(struct session *s, const struct spp_line *line, size_t number)
{
	struct ruling why = ruling_by(s, number);

	why.reply = line->reply;
	session_refuse_with(s, &why);
	return SPP_STEP_ANSWERED;
}

/* Without a good text there is still something to refuse, or nothing at all. */
static enum spp_step
take_malformed(
    struct session *s, const struct control_entry *plugin, const struct spp_line *line)
{
	switch (line->verb) {
	case SPP_REFUSE:
	case SPP_REJECT:
	case SPP_LATER:
		sppcommands_fail(s, plugin, line->fault);
		if (line->verb == SPP_REJECT)
			close_session(s);
		return SPP_STEP_ANSWERED;
	default:
		log_warning(&s->log, line->fault, plugin->text);
		return SPP_STEP_NEXT;
	}
}

static enum spp_step
take_note(struct session *s, enum spp_section section, const struct control_entry *plugin,
    const struct spp_line *line)
{
	bool good = true;

	switch (line->verb) {
	case SPP_PRINT:
		print(s, line);
		break;
	case SPP_SET:
		good = sppvariables_set(s, line->name, line->text);
		break;
	case SPP_UNSET:
		good = sppvariables_unset(s, line->name);
		break;
	case SPP_LATER:
		if (keep_for_later(s, line, plugin->line))
			break;
		sppcommands_fail(s, plugin, "too much for later");
		return SPP_STEP_ANSWERED;
	case SPP_HEADER:
		if (keep_header(s, section, line->text))
			break;
		sppcommands_fail(s, plugin, "header field cannot be added");
		return SPP_STEP_ANSWERED;
	default:
		break;
	}
	return good ? SPP_STEP_NEXT : SPP_STEP_ANSWERED;
}

static enum spp_step
take_line(struct session *s, enum spp_section section, const struct control_entry *plugin,
    const struct spp_line *line)
{
	if (line->fault)
		return take_malformed(s, plugin, line);
	switch (line->verb) {
	case SPP_ACCEPT:
		s->spp.on = false;
		return SPP_STEP_CARRY_ON;
	case SPP_OKAY:
		s->spp.said_okay = true;
		return SPP_STEP_CARRY_ON;
	case SPP_NEXT:
		return SPP_STEP_CARRY_ON;
	case SPP_REFUSE:
		return refuse(s, line, plugin->line);
	case SPP_REJECT:
		refuse(s, line, plugin->line);
		close_session(s);
		return SPP_STEP_ANSWERED;
	case SPP_DROP:
		close_session(s);
		return SPP_STEP_ANSWERED;
	case SPP_CHANGE:
		return change_address(s, section, plugin, line->text);
	default:
		return take_note(s, section, plugin, line);
	}
}

enum spp_step
sppcommands_run(struct session *s, enum spp_section section,
    const struct control_entry *plugin, struct view output)
{
	enum spp_step step = SPP_STEP_NEXT;
	struct spp_line line;

	while (step == SPP_STEP_NEXT && sppoutput_next(&output, &line))
		step = take_line(s, section, plugin, &line);
	return step;
}
