#include "inject/envelope.h"

#include "lib/fmt.h"
#include "lib/quote.h"

void
address_list_add(struct address_list *list, struct view address)
{
	str_append(&list->bytes, address);
	str_append_byte(&list->bytes, '\0');
	list->count++;
}

void
address_list_cut(struct address_list *list, size_t octets, size_t count)
{
	str_cut(&list->bytes, octets);
	list->count = count;
}

bool
address_list_next(struct view *rest, struct view *address)
{
	return view_cut(*rest, '\0', address, rest);
}

void
address_list_free(struct address_list *list)
{
	str_free(&list->bytes);
	list->count = 0;
}

void
envelope_free(struct envelope *e)
{
	str_free(&e->sender);
	address_list_free(&e->arguments);
	address_list_free(&e->header);
	address_list_free(&e->resent);
}

/* An address as a caller gives it, rewritten, in envelope form. */
static enum inject_status
rewrite_text(struct str *out, struct view address, const struct inject_settings *s,
    struct str *complaint)
{
	struct str quoted = { 0 };
	struct tokens tokens = { 0 };
	struct arena mem = { 0 };
	enum inject_status status = INJECT_OK;

	quote_address(&quoted, address);
	if (tokens_parse(&tokens, str_view(&quoted), &mem)) {
		rewrite_address(&s->rewrite, &tokens);
		tokens_unquote(out, &tokens);
	} else {
		status = inject_fail(complaint, INJECT_PERMANENT,
		    "unable to parse this line:\n", str_view(&quoted));
	}
	tokens_free(&tokens);
	arena_free(&mem);
	str_free(&quoted);
	return status;
}

enum inject_status
envelope_from_arguments(
    struct envelope *e, const struct inject_settings *s, struct str *complaint)
{
	char *const *argument = s->arguments;
	enum inject_status status = INJECT_OK;
	struct str address = { 0 };

	if (s->sender) {
		e->has_sender = true;
		status = rewrite_text(&e->sender, view_of(s->sender), s, complaint);
	}
	if (s->recipients == RECIPIENTS_HEADER)
		return status;
	for (; *argument && status == INJECT_OK; argument++) {
		str_clear(&address);
		status = rewrite_text(&address, view_of(*argument), s, complaint);
		address_list_add(&e->arguments, str_view(&address));
	}
	str_free(&address);
	return status;
}

/* user@host, rewritten; the user is one word, whatever is in it.  False if the host is none. */
static bool
add_own_address(struct tokens *t, struct view user, const char *host,
    const struct inject_settings *s, struct arena *mem)
{
	struct tokens address = { 0 };
	bool good = true;

	tokens_add(&address,
	    (struct token) { quote_is_needed(user) ? TOKEN_QUOTE : TOKEN_ATOM, user });
	if (host) {
		tokens_add(&address, (struct token) { TOKEN_AT, VIEW("") });
		good = tokens_parse(&address, view_of(host), mem);
	}
	if (good)
		rewrite_address(&s->rewrite, &address);
	tokens_append(t, &address);
	tokens_free(&address);
	return good;
}

/* The user of the sender, and what VERP puts behind him. */
static void
append_sender_user(struct str *out, const struct inject_settings *s)
{
	str_append_text(out, s->sender_user);
	if (s->verp_message) {
		str_append_byte(out, '-');
		fmt_u64(out, (uint64_t)s->now);
		str_append_byte(out, '.');
		fmt_u64(out, (uint64_t)s->pid);
	}
	if (s->verp_recipient)
		str_append_byte(out, '-');
}

enum inject_status
envelope_default_sender(
    struct envelope *e, const struct inject_settings *s, struct str *complaint)
{
	struct str user = { 0 };
	struct tokens address = { 0 };
	struct arena mem = { 0 };
	enum inject_status status = INJECT_OK;

	if (e->has_sender)
		return INJECT_OK;
	append_sender_user(&user, s);
	if (add_own_address(&address, str_view(&user), s->sender_host, s, &mem)) {
		tokens_unquote(&e->sender, &address);
		if (s->verp_recipient)
			str_append_text(&e->sender, "-@[]");
	} else {
		status = inject_fail(complaint, INJECT_PERMANENT,
		    "unable to parse this line:\n", view_of(s->sender_host));
	}
	tokens_free(&address);
	arena_free(&mem);
	str_free(&user);
	return status;
}

enum inject_status
envelope_default_from(
    struct str *out, const struct inject_settings *s, struct str *complaint)
{
	bool in_front = s->full_name && !s->name_in_comment;
	enum inject_status status = INJECT_OK;
	struct tokens from = { 0 };
	struct arena mem = { 0 };

	tokens_add(&from, (struct token) { TOKEN_ATOM, VIEW("From") });
	tokens_add(&from, (struct token) { TOKEN_COLON, VIEW("") });
	if (in_front) {
		tokens_add(&from, (struct token) { TOKEN_QUOTE, view_of(s->full_name) });
		tokens_add(&from, (struct token) { TOKEN_LEFT, VIEW("") });
	}
	if (!add_own_address(&from, view_of(s->user), s->host, s, &mem))
		status = inject_fail(complaint, INJECT_PERMANENT,
		    "unable to parse this line:\n", view_of(s->host));
	if (in_front)
		tokens_add(&from, (struct token) { TOKEN_RIGHT, VIEW("") });
	else if (s->full_name)
		tokens_add(
		    &from, (struct token) { TOKEN_COMMENT, view_of(s->full_name) });
	tokens_format(out, &from, TOKEN_LINE_WIDTH);
	str_append_byte(out, '\n');
	tokens_free(&from);
	arena_free(&mem);
	return status;
}
