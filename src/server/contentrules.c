#include "server/contentrules.h"

#include "config/control.h"
#include "lib/mem.h"
#include "lib/scan.h"
#include "server/log.h"
#include "server/session.h"
#include "server/verdict.h"

enum { REPLY_TEXT = 400 }; /* octets of a comment in a reply */

static const char SIGNATURES[] = "control/signatures";
static const char BODYCHECK[] = "control/bodycheck";
static const char BADMIMETYPES[] = "control/badmimetypes.cdb";
static const char BADLOADERTYPES[] = "control/badloadertypes.cdb";

/* Of a session.  What a file is absent for is NULL or false. */
struct content_lists {
	bool has_signatures, has_bodycheck, has_patterns;
	struct signatures signatures;
	struct bodycheck bodycheck;
	struct linepatterns patterns;
	const char *patterns_file;
	struct cdbmap *mime, *loader;
	char mime_mode, loader_mode; /* of the variables: their octet; 0: empty */
	uint64_t klez, htmlonly;
};

/* --- settings ------------------------------------------------------------------------------------- */

/* indimail's file has another form, and its variable says whether it is asked (inbound 0.7). */
static enum answer
read_signatures(const struct session *s, struct content_lists *l, struct problem *problem)
{
	const char *check = env_value("VIRUSCHECK");
	enum signature_syntax syntax = check ? SIGNATURES_RULES : SIGNATURES_PLAIN;
	uint64_t kind = 1;
	enum answer found;

	if (!check && s->settings->dialect == DIALECT_INDIMAIL)
		return ANSWER_NO;
	if (check && *check && scan_u64(view_of(check), &kind) == 0)
		kind = 0;
	/* The others are of scanners behind the queue program. */
	if (kind < 1 || kind > 4)
		return ANSWER_NO;
	found = signatures_read(SIGNATURES, syntax, &l->signatures, &s->log, problem);
	l->has_signatures = found == ANSWER_YES;
	return found;
}

static enum answer
read_bodycheck(const struct session *s, struct content_lists *l, struct problem *problem)
{
	enum answer found = ANSWER_NO;

	if (env_value("BODYCHECK"))
		found = bodycheck_read(BODYCHECK, &l->bodycheck, &s->log, problem);
	l->has_bodycheck = found == ANSWER_YES;
	return found;
}

static enum answer
read_patterns(const struct session *s, struct content_lists *l, struct problem *problem)
{
	const char *line_max = env_value("PATTERNS_LINEMAX");
	uint64_t octets = 0;
	enum answer found;

	l->patterns_file = env_value("PATTERNS");
	if (!l->patterns_file || !*l->patterns_file)
		return ANSWER_NO;
	if (line_max && !scan_whole_u64(view_of(line_max), &octets))
		octets = 0;
	if (octets > LINES_PIECE)
		octets = LINES_PIECE;
	found = linepatterns_read(
	    l->patterns_file, (size_t)octets, &l->patterns, &s->log, problem);
	l->has_patterns = found == ANSWER_YES;
	return found;
}

/* s/qmail's variables: unset or "-" is off. */
static enum answer
read_base64types(struct content_lists *l, struct problem *problem)
{
	const char *mime = env_value("BADMIMETYPE");
	const char *loader = env_value("BADLOADERTYPE");

	if (mime && *mime != '-') {
		l->mime_mode = *mime;
		if (cdbmap_open(BADMIMETYPES, &l->mime, problem) == ANSWER_ERROR)
			return ANSWER_ERROR;
	}
	if (loader && *loader && !loader[1] && *loader != '-') {
		l->loader_mode = *loader;
		return cdbmap_open(BADLOADERTYPES, &l->loader, problem);
	}
	return ANSWER_NO;
}

static enum answer
read_lists(const struct session *s, struct content_lists *l, struct problem *problem)
{
	if (read_signatures(s, l, problem) == ANSWER_ERROR ||
	    read_bodycheck(s, l, problem) == ANSWER_ERROR ||
	    read_patterns(s, l, problem) == ANSWER_ERROR ||
	    read_base64types(l, problem) == ANSWER_ERROR ||
	    control_number_env("control/klezfilter", "KLEZFILTER", &l->klez, problem) ==
		ANSWER_ERROR ||
	    control_number_env("control/htmlonly", "HTMLONLY", &l->htmlonly, problem) ==
		ANSWER_ERROR)
		return ANSWER_ERROR;
	return l->has_signatures || l->has_bodycheck || l->has_patterns || l->mime ||
		l->mime_mode == '!' || l->loader || l->klez || l->htmlonly
	    ? ANSWER_YES
	    : ANSWER_NO;
}

static void
free_lists(struct content_lists *l)
{
	signatures_free(&l->signatures);
	bodycheck_free(&l->bodycheck);
	linepatterns_free(&l->patterns);
	cdbmap_close(l->mime);
	cdbmap_close(l->loader);
	mem_free(l);
}

static enum answer
read_settings(struct session *s, struct problem *problem)
{
	struct content_lists *lists = mem_alloc_zeroed(1, sizeof *lists);
	enum answer found = read_lists(s, lists, problem);

	if (found == ANSWER_YES)
		s->content.lists = lists;
	else
		free_lists(lists);
	s->content.known = found != ANSWER_ERROR;
	return found;
}

void
contentrules_free(struct session_content *content)
{
	if (content->lists)
		free_lists(content->lists);
	mem_free(content->inspection);
	*content = (struct session_content) { 0 };
}

