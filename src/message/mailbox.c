#include "message/mailbox.h"

/* The field is read, and `out` and `address` are written, from right to left. */
struct walk {
	const struct tokens *field;
	size_t begin, end; /* tokens [begin, end) are still to be read */
	struct tokens *out, address;
	bool in_group, word_may_follow;
	mailbox_visit *visit;
	void *context;
};

static enum token_kind
last_kind(const struct walk *w)
{
	return w->field->at[w->end - 1].kind;
}

static bool
is_left(const struct walk *w)
{
	return w->end > w->begin;
}

static void
take_into(struct walk *w, struct tokens *t)
{
	tokens_add(t, w->field->at[--w->end]);
}

/* The address is complete, even if it is empty. */
static void
visit(struct walk *w)
{
	tokens_reverse(&w->address);
	w->visit(&w->address, w->context);
	tokens_reverse(&w->address);
	tokens_append(w->out, &w->address);
	w->address.count = 0;
}

static void
flush(struct walk *w)
{
	if (w->address.count > 0)
		visit(w);
}

/* The same where another address follows on the left: a comma must be between them. */
static void
flush_with_comma(struct walk *w)
{
	if (w->address.count == 0)
		return;
	visit(w);
	tokens_add(w->out, (struct token) { TOKEN_COMMA, { "", 0 } });
}

static bool
walk_group_end(struct walk *w)
{
	flush_with_comma(w);
	if (w->in_group)
		return false;
	w->in_group = true;
	w->word_may_follow = true;
	take_into(w, w->out);
	return true;
}

/* The colon, and the name of the group up to a comma. */
static bool
walk_group_start(struct walk *w)
{
	flush(w);
	if (!w->in_group)
		return false;
	w->in_group = false;
	while (is_left(w) && last_kind(w) != TOKEN_COMMA)
		take_into(w, w->out);
	if (is_left(w))
		take_into(w, w->out);
	w->word_may_follow = true;
	return true;
}

static bool
is_phrase(enum token_kind kind)
{
	return kind == TOKEN_COMMENT || kind == TOKEN_ATOM || kind == TOKEN_QUOTE ||
	    kind == TOKEN_AT || kind == TOKEN_DOT;
}

/* "phrase <address>": all between the brackets is address, and what is left of them is not. */
static bool
walk_brackets(struct walk *w)
{
	flush_with_comma(w);
	take_into(w, w->out);
	while (is_left(w) && last_kind(w) != TOKEN_LEFT)
		take_into(w, &w->address);
	visit(w);
	if (!is_left(w))
		return false;
	take_into(w, w->out);
	while (is_left(w) && is_phrase(last_kind(w)))
		take_into(w, w->out);
	w->word_may_follow = false;
	return true;
}

static bool
step(struct walk *w)
{
	switch (last_kind(w)) {
	case TOKEN_SEMICOLON:
		return walk_group_end(w);
	case TOKEN_COLON:
		return walk_group_start(w);
	case TOKEN_RIGHT:
		return walk_brackets(w);
	case TOKEN_ATOM:
	case TOKEN_QUOTE:
	case TOKEN_LITERAL:
		if (!w->word_may_follow) /* two words side by side: two addresses */
			flush_with_comma(w);
		w->word_may_follow = false;
		take_into(w, &w->address);
		return true;
	case TOKEN_COMMENT: /* lexically a blank */
		take_into(w, w->out);
		return true;
	case TOKEN_COMMA:
		flush(w);
		w->word_may_follow = true;
		take_into(w, w->out);
		return true;
	case TOKEN_DOT:
	case TOKEN_AT:
	case TOKEN_LEFT:
		break;
	}
	w->word_may_follow = true;
	take_into(w, &w->address);
	return true;
}

bool
mailbox_walk(const struct tokens *field, size_t skip, mailbox_visit *visit_one,
    void *context, struct tokens *out)
{
	struct walk w = { .field = field,
		.begin = skip,
		.end = field->count,
		.out = out,
		.word_may_follow = true,
		.visit = visit_one,
		.context = context };
	bool good = field->count >= skip;

	while (good && is_left(&w))
		good = step(&w);
	if (good) {
		flush(&w); /* what a ';' ends may have no name, as in "a@b; c@d" */
		for (w.end = skip; w.end > 0;)
			take_into(&w, out);
		tokens_reverse(out);
	}
	tokens_free(&w.address);
	return good;
}
