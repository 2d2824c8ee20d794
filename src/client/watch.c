#include "client/watch.h"

void
watch_connected(const struct watch *watch, const struct target *target)
{
	if (watch)
		watch->connected(watch->context, target);
}

void
watch_not_connected(const struct watch *watch, const struct target *target, int error)
{
	if (watch)
		watch->not_connected(watch->context, target, error);
}

void
watch_sent(const struct watch *watch, const char *verb, struct view argument)
{
	if (watch)
		watch->sent(watch->context, verb, argument);
}

void
watch_heard(const struct watch *watch, const struct remotereply *reply)
{
	if (watch)
		watch->heard(watch->context, reply);
}

void
watch_secured(
    const struct watch *watch, const struct tlschoice *tls, const struct tls_facts *facts)
{
	if (watch)
		watch->secured(watch->context, tls, facts);
}
