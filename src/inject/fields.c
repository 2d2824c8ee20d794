#include "inject/fields.h"

#include "lib/ascii.h"
#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/quote.h"
#include "message/mailbox.h"

void
fields_free(struct fields *f)
{
	str_free(&f->kept);
	address_list_free(&f->to_cc);
}

bool
fields_are_resent(const struct fields *f)
{
	unsigned i;

	for (i = 0; i < HEADER_COUNT; i++)
		if (f->seen[i] && header_means_resent((enum header_field)i))
			return true;
	return false;
}

/* --- taking ------------------------------------------------------------------------------- */

struct visit {
	struct fields *fields;
	const struct inject_settings *settings;
	struct envelope *envelope;
	enum header_field field;
	struct str sender; /* the last address of a Return-Path */
	bool has_sender;
};

static void
note_sender(struct visit *v, const struct tokens *address)
{
	if (v->has_sender) /* the last of the field counts, and it came first */
		return;
	v->has_sender = true;
	tokens_unquote(&v->sender, address);
	if (v->settings->verp_recipient && v->sender.len > 0)
		str_append_text(&v->sender, "-@[]");
}

static void
note_recipient(struct visit *v, const struct tokens *address)
{
	struct envelope *e = v->envelope;
	struct str text = { 0 };

	tokens_unquote(&text, address);
	address_list_add(
	    header_use_of(v->field) == HEADER_USE_RESENT ? &e->resent : &e->header,
	    str_view(&text));
	if (v->field == HEADER_TO || v->field == HEADER_CC)
		address_list_add(&v->fields->to_cc, str_view(&text));
	str_free(&text);
}

static void
visit_address(struct tokens *address, void *context)
{
	struct visit *v = context;

	rewrite_address(&v->settings->rewrite, address);
	switch (header_use_of(v->field)) {
	case HEADER_USE_SENDER:
		note_sender(v, address);
		break;
	case HEADER_USE_RECIPIENTS:
	case HEADER_USE_RESENT:
		note_recipient(v, address);
		break;
	case HEADER_USE_ADDRESSES:
	case HEADER_USE_KEEP:
		break;
	}
}

enum { NAME_AND_COLON = 2 };

/* Append the field as rewritten; false if it cannot be parsed. */
static bool
rewrite_field(struct visit *v, struct view field, struct str *out)
{
	struct tokens before = { 0 }, after = { 0 };
	struct arena mem = { 0 };
	bool good = tokens_parse(&before, field, &mem) &&
	    mailbox_walk(&before, NAME_AND_COLON, visit_address, v, &after);

	if (good) {
		tokens_format(out, &after, TOKEN_LINE_WIDTH);
		str_append_byte(out, '\n');
	}
	tokens_free(&before);
	tokens_free(&after);
	arena_free(&mem);
	return good;
}

/* A recipient field that cannot be parsed is an error only when somebody may be missed. */
static bool
may_be_unparsable(const struct inject_settings *s, enum header_field field)
{
	enum header_use use = header_use_of(field);

	return s->recipients == RECIPIENTS_ARGUMENTS &&
	    (use == HEADER_USE_RECIPIENTS || use == HEADER_USE_RESENT);
}

static bool
is_dropped(const struct inject_settings *s, enum header_field field)
{
	return (s->drop_from && field == HEADER_FROM) ||
	    (s->drop_message_id && field == HEADER_MESSAGE_ID) ||
	    (s->drop_return_path && field == HEADER_RETURN_PATH);
}

static void
take_sender(struct visit *v)
{
	struct envelope *e = v->envelope;

	if (v->has_sender && !e->has_sender) {
		str_set(&e->sender, str_view(&v->sender));
		e->has_sender = true;
	}
	str_free(&v->sender);
}

enum inject_status
fields_take(struct fields *f, struct view field, const struct inject_settings *s,
    struct envelope *e, struct str *complaint)
{
	enum header_field which = header_field_of(field);
	struct visit v = { .fields = f, .settings = s, .envelope = e, .field = which };
	struct envelope old = *e;
	struct address_list old_to_cc = f->to_cc;
	size_t start = f->kept.len;

