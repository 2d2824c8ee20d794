#include "server/authreplies.h"

struct text {
	unsigned code;
	const char *status, *text;
};

static const struct text wrong_password[] = {
	[DIALECT_NOTQMAIL] = { 535, "5.7.1", "authentication failed" },
	[DIALECT_SAGREDO] = { 535, "5.7.1", "authentication failed" },
	[DIALECT_JMS1] = { 535, "5.7.0", "authorization failed" },
	[DIALECT_SQMAIL] = { 535, "5.7.1", "authentication failed" },
	[DIALECT_INDIMAIL] = { 535, "5.7.1", "authorization failed" },
	[DIALECT_LDAP] = { 535, "5.7.1", "authentication failed" },
};

static const struct text unknown_mechanism[] = {
	[DIALECT_NOTQMAIL] = { 504, "5.5.1", "auth type unimplemented" },
	[DIALECT_SAGREDO] = { 504, "5.5.1", "auth type invalid" },
	[DIALECT_JMS1] = { 504, "5.5.1", "auth type not available" },
	[DIALECT_SQMAIL] = { 504, "5.5.1", "auth type unimplemented" },
	[DIALECT_INDIMAIL] = { 504, "5.5.1", "auth type unimplemented" },
	[DIALECT_LDAP] = { 504, "5.5.1", "auth type unimplemented" },
};

/* sagredo's really ends with a space. */
static const struct text wants_auth[] = {
	[DIALECT_NOTQMAIL] = { 530, NULL, "5.7.0 Authentication required" },
	[DIALECT_SAGREDO] = { 530, NULL, "Authorization required (#5.7.1) " },
	[DIALECT_JMS1] = { 503, "5.5.1", "AUTH first" },
	[DIALECT_SQMAIL] = { 535, "5.7.1", "authentication required" },
	[DIALECT_INDIMAIL] = { 530, "5.7.1", "authentication required" },
	[DIALECT_LDAP] = { 530, NULL, "5.7.0 Authentication required" },
};

static const struct text canceled[] = {
	[DIALECT_NOTQMAIL] = { 501, "5.0.0", "auth exchange canceled" },
	[DIALECT_SAGREDO] = { 501, "5.0.0", "auth exchange canceled" },
	[DIALECT_JMS1] = { 501, "5.0.0", "auth exchange cancelled" },
	[DIALECT_SQMAIL] = { 501, "5.0.0", "auth exchange canceled" },
	[DIALECT_INDIMAIL] = { 501, "5.0.0", "auth exchange cancelled" },
	[DIALECT_LDAP] = { 501, "5.0.0", "auth exchange canceled" },
};

static const struct text *const texts[] = {
	[AUTH_WRONG_PASSWORD] = wrong_password,
	[AUTH_UNKNOWN_MECHANISM] = unknown_mechanism,
	[AUTH_WANTED] = wants_auth,
	[AUTH_CANCELED] = canceled,
};

struct reply
authreplies_of(enum dialect dialect, enum auth_reply name)
{
	const struct text *t = &texts[name][dialect];
	struct reply reply;

	reply_set(&reply, t->code, t->status, t->text);
	return reply;
}
