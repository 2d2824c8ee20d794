#include "client/bearer.h"

#include "route/tokenfile.h"
#include "wire/token.h"

/* Milliseconds that the answer of qmail-oauth may take longer than the token server's. */
enum { SERVICE_MS = 10000 };

/* The file may have gone since the route was read: a user without anything else to prove it would then
 * be nobody, and the mail leave unauthenticated. */
static enum answer
read_for(const struct credential *credential, struct str *token, struct problem *problem)
{
	enum answer found = tokenfile_read(credential_user(credential), token, problem);

	if (found != ANSWER_NO || credential_is_set(credential))
		return found;
	problem_note(
	    problem, "control/oauthtokens", 0, "has no token for the user any more", 0);
	return ANSWER_ERROR;
}

static struct deadline
deadline_of(const struct bearer_setting *s)
{
	int64_t ms = (int64_t)s->limits->token_ms + SERVICE_MS;

	return deadline_sooner(deadline_in_ms(ms), s->end);
}

/* The user stays; the token was looked at and fits. */
static void
put(struct route *route, struct str *token)
{
	struct str user = { 0 };

	str_set(&user, credential_user(&route->credential));
	credential_set_token(&route->credential, str_view(&user), str_view(token));
	str_free(&user);
}

static bool
report_none(struct report *report, const struct str *name, const struct str *reason)
{
	report_begin(report, REPORT_LATER);
	report_add(report, "Sorry, I have no OAuth 2 token for ");
	report_add_view(report, str_view(name));
	report_add(report, ": ");
	report_add_view(report, str_view(reason));
	report_add(report, ". (#4.7.0)");
	report_end(report, NULL);
	return false;
}

bool
bearer_fetch(
    struct route *route, const struct bearer_setting *setting, struct report *report)
{
	struct str token = { 0 }, reason = { 0 };
	struct problem problem = { 0 };
	enum answer found = ANSWER_YES;
	bool ok = true;

	if (route->credential.user_len == 0)
		return true;
	if (route->oauth.len == 0)
		found = read_for(&route->credential, &token, &problem);
	else
		ok = token_ask(str_view(&route->oauth), VIEW(""), deadline_of(setting),
			 &token, &reason) ||
		    report_none(report, &route->oauth, &reason);
	if (found == ANSWER_ERROR) {
		report_controls(report, &problem);
		ok = false;
	} else if (found == ANSWER_YES && ok) {
		put(route, &token);
	}
	str_wipe(&token);
	str_free(&reason);
	return ok;
}

bool
bearer_renew(struct route *route, const struct bearer_setting *setting)
{
	struct view refused = credential_pass(&route->credential);
	struct str token = { 0 }, reason = { 0 };
	bool ok;

	if (!route->credential.is_token)
		return false;
	if (route->oauth.len > 0)
		ok = token_ask(str_view(&route->oauth), refused, deadline_of(setting),
		    &token, &reason);
	else
		ok = tokenfile_read(credential_user(&route->credential), &token, NULL) ==
		    ANSWER_YES;
	ok = ok && !view_equal(str_view(&token), refused);
	if (ok)
		put(route, &token);
	str_wipe(&token);
	str_free(&reason);
	return ok;
}
