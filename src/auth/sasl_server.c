#include "auth/sasl_server.h"

#include "lib/base64.h"
#include "lib/fmt.h"

static const char *const names[SASL_MECHANISMS] = {
	[SASL_PLAIN] = "PLAIN",
	[SASL_LOGIN] = "LOGIN",
	[SASL_CRAM_MD5] = "CRAM-MD5",
};

bool
sasl_mechanism_of(struct view name, enum sasl_mechanism *out)
{
	int i;

	for (i = 0; i < SASL_MECHANISMS; i++) {
		if (view_equal_nocase(name, view_of(names[i]))) {
			*out = (enum sasl_mechanism)i;
			return true;
		}
	}
	return false;
}

const char *
sasl_mechanism_name(enum sasl_mechanism mechanism)
{
	return names[mechanism];
}

static enum sasl_step
ask(struct sasl_server *s, struct view clear)
{
	str_clear(&s->challenge);
	base64_encode(&s->challenge, clear);
	return SASL_ASK;
}

static enum sasl_step
complete(const struct sasl_server *s)
{
	return s->user.len && s->second.len ? SASL_COMPLETE : SASL_MALFORMED;
}

/* [authzid] NUL user NUL password: acting for somebody else is not offered. */
static enum sasl_step
take_plain(struct sasl_server *s, struct view message)
{
	struct view authzid, user, password;

	if (!view_cut(message, '\0', &authzid, &user) ||
	    !view_cut(user, '\0', &user, &password))
		return SASL_MALFORMED;
	if (authzid.len && !view_equal(authzid, user))
		return SASL_MALFORMED;
	str_set(&s->user, user);
	str_set(&s->second, password);
	return complete(s);
}

static enum sasl_step
take_login(struct sasl_server *s, struct view message)
{
	if (s->stage == 0) {
		str_set(&s->user, message);
		s->stage = 1;
		return message.len ? ask(s, VIEW("Password:")) : SASL_MALFORMED;
	}
	str_set(&s->second, message);
	return complete(s);
}

/* user SP digest; the user may hold spaces. */
static enum sasl_step
take_cram(struct sasl_server *s, struct view message)
{
	size_t space = s->nonce.split_at_first ? view_index(message, ' ')
					       : view_rindex(message, ' ');
	struct view digest = view_from(message, space + 1);

	str_set(&s->user, view_first(message, space));
	if (digest.len == 0)
		return SASL_MALFORMED;
	str_set(&s->second, s->nonce.challenge_first ? str_view(&s->clear) : digest);
	str_set(&s->third, s->nonce.challenge_first ? digest : str_view(&s->clear));
	return complete(s);
}

static enum sasl_step
take(struct sasl_server *s, struct view message)
{
	switch (s->mechanism) {
	case SASL_PLAIN:
		return take_plain(s, message);
	case SASL_LOGIN:
		return take_login(s, message);
	default:
		return take_cram(s, message);
	}
}

static enum sasl_step
ask_cram(struct sasl_server *s)
{
	const struct sasl_nonce *n = &s->nonce;

	str_clear(&s->clear);
	str_append_byte(&s->clear, '<');
	fmt_u64(&s->clear, (uint64_t)n->pid);
	str_append_byte(&s->clear, '.');
	fmt_u64(&s->clear, (uint64_t)n->now);
	str_append_byte(&s->clear, '.');
	fmt_hex(&s->clear, (struct view) { (const char *)n->random, sizeof n->random });
	str_append_byte(&s->clear, '@');
	str_append(&s->clear, n->host);
	str_append_byte(&s->clear, '>');
	return ask(s, str_view(&s->clear));
}

static enum sasl_step
decode_and_take(struct sasl_server *s, struct view text)
{
	struct str message = { 0 };
	enum sasl_step step = SASL_MALFORMED;

	if (base64_decode(&message, text))
		step = take(s, str_view(&message));
	str_wipe(&message);
	return step;
}

enum sasl_step
sasl_server_start(struct sasl_server *s, enum sasl_mechanism mechanism,
    const struct sasl_nonce *nonce, const struct view *initial)
{
	*s = (struct sasl_server) { .mechanism = mechanism, .nonce = *nonce };
	if (mechanism == SASL_CRAM_MD5)
		return initial ? SASL_MALFORMED : ask_cram(s);
	if (initial)
		return decode_and_take(
		    s, view_equal(*initial, VIEW("=")) ? VIEW("") : *initial);
	return ask(s, mechanism == SASL_LOGIN ? VIEW("Username:") : VIEW(""));
}

enum sasl_step
sasl_server_line(struct sasl_server *s, struct view line)
{
	if (view_equal(line, VIEW("*")))
		return SASL_CANCELED;
	if (line.len == 0)
		return SASL_MALFORMED;
	return decode_and_take(s, line);
}

void
sasl_server_end(struct sasl_server *s)
{
	str_wipe(&s->challenge);
	str_wipe(&s->clear);
	str_wipe(&s->user);
	str_wipe(&s->second);
	str_wipe(&s->third);
}