	if (is_dropped(s, which))
		return INJECT_OK;
	f->seen[which] = true;
	if (header_use_of(which) == HEADER_USE_KEEP) {
		str_append(&f->kept, field);
	} else if (!rewrite_field(&v, field, &f->kept)) {
		str_free(&v.sender);
		if (!may_be_unparsable(s, which))
			return inject_fail(complaint, INJECT_PERMANENT,
			    "unable to parse this line:\n", field);
		address_list_cut(&e->header, old.header.bytes.len, old.header.count);
		address_list_cut(&e->resent, old.resent.bytes.len, old.resent.count);
		address_list_cut(&f->to_cc, old_to_cc.bytes.len, old_to_cc.count);
		str_append(&f->kept, field);
	}
	take_sender(&v);
	if (header_is_removed(which))
		str_cut(&f->kept, start);
	return INJECT_OK;
}

/* --- adding ------------------------------------------------------------------------------- */

static void
add_date(struct str *out, const struct inject_settings *s)
{
	str_append_text(out, "Date: ");
	date_format(out, s->now);
	str_append_byte(out, '\n');
}

/* What would end the line or the field's only word is left out. */
static void
append_id_host(struct str *out, struct view host)
{
	size_t i;

	for (i = 0; i < host.len; i++)
		if (!ascii_is_control(host.at[i]) && !ascii_is_blank(host.at[i]) &&
		    host.at[i] != '>')
			str_append_byte(out, host.at[i]);
}

static void
add_message_id(struct str *out, const struct inject_settings *s)
{
	str_append_text(out, "Message-ID: <");
	date_format_compact(out, s->now);
	str_append_byte(out, '.');
	fmt_u64(out, (uint64_t)s->pid);
	str_append_text(out, ".qmail@");
	append_id_host(out, str_view(&s->id_host));
	str_append_text(out, ">\n");
}

static bool
is_to_a_list(const struct fields *f, const struct control_list *lists)
{
	struct view rest = str_view(&f->to_cc.bytes), address;
	size_t i;

	while (address_list_next(&rest, &address))
		for (i = 0; i < lists->count; i++)
			if (view_equal_nocase(lists->entries[i].text, address))
				return true;
	return false;
}

/* All of To and Cc; from the end, because each field was read from its end. */
static void
add_followup_to(struct str *out, const struct fields *f, const struct inject_settings *s)
{
	struct view rest = str_view(&f->to_cc.bytes);
	const char *before = "Mail-Followup-To: ";

	if (f->seen[HEADER_MAIL_FOLLOWUP_TO] || !is_to_a_list(f, &s->lists))
		return;
	while (rest.len > 0) {
		size_t start;

		rest.len--; /* its NUL */
		start = view_rindex(rest, '\0');
		start = start == rest.len ? 0 : start + 1;
		str_append_text(out, before);
		quote_address(out, view_from(rest, start));
		rest = view_first(rest, start);
		before = ",\n  ";
	}
	str_append_byte(out, '\n');
}

/* The same fields for a message that is sent and one that is resent, "Resent-" before each. */
static const struct {
	const char *prefix;
	enum header_field date, message_id, from, to, cc;
} wanted[2] = {
	{ "", HEADER_DATE, HEADER_MESSAGE_ID, HEADER_FROM, HEADER_TO, HEADER_CC },
	{ "Resent-", HEADER_RESENT_DATE, HEADER_RESENT_MESSAGE_ID, HEADER_RESENT_FROM,
	    HEADER_RESENT_TO, HEADER_RESENT_CC },
};

enum inject_status
fields_add_missing(const struct fields *f, const struct inject_settings *s,
    struct str *out, struct str *complaint)
{
	bool resent = fields_are_resent(f);
	const char *prefix = wanted[resent].prefix;
	enum inject_status status = INJECT_OK;

	if (!f->seen[wanted[resent].date]) {
		str_append_text(out, prefix);
		add_date(out, s);
	}
	if (!f->seen[wanted[resent].message_id]) {
		str_append_text(out, prefix);
		add_message_id(out, s);
	}
	if (!f->seen[wanted[resent].from]) {
		str_append_text(out, prefix);
		status = envelope_default_from(out, s, complaint);
	}
	if (!f->seen[wanted[resent].to] && !f->seen[wanted[resent].cc]) {
		str_append_text(out, prefix);
		str_append_text(out, "Cc: recipient list not shown: ;\n");
	}
	if (!resent)
		add_followup_to(out, f, s);
	return status;
}
