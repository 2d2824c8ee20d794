/* The header of a message that a user gives to qmail-inject, a field at a time: what stays are whole fields, and an
 * address of the envelope has no NUL or line end in it. */
#include "fuzz/fuzz.h"

#include "inject/fields.h"

static void
make_settings(struct inject_settings *s, bool permissive)
{
	*s = (struct inject_settings) { .recipients = RECIPIENTS_HEADER,
		.user = "joe",
		.host = "mx.example.net",
		.full_name = "Joe \"\\ (x)",
		.drop_return_path = !permissive,
		.drop_from = !permissive,
		.name_in_comment = permissive,
		.now = 1795880400,
		.pid = 7 };
	tokens_parse(&s->rewrite.default_host, VIEW("host"), &s->texts);
	tokens_parse(&s->rewrite.default_domain, VIEW("example.org"), &s->texts);
	tokens_parse(&s->rewrite.plus_domain, VIEW("example.net"), &s->texts);
	str_append_text(&s->id_host, "mx.example.net");
}

/* Lines of which each is a field's first, or its continuation. */
static void
check_header(struct view header)
{
	struct view line;
	bool first = true;

	while (view_cut(header, '\n', &line, &header)) {
		claim(line.len > 0);
		claim(header_line_is_field(line) ||
		    (!first && (line.at[0] == ' ' || line.at[0] == '\t')));
		first = false;
	}
	claim(header.len == 0);
}

static void
check_list(const struct address_list *list)
{
	struct view rest = str_view(&list->bytes), address;
	size_t count = 0;

	while (address_list_next(&rest, &address)) {
		claim(view_index(address, '\0') == address.len);
		count++;
	}
	claim(rest.len == 0 && count == list->count);
}

/* As qmail-inject's main does: whole fields only. */
static enum inject_status
take_all(struct view rest, const struct inject_settings *s, struct fields *f,
    struct envelope *e, struct str *complaint)
{
	struct str field = { 0 };
	enum inject_status status = INJECT_OK;
	struct view line;

	while (status == INJECT_OK && view_cut(rest, '\n', &line, &rest)) {
		bool goes_on = field.len > 0 && line.len > 0 &&
		    (line.at[0] == ' ' || line.at[0] == '\t');

		if (!goes_on && field.len > 0)
			status = fields_take(f, str_view(&field), s, e, complaint);
		if (!goes_on) {
			str_clear(&field);
			if (!header_line_is_field(line))
				break;
		}
		str_append(&field, line);
		str_append_byte(&field, '\n');
	}
	if (status == INJECT_OK && field.len > 0)
		status = fields_take(f, str_view(&field), s, e, complaint);
	str_free(&field);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view input = { (const char *)data, size };
	struct inject_settings s;
	struct fields f = { 0 };
	struct envelope e = { 0 };
	struct str complaint = { 0 }, added = { 0 };

	make_settings(&s, fuzz_choice(&input) & 1);
	if (take_all(input, &s, &f, &e, &complaint) == INJECT_OK &&
	    fields_add_missing(&f, &s, &added, &complaint) == INJECT_OK) {
		check_header(str_view(&f.kept));
		check_header(str_view(&added));
	} else {
		claim(complaint.len > 0);
	}
	check_list(&e.header);
	check_list(&e.resent);
	claim(view_index(str_view(&e.sender), '\0') == e.sender.len);
	fields_free(&f);
	envelope_free(&e);
	settings_free(&s);
	str_free(&complaint);
	str_free(&added);
	return 0;
}
