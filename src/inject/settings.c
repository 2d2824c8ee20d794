#include "inject/settings.h"

#include <unistd.h>

#include "lib/env.h"

enum inject_status
inject_fail(struct str *complaint, enum inject_status status, const char *text,
    struct view detail)
{
	str_clear(complaint);
	str_append_text(complaint, text);
	str_append(complaint, view_trim_right(detail));
	return status;
}

/* The first of the variables that is set, even if it is empty. */
static const char *
first_of(const char *const *names, const char *otherwise)
{
	for (; *names; names++)
		if (env_value(*names))
			return env_value(*names);
	return otherwise;
}

static void
read_flags(struct inject_settings *s)
{
	const char *flag = env_value("QMAILINJECT");

	for (; flag && *flag; flag++)
		switch (*flag) {
		case 'c':
			s->name_in_comment = true;
			break;
		case 's':
			s->drop_return_path = true;
			break;
		case 'f':
			s->drop_from = true;
			break;
		case 'i':
			s->drop_message_id = true;
			break;
		case 'r':
			s->verp_recipient = true;
			break;
		case 'm':
			s->verp_message = true;
			break;
		default:
			break;
		}
}

static void
read_names(struct inject_settings *s)
{
	static const char *const users[] = { "QMAILUSER", "MAILUSER", "USER", "LOGNAME",
		NULL };
	static const char *const hosts[] = { "QMAILHOST", "MAILHOST", NULL };
	static const char *const names[] = { "QMAILNAME", "MAILNAME", "NAME", NULL };
	static const char *const sender_user[] = { "QMAILSUSER", NULL };
	static const char *const sender_host[] = { "QMAILSHOST", NULL };

	s->user = first_of(users, "anonymous");
	s->host = first_of(hosts, NULL);
	s->full_name = first_of(names, NULL);
	s->sender_user = first_of(sender_user, s->user);
	s->sender_host = first_of(sender_host, s->host);
}

static bool
read_options(struct inject_settings *s, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "+aAhHnNf:")) != -1)
		switch (option) {
		case 'a':
			s->recipients = RECIPIENTS_ARGUMENTS;
			break;
		case 'A':
			s->recipients = RECIPIENTS_DEFAULT;
			break;
		case 'h':
			s->recipients = RECIPIENTS_HEADER;
			break;
		case 'H':
			s->recipients = RECIPIENTS_BOTH;
			break;
		case 'n':
		case 'N':
			s->print = option == 'n';
			break;
		case 'f':
			s->sender = optarg;
			break;
		default:
			return false;
		}
	s->arguments = argv + optind;
	if (s->recipients == RECIPIENTS_DEFAULT)
		s->recipients =
		    s->arguments[0] ? RECIPIENTS_ARGUMENTS : RECIPIENTS_HEADER;
	return true;
}

enum inject_status
settings_read_caller(
    struct inject_settings *s, int argc, char **argv, struct str *complaint)
{
	const char *lists = env_value("QMAILMFTFILE");

	if (!read_options(s, argc, argv))
		return inject_fail(complaint, INJECT_PERMANENT,
		    "usage: qmail-inject [ -aAhHnN ] [ -f sender ] [ recip ... ]",
		    VIEW(""));
	read_flags(s);
	read_names(s);
	if (lists && control_list(lists, &s->lists, NULL) == ANSWER_ERROR)
		return inject_fail(complaint, INJECT_TEMPORARY,
		    "unable to read the file of $QMAILMFTFILE", VIEW(""));
	return INJECT_OK;
}

/* $VARIABLE, else control/NAME, else control/me, else the name itself. */
static enum inject_status
read_text(const char *variable, const char *path, struct str *out, struct str *complaint)
{
	const char *value = env_value(variable);
	struct problem problem;

	if (value) {
		str_set(out, view_of(value));
		return INJECT_OK;
	}
	switch (control_line_or(path, "control/me", out, &problem)) {
	case ANSWER_YES:
		return INJECT_OK;
	case ANSWER_NO:
		str_set(out, view_from(view_of(path), sizeof "control/" - 1));
		return INJECT_OK;
	case ANSWER_ERROR:
		break;
	}
	return inject_fail(
	    complaint, INJECT_TEMPORARY, "unable to read ", view_of(problem.where));
}

static enum inject_status
read_tokens(struct inject_settings *s, const char *variable, const char *path,
    struct tokens *out, struct str *complaint)
{
	struct str text = { 0 };
	enum inject_status status = read_text(variable, path, &text, complaint);

	if (status == INJECT_OK && !tokens_parse(out, str_view(&text), &s->texts))
		status = inject_fail(complaint, INJECT_PERMANENT,
		    "unable to parse this line:\n", str_view(&text));
	str_free(&text);
	return status;
}

enum inject_status
settings_read_controls(struct inject_settings *s, struct str *complaint)
{
	struct rewrite *r = &s->rewrite;
	enum inject_status status = read_tokens(s, "QMAILDEFAULTDOMAIN",
	    "control/defaultdomain", &r->default_domain, complaint);

	if (status == INJECT_OK)
		status = read_tokens(s, "QMAILDEFAULTHOST", "control/defaulthost",
		    &r->default_host, complaint);
	if (status == INJECT_OK)
		status = read_tokens(s, "QMAILPLUSDOMAIN", "control/plusdomain",
		    &r->plus_domain, complaint);
	if (status == INJECT_OK)
		status =
		    read_text("QMAILIDHOST", "control/idhost", &s->id_host, complaint);
	return status;
}

void
settings_free(struct inject_settings *s)
{
	control_list_free(&s->lists);
	tokens_free(&s->rewrite.default_host);
	tokens_free(&s->rewrite.default_domain);
	tokens_free(&s->rewrite.plus_domain);
	str_free(&s->id_host);
	arena_free(&s->texts);
}
