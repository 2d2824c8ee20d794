#include <time.h>
#include <unistd.h>

#include "config/control.h"
#include "tlspolicy/tlsrequired.h"
#include "tlspolicy/tlssource.h"
#include "tlspolicy/tlssts.h"
#include "wire/sts.h"
#include "wire/tlsrpt.h"

/* What qmail-sts knows of the domain, if there is a policy; it is told when it should look. */
static bool
read_policy(struct view domain, struct str *room, struct sts_kept *kept)
{
	uint64_t now = (uint64_t)time(NULL);
	bool off;
	enum answer found = sts_read(domain, room, kept, &off);

	if (off)
		return false;
	if (found != ANSWER_YES || kept->next <= now)
		sts_note(domain);
	return found == ANSWER_YES && sts_kept_is_valid(kept, now) &&
	    kept->mode != STS_NONE;
}

bool
tlssts_excludes(struct view domain, struct view exchanger)
{
	struct str room = { 0 };
	struct sts_kept kept;
	bool off, excluded;

	excluded = domain.len > 0 && sts_read(domain, &room, &kept, &off) == ANSWER_YES &&
	    kept.mode == STS_ENFORCE && sts_kept_is_valid(&kept, (uint64_t)time(NULL)) &&
	    !sts_matches(kept.mx, exchanger);
	str_free(&room);
	return excluded;
}

/* The certificate's CN proves nothing here (RFC 8461 4.1). */
static void
describe(
    const struct tlschoice_question *q, struct tlschoice *c, const struct sts_kept *kept)
{
	struct str path = { 0 };

	str_append_text(&path, STS_CACHE "/");
	str_append(&path, kept->domain);
	origin_note(&c->from, str_text(&path), 0);
	str_free(&path);
	c->not_listed = q->is_ip || !sts_matches(kept->mx, q->server);
	c->names_only = true;
	c->report_type = TLSRPT_STS;
	tlsrpt_describe_sts(&c->report_policy, kept);
}

static enum answer
enforce(const struct tlschoice_question *q, const struct sts_kept *kept,
    struct tlschoice *c, struct problem *problem)
{
	if (control_line("control/stscafile", &c->trust, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	tlschoice_set(c, TLS_VERIFY, "sts");
	describe(q, c, kept);
	if (c->not_listed) {
		c->refusal_type = TLSRPT_INVALID;
		str_append_text(&c->refusal, "the policy of ");
		str_append(&c->refusal, kept->domain);
		str_append_text(&c->refusal, " does not list it");
	}
	return ANSWER_YES;
}

/* As without a policy, but what becomes of the certificate is to be told. */
static enum answer
test(const struct tlschoice_question *q, const struct sts_kept *kept, struct tlschoice *c)
{
	if (control_line("control/stscafile", &c->trust, NULL) == ANSWER_YES &&
	    access(str_text(&c->trust), R_OK) < 0)
		str_clear(&c->trust);
	tlschoice_set(c, TLS_MAY, NULL);
	describe(q, c, kept);
	return ANSWER_YES;
}

enum answer
tlssource_sts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	struct str room = { 0 };
	struct sts_kept kept;
	enum answer found = ANSWER_NO;

	if (q->domain.len > 0 && read_policy(q->domain, &room, &kept) &&
	    !tlsrequired_is_no(q->message))
		found = kept.mode == STS_ENFORCE ? enforce(q, &kept, c, problem)
						 : test(q, &kept, c);
	str_free(&room);
	return found;
}
