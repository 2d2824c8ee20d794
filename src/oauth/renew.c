#include "oauth/renew.h"

#include <time.h>

#include "lib/fd.h"
#include "oauth/answer.h"
#include "oauth/fetch.h"
#include "oauth/settings.h"

enum { PAUSE = 30, PAUSE_MAX = 3600, TOO_YOUNG = 60 };

/* --- what to do --------------------------------------------------------------------------------- */

static bool
was_refused(const struct renew_facts *f)
{
	unsigned char digest[TOKEN_DIGEST];

	if (!f->kept || f->refused.len != sizeof digest)
		return false;
	token_digest(f->kept->token, digest);
	return hash_equal(digest, (const unsigned char *)f->refused.at, sizeof digest);
}

bool
renew_may_use(const struct renew_facts *f)
{
	return f->kept && token_kept_is_valid(f->kept, f->now) && !was_refused(f);
}

/* A clock that was set back cannot say how old a token is. */
static bool
is_due(const struct renew_facts *f)
{
	uint64_t lifetime = f->kept->expires - f->kept->fetched;

	return f->now < f->kept->fetched || f->kept->expires < f->kept->fetched ||
	    f->now - f->kept->fetched >= lifetime / 4 * 3;
}

uint64_t
renew_pause(uint64_t failures)
{
	uint64_t pause = PAUSE;

	while (--failures > 0 && pause < PAUSE_MAX)
		pause *= 2;
	return pause < PAUSE_MAX ? pause : PAUSE_MAX;
}

/* Did the admin change the settings after that?  A file from the future says nothing. */
static bool
was_changed_after(const struct renew_facts *f, uint64_t moment)
{
	return f->changed > moment && f->changed <= f->now;
}

static bool
is_pausing(const struct renew_facts *f)
{
	return f->failure && f->failure->count > 0 &&
	    !was_changed_after(f, f->failure->at) && f->now >= f->failure->at &&
	    f->now - f->failure->at < renew_pause(f->failure->count);
}

enum renew_choice
renew_choose(const struct renew_facts *f)
{
	bool usable = renew_may_use(f);
	bool outdated = f->kept && was_changed_after(f, f->kept->fetched);

	if (usable && !outdated && !is_due(f))
		return RENEW_USE;
	if (is_pausing(f))
		return usable ? RENEW_USE : RENEW_WAIT;
	if (was_refused(f) && !outdated && f->now >= f->kept->fetched &&
	    f->now - f->kept->fetched < TOO_YOUNG)
		return RENEW_WAIT;
	return RENEW_FETCH;
}

/* --- doing it ----------------------------------------------------------------------------------- */

static uint64_t
clock_now(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}

/* One question being answered. */
struct renewal {
	const struct renew_question *q;
	const struct log *log;
	struct view name;
	uint64_t
	    now; /* when the lock was had: whoever had it before may have taken long */
	struct oauth_settings settings;
	struct str room;
	struct token_kept kept; /* in room */
	bool has_kept;
	struct keep_failure failure;
	bool has_failure;
	struct str *reason;
};

static bool
say(struct renewal *r, const char *text, const char *detail)
{
	str_clear(r->reason);
	token_tame(r->reason, view_of(text));
	token_tame(r->reason, view_of(detail));
	return false;
}

static void
tell(const struct renewal *r, const char *result, const char *words)
{
	struct log_line line;

	log_begin(&line, r->log, LOG_TOKEN);
	log_add(&line, KEY_ROUTE, r->name);
	log_add_text(&line, KEY_RESULT, result);
	if (words)
		log_add_text(&line, KEY_TEXT, words);
	log_end(&line);
}

static void
note_failure(struct renewal *r, const struct str *words)
{
	r->failure.count = r->has_failure ? r->failure.count + 1 : 1;
	r->failure.at = clock_now();
	str_set(&r->failure.words, str_view(words));
	r->has_failure = true;
	keep_write_failure(r->name, &r->failure);
	tell(r, "failed", str_text(words));
}

/* The refresh token first: the server may have given the old one up already, an access token can be
 * had again. */
