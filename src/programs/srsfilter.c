/* srsfilter - a bounce to an address that SRS made goes to the sender it stands for.  See srsfilter(1). */
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/program.h"
#include "local/forward.h"
#include "os/os.h"
#include "srs/rules.h"

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "srsfilter: fatal: out of memory\n", OUTCOME_EXIT_TEMPORARY);
}

static _Noreturn void
refuse(const char *first, const char *second)
{
	complain("srsfilter: fatal: ", first, second, (char *)NULL);
	_exit(OUTCOME_EXIT_PERMANENT);
}

static const char *
variable(const char *name)
{
	const char *value = env_value(name);

	if (!value)
		refuse(name, " not set");
	return value;
}

/* The address in the local part: behind the prefix of a virtual domain or a user, if there is one. */
static struct view
find_address(void)
{
	static const char *const names[] = { "EXT2", "EXT", "LOCAL", "DEFAULT" };
	size_t i;

	variable("EXT2");
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = env_value(names[i]);

		if (value && srs_is_srs(view_of(value)))
			return view_of(value);
	}
	refuse("SRS: ", srs_text(SRS_NOT_SRS));
}

static void
reverse(struct view address, struct str *recipient)
{
	struct srs_rules rules = { 0 };
	struct str local_at = { 0 };
	struct problem problem;
	enum answer on = srs_rules_read(&rules, &problem);
	enum srs_result result;

	if (on == ANSWER_ERROR) {
		struct outcome o = { 0 };

		outcome_problem(&o, "srsfilter: fatal: ", &problem, "");
		complain(str_text(&o.text), (char *)NULL);
		_exit(OUTCOME_EXIT_TEMPORARY);
	}
	if (on == ANSWER_NO)
		refuse("there is no control/srs_domain", "");
	/* What is before the last '@' counts; the local part may have one of its own. */
	str_append(&local_at, address);
	str_append_byte(&local_at, '@');
	result = srs_reverse(&rules.srs, str_view(&local_at), time(NULL), recipient);
	if (result != SRS_OK)
		refuse("SRS: ", srs_text(result));
	str_free(&local_at);
	srs_rules_free(&rules);
}

int
main(void)
{
	struct forward forward = { .sender = VIEW(""), .count = 1 };
	struct outcome outcome = { 0 };
	struct str recipient = { 0 };
	struct view recipients[1];
	int status;

	program_start(out_of_memory);
	if (*variable("SENDER"))
		refuse(
		    "this address takes bounces only: SENDER must be empty (#5.7.1)", "");
	forward.delivered_to = view_of(variable("DTLINE"));
	if (program_enter_home() < 0) {
		complain(
		    "srsfilter: fatal: unable to switch to home directory", (char *)NULL);
		return OUTCOME_EXIT_TEMPORARY;
	}
	reverse(find_address(), &recipient);
	recipients[0] = str_view(&recipient);
	forward.recipients = recipients;

	forward_program("srsfilter", &forward, &outcome);
	complain(str_text(&outcome.text), (char *)NULL);
	status = outcome_exit(outcome.kind);
	outcome_free(&outcome);
	str_free(&recipient);
	return status;
}
