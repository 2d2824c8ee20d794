#include "auth/sasl_client.h"

#include <stddef.h>

#include "auth/cram.h"
#include "auth/sasl_login.h"
#include "auth/sasl_plain.h"

static const struct {
	const char *name;
	unsigned challenges; /* that are answered */
	bool hides_password;
} table[SASL_MECHANISMS] = {
	[SASL_CRAM_MD5] = { "CRAM-MD5", 1, true },
	[SASL_PLAIN] = { "PLAIN", 1, false },
	[SASL_LOGIN] = { "LOGIN", 2, false },
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
sasl_hides_password(enum sasl_mechanism mechanism)
{
	return table[mechanism].hides_password;
}

void
sasl_start(struct sasl_client *c, enum sasl_mechanism mechanism,
    const struct credential *credential)
{
	*c = (struct sasl_client) { .mechanism = mechanism, .credential = credential };
}

bool
sasl_initial(const struct sasl_client *c, struct str *out)
{
	if (c->mechanism != SASL_PLAIN)
		return false;
	sasl_plain_message(c->credential, out);
	return true;
}

bool
sasl_respond(struct sasl_client *c, struct view challenge, struct str *out)
{
	if (c->answered == table[c->mechanism].challenges)
		return false;
	switch (c->mechanism) {
	case SASL_CRAM_MD5:
		cram_md5_response(c->credential, challenge, out);
		break;
	case SASL_PLAIN:
		sasl_plain_message(c->credential, out);
		break;
	case SASL_LOGIN:
		sasl_login_response(c->credential, c->answered, out);
		break;
	case SASL_MECHANISMS:
		return false;
	}
	c->answered++;
	return true;
}
