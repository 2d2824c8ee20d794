#include "smtp/capability.h"

#include "lib/scan.h"

enum { CODE_AND_SEPARATOR = 4 };

static void
add_mechanisms(struct capabilities *c, struct view words)
{
	if (c->auth.len > 0)
		str_append_byte(&c->auth, ' ');
	str_append(&c->auth, words);
}

static void
set_size(struct capabilities *c, struct view parameters)
{
	struct view limit = view_next_word(&parameters);

	c->size = true;
	c->size_limit = 0;
	scan_whole_u64(limit, &c->size_limit);
}

/* NAME=value ... (RFC 9422). */
static void
set_limits(struct capabilities *c, struct view parameters)
{
	struct view word, name, value;

	while ((word = view_next_word(&parameters)).len > 0) {
		if (!view_cut(word, '=', &name, &value))
			continue;
		if (view_equal_nocase(name, VIEW("MAILMAX")))
			scan_whole_u64(value, &c->mail_max);
		else if (view_equal_nocase(name, VIEW("RCPTMAX")))
			scan_whole_u64(value, &c->rcpt_max);
		else if (view_equal_nocase(name, VIEW("RCPTDOMAINMAX")))
			scan_whole_u64(value, &c->rcpt_domain_max);
	}
}

static void
take_line(struct capabilities *c, struct view line)
{
	struct view rest = line, keyword = view_next_word(&rest);

	if (view_equal_nocase(keyword, VIEW("STARTTLS")))
		c->starttls = true;
	else if (view_equal_nocase(keyword, VIEW("PIPELINING")))
		c->pipelining = true;
	else if (view_equal_nocase(keyword, VIEW("8BITMIME")))
		c->eightbitmime = true;
	else if (view_equal_nocase(keyword, VIEW("CHUNKING")))
		c->chunking = true;
	else if (view_equal_nocase(keyword, VIEW("SIZE")))
		set_size(c, rest);
	else if (view_equal_nocase(keyword, VIEW("LIMITS")))
		set_limits(c, rest);
	else if (view_equal_nocase(keyword, VIEW("AUTH")))
		add_mechanisms(c, rest);
	else if (view_starts_nocase(keyword, VIEW("AUTH=")))
		add_mechanisms(c, view_from(line, sizeof "AUTH=" - 1));
}

void
capabilities_parse(struct capabilities *out, struct view text)
{
	struct view line, rest = text;
	bool first = true;

	capabilities_clear(out);
	/* A last line without its LF was cut by a bound: "SIZE 10" may have been "SIZE 10000000". */
	for (; view_cut(rest, '\n', &line, &rest); first = false)
		if (!first)
			take_line(
			    out, view_trim_right(view_from(line, CODE_AND_SEPARATOR)));
}

bool
capabilities_have_auth(const struct capabilities *c, struct view mechanism)
{
	struct view rest = str_view(&c->auth), word;

	while ((word = view_next_word(&rest)).len > 0)
		if (view_equal_nocase(word, mechanism))
			return true;
	return false;
}

void
capabilities_clear(struct capabilities *c)
{
	str_free(&c->auth);
	*c = (struct capabilities) { 0 };
}
