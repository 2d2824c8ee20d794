/* network - a resolver that asks qmail-dns, resident or on demand. */
#include "dns/backend.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "wire/helper.h"
#include "wire/kinds.h"

struct network {
	struct resolver resolver; /* first: the two are cast into each other */
	struct helper helper;
	struct str request, answer;
	size_t left; /* questions that may still be asked */
};

static const struct helper_name helper_name = { "dns", "qmail-dns", NULL };

static void
fail_all(const struct dns_question *questions, size_t count, enum dns_reason reason,
    struct dns_answer *answers)
{
	size_t i;

	for (i = 0; i < count; i++)
		answers[i] = dnsquery_failed(questions[i].name, reason);
}

/* One call for these.  False, with the reason, if no usable answer came. */
static bool
call(struct network *n, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	struct frame frame;
	bool good;
	size_t i;

	frame_start(&n->request, WIRE_DNS_ASK, FRAME_OK, 0, 0);
	for (i = 0; i < count; i++)
		dnsquery_add_question(&n->request, &questions[i]);
	if (helper_call(&n->helper, &helper_name, &n->request, NULL, 0, deadline,
		&n->answer, &frame) < 0) {
		n->resolver.reason = n->helper.reason;
		return false;
	}
	frame_close_fds(&frame);
	good = frame.status == FRAME_OK &&
	    dnsquery_answers(&frame, questions, count, mem, answers);
	if (!good)
		n->resolver.reason = "qmail-dns broke the protocol";
	return good;
}

/* Names that are too long to be names never leave; the others go in one request. */
static void
network_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	struct network *n = (struct network *)r;
	struct dns_question sent[DNS_QUESTIONS_MAX];
	struct dns_answer got[DNS_QUESTIONS_MAX];
	size_t at[DNS_QUESTIONS_MAX], i, sent_count = 0;

	fail_all(questions, count, DNS_REASON_LIMIT, answers);
	for (i = 0; i < count; i++) {
		if (questions[i].name.len > DNS_NAME_OCTETS) {
			answers[i].result = DNS_BADNAME;
		} else if (n->left > 0) {
			n->left--;
			at[sent_count] = i;
			sent[sent_count++] = questions[i];
		}
	}
	if (sent_count == 0)
		return;
	if (!call(n, sent, sent_count, deadline, mem, got))
		fail_all(sent, sent_count, DNS_REASON_HELPER, got);
	for (i = 0; i < sent_count; i++) {
		answers[at[i]] = got[i];
		if (got[i].asked.len == 0)
			answers[at[i]].asked = answers[at[i]].canonical = sent[i].name;
	}
}

static void
network_free(struct resolver *r)
{
	struct network *n = (struct network *)r;

	helper_close(&n->helper);
	str_free(&n->request);
	str_free(&n->answer);
	mem_free(n);
}

struct resolver *
resolver_network(size_t questions_max)
{
	struct network *n = mem_alloc_zeroed(1, sizeof *n);

	n->resolver = (struct resolver) { network_ask, network_free, "none" };
	helper_init(&n->helper);
	n->left = questions_max;
	return &n->resolver;
}