/* --- a message ------------------------------------------------------------------------------------ */

/* Those that stand for all clients, and those that our own users need not keep. */
static void
choose_rules(const struct session *s, struct content_rules *out)
{
	const struct content_lists *l = s->content.lists;
	bool is_ours = s->relay_client || s->auth.done;

	*out = (struct content_rules) {
		.signatures = l->has_signatures ? &l->signatures : NULL,
		.bodycheck = l->has_bodycheck ? &l->bodycheck : NULL,
		.patterns = l->has_patterns ? &l->patterns : NULL,
		.klez = l->klez,
		.htmlonly = l->htmlonly && !is_ours,
	};
	if (l->mime_mode != '+' || !is_ours) {
		out->base64.mime = l->mime;
		out->base64.no_blanks = l->mime_mode == '!';
	}
	if (l->loader_mode != '+' || !is_ours) {
		out->base64.loader = l->loader;
		out->base64.any_start = l->loader_mode == '+';
		out->base64.start = l->loader_mode;
	}
}

static enum answer
begin(struct session *s, struct problem *problem)
{
	struct content_rules rules;

	if (!s->content.known && read_settings(s, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (!s->content.lists)
		return ANSWER_NO;
	choose_rules(s, &rules);
	s->content.inspection = mem_alloc(sizeof *s->content.inspection);
	inspection_start(s->content.inspection, &rules);
	return ANSWER_YES;
}

/* A message that is refused need not be stored, nor scanned by others. */
static void
give_up_if_found(struct session *s)
{
	if (s->content.inspection->found.rule != CONTENT_NOTHING)
		submit_fail(&s->buffers->queue);
}

static struct view
push(struct session *s, struct view octets)
{
	inspection_push(s->content.inspection, octets);
	give_up_if_found(s);
	return octets;
}

static struct view
end(struct session *s)
{
	inspection_end(s->content.inspection);
	give_up_if_found(s);
	return VIEW("");
}

static void
forget(struct session *s)
{
	mem_free(s->content.inspection);
	s->content.inspection = NULL;
}

/* --- what is said --------------------------------------------------------------------------------- */

/* indimail's two lines. */
static void
explain(struct session *s, struct view comment, struct ruling *why)
{
	struct str text = { 0 };

	/* A line that others follow shows no status of its own. */
	reply_set(&why->first, 552, "5.3.4",
	    "we don't accept email with the below content (#5.3.4)");
	str_append_text(&text, "Further Information: ");
	str_append(&text, view_first(comment, REPLY_TEXT));
	why->reply =
	    (struct reply) { 552, arena_copy(&s->scratch, str_view(&text)), VIEW("") };
	str_free(&text);
}

static void
rule_signatures(
    struct session *s, const struct content_finding *found, struct ruling *why)
{
	why->check = "signatures";
	why->file = SIGNATURES;
	why->line = found->line;
	if (s->content.lists->signatures.syntax == SIGNATURES_RULES)
		explain(s, found->text, why);
	else
		reply_set(&why->reply, 552, "5.3.4",
		    "we don't accept email with executable content");
}

static void
rule_base64(struct session *s, bool is_loader, struct ruling *why)
{
	why->check = is_loader ? "badloadertypes" : "badmimetypes";
	why->file = is_loader ? BADLOADERTYPES : BADMIMETYPES;
	why->reply = verdict_of_content(s);
}

static void
rule_by_list(struct session *s, const struct content_finding *found, struct ruling *why)
{
	why->line = found->line;
	if (found->rule == CONTENT_BODYCHECK) {
		why->check = "bodycheck";
		why->file = BODYCHECK;
		explain(s, found->text, why);
		return;
	}
	why->check = "patterns";
	why->file = s->content.lists->patterns_file;
	why->reply =
	    (struct reply) { 554, view_first(found->text, REPLY_TEXT), VIEW("") };
}

/* A file that could not be asked: later, perhaps. */
static void
rule_unknown(struct session *s, const struct content_finding *found, struct ruling *why)
{
	log_problem(&s->log, &found->problem);
	why->check = "controls";
	reply_set(&why->reply, 451, "4.3.0", "unable to read controls");
}

static bool
accepts(struct session *s, struct ruling *why)
{
	const struct content_finding *found = &s->content.inspection->found;

	if (found->is_unknown) {
		rule_unknown(s, found, why);
		return false;
	}
	switch (found->rule) {
	case CONTENT_NOTHING:
		return true;
	case CONTENT_SIGNATURES:
		rule_signatures(s, found, why);
		break;
	case CONTENT_BADMIMETYPES:
	case CONTENT_BADLOADERTYPES:
		rule_base64(s, found->rule == CONTENT_BADLOADERTYPES, why);
		break;
	case CONTENT_BODYCHECK:
	case CONTENT_PATTERNS:
		rule_by_list(s, found, why);
		break;
	case CONTENT_KLEZ:
		why->check = "klez";
		why->file = "control/klezfilter";
		reply_set(&why->reply, 550, NULL, "Klez Virus Detected");
		break;
	case CONTENT_HTMLONLY:
		why->check = "htmlonly";
		why->file = "control/htmlonly";
		reply_set(&why->reply, 554, "5.6.1",
		    "sorry, mail in HTML only is not taken here; please send plain text "
		    "too");
		break;
	}
	return false;
}

const struct message_stage contentrules_stage = {
	.begin = begin,
	.push = push,
	.end = end,
	.accepts = accepts,
	.forget = forget,
};
