#include "auth/credential.h"

#include <string.h>

#include "os/os.h"

static bool
fits(struct view v, size_t size)
{
	return v.len <= size && view_index(v, '\0') == v.len;
}

bool
credential_set(struct credential *c, struct view user, struct view pass)
{
	if (!fits(user, sizeof c->user) || !fits(pass, sizeof c->pass))
		return false;
	credential_wipe(c);
	memcpy(c->user, user.at, user.len);
	memcpy(c->pass, pass.at, pass.len);
	c->user_len = user.len;
	c->pass_len = pass.len;
	return true;
}

bool
credential_set_token(struct credential *c, struct view user, struct view token)
{
	if (!credential_set(c, user, token))
		return false;
	c->is_token = true;
	return true;
}

bool
credential_is_set(const struct credential *c)
{
	return c->user_len > 0 && c->pass_len > 0;
}

struct view
credential_user(const struct credential *c)
{
	return (struct view) { c->user, c->user_len };
}

struct view
credential_pass(const struct credential *c)
{
	return (struct view) { c->pass, c->pass_len };
}

void
credential_wipe(struct credential *c)
{
	os_wipe(c, sizeof *c);
}
