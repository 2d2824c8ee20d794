#include "message/rewrite.h"

static enum token_kind
last_kind(const struct tokens *t)
{
	return t->at[t->count - 1].kind;
}

/* user@[] marks a sender with VERP. */
static bool
is_marked(const struct tokens *t)
{
	return t->count >= 2 && last_kind(t) == TOKEN_LITERAL &&
	    t->at[t->count - 1].text.len == 0 && t->at[t->count - 2].kind == TOKEN_AT;
}

/* "@a,@b:" in front: all of it when there is no colon. */
static void
drop_route(struct tokens *t)
{
	size_t from = 0, i;

	if (t->at[0].kind != TOKEN_AT)
		return;
	while (from < t->count && t->at[from].kind != TOKEN_COLON)
		from++;
	if (from < t->count)
		from++;
	for (i = from; i < t->count; i++)
		t->at[i - from] = t->at[i];
	t->count -= from;
}

static void
drop_last(struct tokens *t, enum token_kind kind)
{
	if (t->count > 0 && last_kind(t) == kind)
		t->count--;
}

static bool
has_at(const struct tokens *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->at[i].kind == TOKEN_AT)
			return true;
	return false;
}

static void
extend(struct tokens *t, enum token_kind separator, const struct tokens *more)
{
	tokens_add(t, (struct token) { separator, { "", 0 } });
	tokens_append(t, more);
}

static void
expand_plus(struct tokens *t, const struct tokens *domain)
{
	struct token *last = &t->at[t->count - 1];
	size_t len = last->text.len;

	if (last->kind != TOKEN_ATOM || len == 0 || last->text.at[len - 1] != '+')
		return;
	last->text.len--;
	extend(t, TOKEN_DOT, domain);
}

/* Neither a dot nor a literal behind the last '@'. */
static bool
host_is_short(const struct tokens *t)
{
	size_t i;

	for (i = t->count; i > 0 && t->at[i - 1].kind != TOKEN_AT; i--)
		if (t->at[i - 1].kind == TOKEN_DOT || t->at[i - 1].kind == TOKEN_LITERAL)
			return false;
	return true;
}

void
rewrite_address(const struct rewrite *r, struct tokens *address)
{
	if (address->count == 0 || is_marked(address))
		return;
	drop_route(address);
	drop_last(address, TOKEN_DOT);
	drop_last(address, TOKEN_AT);
	if (address->count == 0) /* <@host:>, <.> and <@> are <> too */
		return;
	if (!has_at(address))
		extend(address, TOKEN_AT, &r->default_host);
	expand_plus(address, &r->plus_domain);
	if (host_is_short(address))
		extend(address, TOKEN_DOT, &r->default_domain);
}
