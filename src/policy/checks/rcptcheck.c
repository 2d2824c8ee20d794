/* rcptcheck - ask the program $RCPTCHECK about each recipient (inbound 5.12).
 *
 * It gets SENDER, RECIPIENT and HELO in its environment and answers by its exit code; what jms1's and
 * sagredo's write to descriptor 4 is the reply.  In the ldap dialect the variable means another
 * thing.  A relay client's recipients are looked at if $RCPTCHECKRELAYCLIENT is at least 1. */
#include "lib/scan.h"
#include "policy/check.h"
#include "policy/program.h"

enum {
	TEXT_MAX = 1000,
	MISSING = 100,
	LATER = 111,
	LIMIT_EXCEEDED = 113,
	UNEXECUTED = 120
};

static enum verdict
close_with(struct ruling *why, const char *text)
{
	reply_set(&why->reply, 421, "4.3.0", text);
	return VERDICT_CLOSE;
}

static bool
heeds_text(const struct question *q)
{
	return q->dialect == DIALECT_JMS1 || q->dialect == DIALECT_SAGREDO;
}

/* The first line of its text, "550 sorry", or "550-sorry" if it has more.  Without a good code it is
 * no refusal to pass on. */
static enum verdict
reply_from(const struct question *q, struct view text, struct ruling *why)
{
	uint64_t code;

	text = view_trim_right(view_first(text, view_index(text, '\n')));
	if (!scan_whole_u64(view_first(text, 3), &code) || code < 400 || code > 599) {
		reply_set(&why->reply, 451, "4.4.2", "temporary problem");
		return VERDICT_DEFER;
	}
	text = view_from(text, 3);
	text = view_first(
	    view_trim_left(view_from(text, view_starts(text, VIEW("-")))), TEXT_MAX);
	why->reply =
	    (struct reply) { (unsigned)code, arena_copy(q->tools->mem, text), VIEW("") };
	if (code == 421)
		return VERDICT_CLOSE;
	return code < 500 ? VERDICT_DEFER : VERDICT_REJECT;
}

static enum verdict
reject(const struct question *q, struct ruling *why)
{
	if (q->dialect == DIALECT_JMS1)
		reply_set(&why->reply, 553, NULL, "no mailbox here by that name");
	else
		reply_set(&why->reply, q->dialect == DIALECT_SAGREDO ? 550 : 553, "5.1.1",
		    "sorry, no mailbox here by that name.");
	return VERDICT_REJECT;
}

static enum verdict
defer(const struct question *q, struct ruling *why)
{
	if (q->dialect != DIALECT_JMS1)
		return close_with(why, "unable to verify recipient");
	reply_set(&why->reply, 450, NULL, "unable to verify recipient");
	return VERDICT_DEFER;
}

static enum verdict
verdict_of(const struct question *q, int code, struct view text, struct ruling *why)
{
	bool speaks = heeds_text(q) && text.len > 0;

	switch (code) {
	case MISSING:
		return speaks ? reply_from(q, text, why) : reject(q, why);
	case LATER:
		return speaks && q->dialect == DIALECT_JMS1 ? reply_from(q, text, why)
							    : defer(q, why);
	case LIMIT_EXCEEDED:
		if (q->dialect != DIALECT_SAGREDO)
			return VERDICT_PASS;
		return close_with(why, "you have exceeded your messaging limits");
	case UNEXECUTED:
		return close_with(why, "unable to execute recipient check");
	default:
		return VERDICT_PASS;
	}
}

/* What the list says, also of a relay client's recipient, for whom that does not matter. */
static bool
is_in_rcpthosts(const struct question *q)
{
	struct question other = *q;
	struct ruling ignored = { 0 };

	other.list = q->hosts;
	return !other.list->present || check_rcpthosts(&other, &ignored) == VERDICT_PASS;
}

static void
fill_environment(const struct question *q, struct env_list *environment)
{
	if (q->tools->environment)
		env_list_copy(environment, q->tools->environment);
	else
		env_list_inherit(environment);
	env_list_set(environment, "SENDER", q->sender->whole);
	env_list_set(environment, "RECIPIENT", q->recipient->whole);
	env_list_set(environment, "HELO", q->tools->helo);
	env_list_set(environment, "USE_FD4", VIEW("1"));
	env_list_unset(environment, "RCPTFOUND");
	env_list_unset(environment, "RCPTHOSTS");
	if (q->dialect == DIALECT_SAGREDO && q->is_known)
		env_list_set(environment, "RCPTFOUND", VIEW("1"));
	if (q->dialect == DIALECT_SAGREDO && is_in_rcpthosts(q))
		env_list_set(environment, "RCPTHOSTS", VIEW("1"));
}

static enum verdict
run(const struct question *q, struct str *text, struct ruling *why)
{
	struct str path = { 0 };
	struct env_list environment = { 0 };
	char *argv[2] = { NULL, NULL };
	struct program program = { .argv = argv,
		.environment = &environment,
		.seconds = q->tools->program_seconds,
		.text_fd = 4 };
	int code = 0;
	enum program_end end;

	str_append_text(&path, q->list->value);
	argv[0] = path.at;
	fill_environment(q, &environment);
	end = program_run(&program, text, &code);
	env_list_free(&environment);
	str_free(&path);
	if (end == PROGRAM_NO_FORK)
		return close_with(why, "unable to fork");
	if (end != PROGRAM_EXITED)
		return close_with(why, "unable to execute recipient check");
	return verdict_of(q, code, str_view(text), why);
}

enum verdict
check_rcptcheck(const struct question *q, struct ruling *why)
{
	uint64_t for_relay = 0;
	struct str text = { 0 };
	enum verdict verdict;

	if (q->is_relay_client && q->list->settings[0])
		scan_u64(view_of(q->list->settings[0]), &for_relay);
	if (q->dialect == DIALECT_LDAP || (q->is_relay_client && for_relay == 0))
		return VERDICT_PASS;
	verdict = run(q, &text, why);
	str_free(&text);
	return verdict;
}