static void
keep_answer(struct renewal *r, struct view refreshtoken, const struct oauth_answer *a)
{
	struct token_kept kept = { .token = str_view(&a->token),
		.expires = r->now + a->lifetime,
		.fetched = r->now };

	if (a->refreshtoken.len > 0 &&
	    !view_equal(str_view(&a->refreshtoken), refreshtoken) &&
	    keep_write_refresh(r->name, str_view(&r->settings.refreshtoken),
		str_view(&a->refreshtoken)) < 0)
		tell(r, "refresh token lost", "state/oauth cannot be written");
	if (keep_write_token(r->name, &kept) < 0)
		tell(r, "not kept", "state/oauth cannot be written");
	keep_forget_failure(r->name);
	tell(r, "renewed", NULL);
}

static bool
fetch(struct renewal *r, struct str *token, uint64_t *lifetime)
{
	struct oauth_answer answer = { 0 };
	struct str refreshtoken = { 0 };
	bool ok;

	keep_read_refresh(r->name, str_view(&r->settings.refreshtoken), &refreshtoken);
	if (keep_try(r->name) < 0) {
		str_wipe(&refreshtoken);
		return say(r, "state/oauth cannot be written", "");
	}
	ok =
	    fetch_token(&r->settings, str_view(&refreshtoken), r->q->timeout_ms, &answer);
	if (ok) {
		keep_answer(r, str_view(&refreshtoken), &answer);
		str_set(token, str_view(&answer.token));
		*lifetime = answer.lifetime;
	} else {
		note_failure(r, &answer.refusal);
		say(r, str_text(&answer.refusal), "");
	}
	answer_free(&answer);
	str_wipe(&refreshtoken);
	return ok;
}

static bool
use_kept(const struct renewal *r, struct str *token, uint64_t *lifetime)
{
	str_set(token, r->kept.token);
	*lifetime = r->kept.expires - r->now;
	return true;
}

static bool
decide(struct renewal *r, struct str *token, uint64_t *lifetime)
{
	struct renew_facts facts = { .refused = r->q->question.refused,
		.changed = r->settings.changed };
	enum renew_choice choice;

	r->now = facts.now = clock_now();
	r->has_kept = keep_read_token(r->name, &r->room, &r->kept);
	r->has_failure = keep_read_failure(r->name, &r->failure);
	facts.kept = r->has_kept ? &r->kept : NULL;
	facts.failure = r->has_failure ? &r->failure : NULL;
	choice = r->q->anew ? RENEW_FETCH : renew_choose(&facts);
	if (choice == RENEW_USE)
		return use_kept(r, token, lifetime);
	if (choice == RENEW_WAIT)
		return r->has_failure
		    ? say(r, "a moment ago: ", str_text(&r->failure.words))
		    : say(r, "the mail server refused a token not a minute old", "");
	if (fetch(r, token, lifetime))
		return true;
	return !r->q->anew && renew_may_use(&facts) && use_kept(r, token, lifetime);
}

static bool
read_settings(struct renewal *r)
{
	struct problem problem = { 0 };

	switch (settings_read(r->name, &r->settings, &problem)) {
	case ANSWER_YES:
		return true;
	case ANSWER_NO:
		return say(r, "there is no such directory in control/oauth", "");
	case ANSWER_ERROR:
		break;
	}
	log_problem(r->log, &problem);
	say(r, problem.where, ": ");
	token_tame(r->reason, view_of(problem.what));
	return false;
}

bool
renew_token(const struct renew_question *q, const struct log *log, struct str *token,
    uint64_t *lifetime, struct str *reason)
{
	struct renewal r = {
		.q = q, .log = log, .name = q->question.name, .reason = reason
	};
	uint64_t left;
	int lock;
	bool ok = false;

	if (!read_settings(&r))
		return false;
	lock = keep_lock(r.name);
	if (lock < 0)
		say(&r, "state/oauth cannot be written", "");
	else
		ok = decide(&r, token, lifetime ? lifetime : &left);
	fd_close(&lock);
	settings_free(&r.settings);
	str_wipe(&r.room);
	str_free(&r.failure.words);
	return ok;
}
