#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/client.h"
#include "broker/environment.h"
#include "broker/programs.h"
#include "os/os.h"
#include "wire/brokerframe.h"

enum {
	LOG_DESCRIPTOR = 0, /* among those of an OPEN */
	REASON_MAX = 200,
};

/* An edit of the files is live at once. */
static const char *
read_programs(struct broker_client *c)
{
	struct problem problem;

	brokercommands_free(&c->commands);
	programs_add_helpers(&c->commands);
	if (programs_read(&c->commands, &problem) == ANSWER_ERROR ||
	    programs_read_plugins(&c->commands, &problem) == ANSWER_ERROR) {
		log_problem(c->service->log, &problem);
		return "the broker cannot read its control files";
	}
	return NULL;
}

static const char *
read_variables(struct broker_client *c)
{
	struct control_list lines = { 0 };
	struct problem problem;

	if (control_list("control/brokervariables", &lines, &problem) == ANSWER_ERROR) {
		log_problem(c->service->log, &problem);
		return "the broker cannot read its control files";
	}
	control_list_free(&c->service->variables);
	c->service->variables = lines;
	return NULL;
}

/* Children run as what we are: for another user it would not be the same. */
static const char *
check_user(const struct broker_client *c)
{
	uid_t uid;
	gid_t gid;

	if (os_peer_ids(c->serve.fd, &uid, &gid) < 0 || uid != geteuid() ||
	    gid != getegid())
		return "another user or group than the broker's";
	return NULL;
}

/* --- its commands and variables ------------------------------------------------------------------------------ */

static const char *
check_commands(struct broker_client *c, struct view *what)
{
	struct view rest = c->serve.job.request.fields, octets;
	uint16_t tag;

	while (frame_next(&rest, &tag, &octets))
		if (tag == TAG_BROKER_COMMAND &&
		    !brokercommands_have(&c->commands, octets)) {
			*what = view_from(octets, 1);
			return "a program that is not in control/brokerprograms";
		}
	return NULL;
}

static bool
has_entry(const struct env_list *list, struct view entry)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (view_equal(view_of(list->entries[i]), entry))
			return true;
	return false;
}

static void
keep_variable(struct broker_client *c, struct view name, struct view value)
{
	struct str text = { 0 };

	str_set(&text, name);
	env_list_set(&c->environment, text.at, value);
	str_free(&text);
}

/* What it has as we have it is no matter. */
static const char *
take_variables(struct broker_client *c, struct view *what)
{
	struct environment_rules rules = { &c->service->variables, false, &c->commands };
	struct view rest = c->serve.job.request.fields, octets, name, value;
	const char *fault = NULL;
	uint16_t tag;

	while (!fault && frame_next(&rest, &tag, &octets)) {
		if (tag != TAG_BROKER_SET ||
		    !brokerframe_variable(octets, &name, &value) ||
		    environment_is_left_out(name))
			continue;
		if (!has_entry(&c->service->environment, octets))
			fault = environment_refuses(&rules, tag, octets);
		if (!fault)
			keep_variable(c, name, value);
		*what = name;
	}
	return fault;
}

/* Which home it is, and where programs are found, must be the same; also that nobody said so. */
static const char *
check_place(const struct broker_client *c)
{
	static const char *const names[] = { "QMAILHOME=", "PATH=" };
	const struct env_list *ours = &c->service->environment;
	size_t i, k;

	for (i = 0; i < ours->count; i++)
		for (k = 0; k < sizeof names / sizeof *names; k++)
			if (view_starts(view_of(ours->entries[i]), view_of(names[k])) &&
			    !has_entry(&c->environment, view_of(ours->entries[i])))
				return "another PATH or QMAILHOME than the broker's";
	return NULL;
}

/* --- the answer ------------------------------------------------------------------------------------------------ */

/* NULL, or why not; *what it is about may be empty. */
static const char *
find_fault(struct broker_client *c, struct view *what)
{
	const char *fault = check_user(c);

	if (!fault)
		fault = read_programs(c);
	if (!fault)
		fault = read_variables(c);
	if (!fault)
		fault = check_commands(c, what);
	if (!fault)
		fault = take_variables(c, what);
	if (fault)
		return fault;
	*what = VIEW("");
	return check_place(c);
}

static void
decline(struct broker_client *c, const char *fault, struct view what)
{
	const struct frame *request = &c->serve.job.request;
	struct str reason = { 0 };

	str_append_text(&reason, fault);
	if (what.len > 0)
		str_append_text(&reason, ": ");
	str_append(&reason, view_first(what, REASON_MAX));
	env_list_free(&c->environment);
	frame_start(&c->serve.job.answer, request->kind, FRAME_NO, request->id, 0);
	frame_add(&c->serve.job.answer, TAG_REASON, str_view(&reason));
	str_free(&reason);
	serve_answer(&c->serve);
}

void
agree_open(struct broker_client *c)
{
	struct frame *request = &c->serve.job.request;
	struct view what = VIEW("");
	const char *fault;

	if (c->open || c->service->commands) { /* once, and of a resident one */
		client_answer(c, FRAME_MALFORMED);
		return;
	}
	fault = request->fd_count == 1 ? find_fault(c, &what) : "no log";
	if (fault) {
		decline(c, fault, what);
		return;
	}
	c->log_fd = request->fds[LOG_DESCRIPTOR];
	request->fds[LOG_DESCRIPTOR] = -1;
	c->open = true;
	client_answer(c, FRAME_OK);
}
