#include "auth/sasl_bearer.h"

#include "auth/gs2.h"
#include "lib/fmt.h"

#define SEPARATOR "\001"

static void
append_token(const struct credential *c, struct str *out)
{
	str_append_text(out, SEPARATOR "auth=Bearer ");
	str_append(out, credential_pass(c));
	str_append_text(out, SEPARATOR SEPARATOR);
}

void
sasl_oauthbearer_message(
    const struct credential *c, struct view host, uint16_t port, struct str *out)
{
	str_append_text(out, "n,a=");
	gs2_append_name(out, credential_user(c));
	str_append_text(out, "," SEPARATOR "host=");
	str_append(out, host);
	str_append_text(out, SEPARATOR "port=");
	fmt_u64(out, port);
	append_token(c, out);
}

void
sasl_xoauth2_message(const struct credential *c, struct str *out)
{
	str_append_text(out, "user=");
	str_append(out, credential_user(c));
	append_token(c, out);
}
