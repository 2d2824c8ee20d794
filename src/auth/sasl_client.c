#include "auth/sasl_client.h"

#include <stddef.h>

#include "auth/cram.h"
#include "auth/sasl_bearer.h"
#include "auth/sasl_login.h"
#include "auth/sasl_plain.h"

static const struct {
	const char *name;
	unsigned challenges; /* that are answered */
	bool is_first;       /* it begins with the client's words */
	bool takes_token, hides_password, needs_challenge;
} table[SASL_MECHANISMS] = {
	[SASL_OAUTHBEARER] = { "OAUTHBEARER", 2, .is_first = true, .takes_token = true },
	[SASL_XOAUTH2] = { "XOAUTH2", 2, .is_first = true, .takes_token = true },
	[SASL_SCRAM_SHA_256] = { "SCRAM-SHA-256", 3, .is_first = true,
	    .hides_password = true, .needs_challenge = true },
	[SASL_CRAM_MD5] = { "CRAM-MD5", 1, .hides_password = true,
	    .needs_challenge = true },
	[SASL_PLAIN] = { "PLAIN", 1, .is_first = true },
	[SASL_LOGIN] = { "LOGIN", 2, .is_first = false },
};

const char *
sasl_name(enum sasl_mechanism mechanism)
{
	return table[mechanism].name;
}

bool
sasl_by_name(struct view name, enum sasl_mechanism *out)
{
	size_t i;

	for (i = 0; i < SASL_MECHANISMS; i++)
		if (view_equal_nocase(name, view_of(table[i].name))) {
			*out = (enum sasl_mechanism)i;
			return true;
		}
	return false;
}

bool
sasl_is_for(enum sasl_mechanism mechanism, const struct credential *credential)
{
	return table[mechanism].takes_token == credential->is_token;
}

bool
sasl_hides_password(enum sasl_mechanism mechanism)
{
	return table[mechanism].hides_password;
}

bool
sasl_needs_challenge(enum sasl_mechanism mechanism)
{
	return table[mechanism].needs_challenge;
}

void
sasl_start(struct sasl_client *c, enum sasl_mechanism mechanism,
    const struct sasl_setting *setting)
{
	*c = (struct sasl_client) { .mechanism = mechanism, .setting = setting };
	scram_start(&c->scram, setting->random);
}

void
sasl_end(struct sasl_client *c)
{
	scram_free(&c->scram);
}

bool
sasl_initial(struct sasl_client *c, struct str *out)
{
	if (!table[c->mechanism].is_first)
		return false;
	sasl_respond(c, VIEW(""), out);
	c->answered = 0; /* until sasl_initial_sent() */
	return true;
}

void
sasl_initial_sent(struct sasl_client *c)
{
	c->answered = 1;
}

static bool
respond_scram(struct sasl_client *c, struct view challenge, struct str *out)
{
	const struct credential *credential = c->setting->credential;

	switch (c->answered) {
	case 0:
		scram_first(&c->scram, credential, out);
		return true;
	case 1:
		return scram_final(&c->scram, credential, challenge, out);
	default:
		return scram_verify(&c->scram, challenge);
	}
}

/* The second challenge says in JSON why the token is refused; the reply after it will do so, too. */
static bool
respond_bearer(const struct sasl_client *c, struct str *out)
{
	const struct sasl_setting *s = c->setting;

	if (c->mechanism == SASL_OAUTHBEARER && c->answered == 0)
		sasl_oauthbearer_message(s->credential, s->host, s->port, out);
	else if (c->mechanism == SASL_OAUTHBEARER)
		str_append_byte(out, '\001');
	else if (c->answered == 0)
		sasl_xoauth2_message(s->credential, out);
	return true;
}

static bool
respond(struct sasl_client *c, struct view challenge, struct str *out)
{
	const struct credential *credential = c->setting->credential;

	switch (c->mechanism) {
	case SASL_OAUTHBEARER:
	case SASL_XOAUTH2:
		return respond_bearer(c, out);
	case SASL_SCRAM_SHA_256:
		return respond_scram(c, challenge, out);
	case SASL_CRAM_MD5:
		cram_md5_response(credential, challenge, out);
		return true;
	case SASL_PLAIN:
		sasl_plain_message(credential, out);
		return true;
	case SASL_LOGIN:
		sasl_login_response(credential, c->answered, out);
		return true;
	case SASL_MECHANISMS:
		break;
	}
	return false;
}

bool
sasl_respond(struct sasl_client *c, struct view challenge, struct str *out)
{
	if (c->answered == table[c->mechanism].challenges || !respond(c, challenge, out))
		return false;
	c->answered++;
	return true;
}

bool
sasl_is_satisfied(const struct sasl_client *c)
{
	return c->mechanism != SASL_SCRAM_SHA_256 || c->scram.verified;
}

bool
sasl_is_deceived(const struct sasl_client *c)
{
	return c->mechanism == SASL_SCRAM_SHA_256 && c->scram.lied;
}
