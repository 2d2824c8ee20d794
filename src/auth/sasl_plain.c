#include "auth/sasl_plain.h"

void
sasl_plain_message(const struct credential *c, struct str *out)
{
	/* Reserved at once: growing would leave copies of the password in freed memory. */
	str_reserve(out, c->user_len + c->pass_len + 3);
	str_append_byte(out, '\0');
	str_append(out, credential_user(c));
	str_append_byte(out, '\0');
	str_append(out, credential_pass(c));
}
