#include "broker/programs.h"

#include "lib/env.h"

/* As lib/spawn's callers name them. */
static const char *const helpers[] = {
	"bin/qmail-queue",
	"bin/qmail-tls server",
	"bin/qmail-tls client",
	"bin/qmail-dns",
	"bin/qmail-rcpt",
	"bin/qmail-state",
	"bin/qmail-authcdb true",
};

void
programs_add_helpers(struct broker_commands *list)
{
	size_t i;

	for (i = 0; i < sizeof helpers / sizeof *helpers; i++)
		brokercommands_add_line(list, view_of(helpers[i]));
}

static enum answer
add_lines(struct broker_commands *list, const char *path, struct problem *problem)
{
	struct control_list lines = { 0 };
	enum answer answer = control_list(path, &lines, problem);
	size_t i;

	for (i = 0; answer == ANSWER_YES && i < lines.count; i++)
		brokercommands_add_line(list, lines.entries[i].text);
	control_list_free(&lines);
	return answer;
}

enum answer
programs_read(struct broker_commands *list, struct problem *problem)
{
	return add_lines(list, "control/brokerprograms", problem);
}

/* A plugin's line is one word, blanks and all; or it is for the shell. */
static void
add_plugin(struct broker_commands *list, struct view line)
{
	char *argv[2] = { NULL, NULL };
	struct str path = { 0 };

	if (view_starts(line, VIEW("["))) /* a section */
		return;
	if (view_starts(line, VIEW(":"))) {
		brokercommands_add_line(list, line);
		return;
	}
	str_set(&path, line);
	argv[0] = path.at;
	brokercommands_add(list, argv, false);
	str_free(&path);
}

enum answer
programs_read_plugins(struct broker_commands *list, struct problem *problem)
{
	const char *path = env_value("SPPCONFFILE");
	struct control_list lines = { 0 };
	enum answer answer =
	    control_list(path && *path ? path : "control/smtpplugins", &lines, problem);
	size_t i;

	for (i = 0; answer == ANSWER_YES && i < lines.count; i++)
		add_plugin(list, lines.entries[i].text);
	control_list_free(&lines);
	return answer;
}
