#include "client/tlssource.h"

#include <errno.h>
#include <sys/stat.h>

#include "lib/ascii.h"

/* The directories of Vermeulen's patch, where a file's name is a host's. */

enum { NAME_LEN_MAX = 253 };

bool
tlschoice_is_file_name(struct view name)
{
	size_t i;

	if (name.len == 0 || name.len > NAME_LEN_MAX || name.at[0] == '.')
		return false;
	for (i = 0; i < name.len; i++)
		if (!ascii_is_letter(name.at[i]) && !ascii_is_digit(name.at[i]) &&
		    view_index(VIEW("-_."), name.at[i]) == 3)
			return false;
	return true;
}

static enum answer
exists(const char *path, struct problem *problem)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return ANSWER_YES;
	if (errno == ENOENT || errno == ENOTDIR)
		return ANSWER_NO;
	problem_note(problem, path, 0, "unreadable", errno);
	return ANSWER_ERROR;
}

typedef void appender(struct str *out, struct view v);

static enum answer
host_file_as(appender *append, const char *directory, struct view name,
    const char *suffix, struct str *path, struct problem *problem)
{
	str_clear(path);
	str_append_text(path, directory);
	str_append_byte(path, '/');
	append(path, name);
	str_append_text(path, suffix);
	return exists(str_text(path), problem);
}

/* Is there a DIRECTORY/NAMESUFFIX?  As the name is written, then in lower case.  *path is the one
 * that was found. */
static enum answer
host_file(const char *directory, const struct tlschoice_question *q, const char *suffix,
    struct str *path, struct problem *problem)
{
	enum answer found;

	if (q->is_ip || !tlschoice_is_file_name(q->server))
		return ANSWER_NO;
	found = host_file_as(str_append, directory, q->server, suffix, path, problem);
	if (found == ANSWER_NO)
		found = host_file_as(
		    str_append_lower, directory, q->server, suffix, path, problem);
	return found;
}

enum answer
tlssource_hosts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	struct str path = { 0 };
	enum answer found = host_file("control/tlshosts", q, ".pem", &path, problem);

	if (found == ANSWER_YES) {
		tlschoice_set(c, TLS_VERIFY, "tlshosts");
		origin_note(&c->from, str_text(&path), 0);
		str_set(&c->trust, str_view(&path));
	}
	str_free(&path);
	return found;
}

enum answer
tlssource_nohosts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	static const char exhaustive[] = "control/tlshosts/exhaustivelist";
	struct str path = { 0 };
	enum answer found = host_file("control/notlshosts", q, "", &path, problem);

	if (found == ANSWER_NO) {
		found = exists(exhaustive, problem);
		str_set(&path, view_of(exhaustive));
	}
	if (found == ANSWER_YES) {
		tlschoice_set(c, TLS_NONE, NULL);
		origin_note(&c->from, str_text(&path), 0);
	}
	str_free(&path);
	return found;
}
