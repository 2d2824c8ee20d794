#include "sts/look.h"

#include "dns/txt.h"
#include "sts/record.h"
#include "wire/token.h"

enum { LOOKUP_MS = 30000 };

/* What goes into the file beside what was kept: views of `kept` may point here. */
struct findings {
	struct arena mem;
	struct policy policy;
	struct str why;
};

enum look_choice
look_choose(
    const struct sts_kept *kept, struct view id, const struct look_question *question)
{
	if (question->anew || !sts_kept_is_valid(kept, question->now) ||
	    !view_equal(kept->id, id) || kept->fetched + LOOK_RENEW <= question->now)
		return LOOK_FETCH;
	return LOOK_KEEP;
}

/* --- a look ------------------------------------------------------------------------------------- */

static void
fail(struct sts_kept *k, enum sts_failure failure, struct findings *f, struct view why)
{
	str_clear(&f->why);
	token_tame(&f->why, why);
	k->failure = failure;
	k->text = str_view(&f->why);
	k->next = k->checked + LOOK_RETRY;
}

/* Neither is there a new policy, nor does that end an old one. */
static void
say(struct sts_kept *k, struct findings *f, const char *text)
{
	str_set(&f->why, view_of(text));
	k->failure = STS_FINE;
	k->text = str_view(&f->why);
}

static bool
fetch(struct sts_kept *k, struct view id, const struct look_question *q,
    struct resolver *r, const struct fetch_settings *settings, struct findings *f)
{
	struct str why = { 0 };
	enum sts_failure failure = fetch_policy(r, settings, q->domain, &f->policy, &why);

	if (failure != STS_FINE) {
		fail(k, failure, f, str_view(&why));
	} else {
		k->mode = f->policy.mode;
		k->id = id;
		k->max_age = f->policy.max_age;
		k->fetched = q->now;
		k->expires = q->now + f->policy.max_age;
		k->mx = str_view(&f->policy.mx);
		k->failure = STS_FINE;
		k->text = VIEW("");
	}
	str_free(&why);
	return failure == STS_FINE;
}

static bool
look_up(struct sts_kept *k, const struct look_question *q, struct resolver *r,
    const struct fetch_settings *settings, struct findings *f)
{
	struct str name = { 0 };
	struct view *texts = NULL, id = VIEW("");
	enum record_result found = RECORD_NONE;
	enum answer answer;
	size_t count = 0;

	str_append_text(&name, "_mta-sts.");
	str_append(&name, q->domain);
	answer = txt_lookup(
	    r, str_view(&name), deadline_in_ms(LOOKUP_MS), &f->mem, &texts, &count);
	str_free(&name);
	if (answer == ANSWER_ERROR) {
		fail(k, STS_FINE, f, view_of(resolver_reason(r)));
		return false;
	}
	if (answer == ANSWER_YES)
		found = record_find(texts, count, &id);
	if (found == RECORD_ONE && look_choose(k, id, q) == LOOK_FETCH)
		return fetch(k, id, q, r, settings, f);
	if (found == RECORD_ONE)
		say(k, f, "");
	else if (found == RECORD_INVALID)
		fail(k, STS_INVALID, f, VIEW("the record in the DNS is not valid"));
	else
		say(k, f,
		    found == RECORD_NONE ? "there is no record in the DNS"
					 : "there are several records in the DNS");
	return false;
}

/* A policy that ends sooner is looked at when it does. */
static uint64_t
next_look(const struct sts_kept *k, uint64_t now)
{
	uint64_t next = now + LOOK_AGAIN;

	if (sts_kept_is_valid(k, now) && k->expires < next)
		next = k->expires;
	return next < now + LOOK_RETRY ? now + LOOK_RETRY : next;
}

static void
forget_policy(struct sts_kept *k)
{
	k->mode = STS_NONE;
	k->id = k->mx = VIEW("");
	k->max_age = k->fetched = k->expires = 0;
}

/* What was kept, as the start of a new look. */
static void
read_old(struct view domain, uint64_t now, struct str *room, struct sts_kept *k)
{
	bool off;

	if (sts_read(domain, room, k, &off) != ANSWER_YES)
		*k = (struct sts_kept) { .used = now };
	if (!sts_kept_is_valid(k, now))
		forget_policy(k);
	k->domain = domain;
	k->checked = now;
	k->next = 0;
}

static void
finish(struct look *out, const struct sts_kept *k)
{
	str_clear(&out->room);
	sts_kept_format(&out->room, k);
	sts_kept_parse(str_view(&out->room), &out->kept); /* it is our own */
}

void
look_at(const struct look_question *q, struct resolver *r,
    const struct fetch_settings *settings, struct look *out)
{
	struct str old = { 0 }, domain = { 0 };
	struct findings f = { 0 };
	struct sts_kept k;

	str_append_lower(&domain, q->domain);
	read_old(str_view(&domain), q->now, &old, &k);
	if (q->used)
		k.used = q->now;
	out->fetched = look_up(&k, q, r, settings, &f);
	if (k.next == 0)
		k.next = next_look(&k, q->now);
	finish(out, &k);
	str_free(&old);
	str_free(&domain);
	str_free(&f.why);
	policy_free(&f.policy);
	arena_free(&f.mem);
}

void
look_failed(struct view domain, uint64_t now, const char *text, struct look *out)
{
	struct str old = { 0 };
	struct sts_kept k;

	read_old(domain, now, &old, &k);
	k.failure = STS_FETCH_ERROR;
	k.text = view_of(text);
	k.next = now + LOOK_RETRY;
	out->fetched = false;
	finish(out, &k);
	str_free(&old);
}

void
look_free(struct look *look)
{
	str_free(&look->room);
	*look = (struct look) { 0 };
}

void
look_log(const struct look *look, const struct log *log)
{
	const struct sts_kept *k = &look->kept;
	struct log_line line;

	if (!look->fetched && k->failure == STS_FINE)
		return;
	log_begin(&line, log, LOG_STS);
	log_add(&line, KEY_HOST, k->domain);
	log_add_text(&line, KEY_RESULT,
	    k->failure == STS_FINE ? sts_mode_name(k->mode)
				   : sts_failure_name(k->failure));
	if (k->text.len > 0)
		log_add(&line, KEY_TEXT, k->text);
	log_end(&line);
}
