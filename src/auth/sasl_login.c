#include "auth/sasl_login.h"

void
sasl_login_response(const struct credential *c, unsigned challenge, struct str *out)
{
	struct view what = challenge == 0 ? credential_user(c) : credential_pass(c);

	str_reserve(out, what.len + 1);
	str_append(out, what);
}
