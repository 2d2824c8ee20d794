#include "policy/sppoutput.h"

#include "lib/ascii.h"
#include "lib/scan.h"

static bool
has_controls(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (ascii_is_control(v.at[i]) && v.at[i] != '\t')
			return true;
	return false;
}

/* "550 text" or "550-text". */
static void
parse_reply(struct view text, struct spp_line *line)
{
	uint64_t code;

	line->fault = "malformed reply";
	if (text.len < 3 || !scan_whole_u64(view_first(text, 3), &code) || code < 200 ||
	    code > 599 || has_controls(text))
		return;
	text = view_first(view_from(text, 3), SPP_TEXT_MAX);
	line->is_more = view_starts(text, VIEW("-"));
	if (text.len > 0 && !line->is_more && *text.at != ' ')
		return;
	line->reply =
	    (struct reply) { (unsigned)code, view_from(text, text.len > 0), VIEW("") };
	line->fault = NULL;
}

static void
parse_later(struct view text, struct spp_line *line)
{
	static const struct {
		char letter;
		enum spp_section section;
	} commands[] = { { 'M', SPP_MAIL }, { 'R', SPP_RCPT }, { 'D', SPP_DATA } };
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (text.len == 0 || *text.at != commands[i].letter)
			continue;
		line->section = commands[i].section;
		parse_reply(view_from(text, 1), line);
		return;
	}
	line->verb = SPP_NONE;
}

static void
parse_variable(struct view text, struct spp_line *line)
{
	line->name = text;
	if (line->verb == SPP_SET && !view_cut(text, '=', &line->name, &line->text))
		line->name = VIEW("");
	if (line->name.len == 0 || view_index(line->name, '=') < line->name.len ||
	    has_controls(text))
		line->fault = "malformed variable";
}

/* A field, or what begins with a blank: more of the one above. */
static bool
is_header_line(struct view text)
{
	size_t i;

	if (text.len > 0 && ascii_is_blank(*text.at))
		return !view_is_empty(view_trim_left(text));
	for (i = 0; i < text.len && ascii_is_graphic(text.at[i]); i++)
		if (text.at[i] == ':')
			return i > 0;
	return false;
}

static void
parse_header(struct view text, struct spp_line *line)
{
	line->text = text;
	if (!is_header_line(text) || has_controls(text))
		line->fault = "malformed header field";
}

static void
parse_text(enum spp_verb verb, struct view text, struct spp_line *line)
{
	switch (verb) {
	case SPP_REFUSE:
	case SPP_REJECT:
	case SPP_PRINT:
		parse_reply(text, line);
		return;
	case SPP_LATER:
		parse_later(text, line);
		return;
	case SPP_SET:
	case SPP_UNSET:
		parse_variable(text, line);
		return;
	case SPP_HEADER:
		parse_header(text, line);
		return;
	default:
		line->text = text;
	}
}

static enum spp_verb
verb_of(char letter)
{
	static const struct {
		char letter;
		enum spp_verb verb;
	} verbs[] = {
		{ 'A', SPP_ACCEPT },
		{ 'N', SPP_NEXT },
		{ 'O', SPP_OKAY },
		{ 'E', SPP_REFUSE },
		{ 'R', SPP_REJECT },
		{ 'D', SPP_DROP },
		{ 'L', SPP_LATER },
		{ 'P', SPP_PRINT },
		{ 'S', SPP_SET },
		{ 'U', SPP_UNSET },
		{ 'H', SPP_HEADER },
		{ 'C', SPP_CHANGE },
	};
	size_t i;

	for (i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (verbs[i].letter == letter)
			return verbs[i].verb;
	return SPP_NONE;
}

bool
sppoutput_next(struct view *rest, struct spp_line *line)
{
	struct view text = view_first(*rest, view_index(*rest, '\n'));

	if (rest->len == 0)
		return false;
	*rest = view_from(*rest, text.len + 1);
	if (text.len > 0 && text.at[text.len - 1] == '\r')
		text.len--;
	*line = (struct spp_line) { .verb = SPP_NONE };
	if (text.len > 0) {
		line->verb = verb_of(*text.at);
		parse_text(line->verb, view_from(text, 1), line);
	}
	return true;
}
