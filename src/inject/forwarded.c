#include "inject/forwarded.h"

#include "lib/env.h"
#include "srs/rules.h"

static bool
is_forwarded(void)
{
	if (env_value("QMAILINJECT_SKIP_SRS"))
		return false;
	return env_value("QMAILINJECT_FORCE_SRS") ||
	    (env_value("EXT") && env_value("HOST"));
}

enum inject_status
forwarded_rewrite_sender(
    struct envelope *e, const struct inject_settings *s, struct str *complaint)
{
	struct problem problem;
	struct str text = { 0 };

	if (!is_forwarded() ||
	    srs_rules_rewrite(&e->sender, s->now, &problem) != ANSWER_ERROR)
		return INJECT_OK;
	str_append_text(&text, problem.where);
	str_append_text(&text, ": ");
	str_append_text(&text, problem.what);
	inject_fail(complaint, INJECT_TEMPORARY,
	    "unable to rewrite the sender: ", str_view(&text));
	str_free(&text);
	return INJECT_TEMPORARY;
}
