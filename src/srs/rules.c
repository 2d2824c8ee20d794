#include "srs/rules.h"

#include <string.h>

#include "config/cdbmap.h"
#include "config/domainmap.h"
#include "lib/mem.h"
#include "os/os.h"

static const char secrets_file[] = "control/srs_secrets";

/* --- what is in the files ------------------------------------------------------------------------- */

static enum answer
read_secrets(struct srs_rules *rules, struct problem *problem)
{
	size_t i;

	switch (control_list(secrets_file, &rules->secrets, problem)) {
	case ANSWER_ERROR:
		return ANSWER_ERROR;
	case ANSWER_NO:
		problem_note(problem, secrets_file, 0, "missing", 0);
		return ANSWER_ERROR;
	case ANSWER_YES:
		break;
	}
	if (rules->secrets.count == 0) {
		problem_note(problem, secrets_file, 0, "no secret", 0);
		return ANSWER_ERROR;
	}
	rules->secret_views =
	    mem_alloc(rules->secrets.count * sizeof *rules->secret_views);
	for (i = 0; i < rules->secrets.count; i++)
		rules->secret_views[i] = rules->secrets.entries[i].text;
	rules->srs.secrets = rules->secret_views;
	rules->srs.secret_count = rules->secrets.count;
	return ANSWER_YES;
}

/* 0 means the default. */
static enum answer
read_number(const char *path, uint64_t fallback, uint64_t *out, struct problem *problem)
{
	*out = 0;
	if (control_number(path, out, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (*out == 0)
		*out = fallback;
	return ANSWER_YES;
}

static enum answer
read_separator(struct srs_rules *rules, struct problem *problem)
{
	struct str line = { 0 };
	enum answer found = control_line("control/srs_separator", &line, problem);

	rules->srs.separator = '=';
	if (found == ANSWER_YES && line.len > 0 && strchr("-+", line.at[0]))
		rules->srs.separator = line.at[0];
	str_free(&line);
	return found == ANSWER_ERROR ? ANSWER_ERROR : ANSWER_YES;
}

static enum answer
read_numbers(struct srs_rules *rules, struct problem *problem)
{
	uint64_t length, least, always;

	if (read_number("control/srs_maxage", SRS_DEFAULT_MAX_AGE, &rules->srs.max_age,
		problem) == ANSWER_ERROR ||
	    read_number("control/srs_hashlength", SRS_DEFAULT_HASH, &length, problem) ==
		ANSWER_ERROR ||
	    read_number("control/srs_hashmin", SRS_DEFAULT_HASH, &least, problem) ==
		ANSWER_ERROR ||
	    read_number("control/srs_alwaysrewrite", 0, &always, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	rules->srs.hash_length = length < SRS_HASH_MAX ? (size_t)length : SRS_HASH_MAX;
	rules->srs.hash_min =
	    least < rules->srs.hash_length ? (size_t)least : rules->srs.hash_length;
	rules->always = always != 0;
	return ANSWER_YES;
}

enum answer
srs_rules_read(struct srs_rules *rules, struct problem *problem)
{
	enum answer on = control_line("control/srs_domain", &rules->domain, problem);

	if (on == ANSWER_YES && rules->domain.len == 0)
		return ANSWER_NO;
	if (on != ANSWER_YES)
		return on;
	rules->srs.domain = str_view(&rules->domain);
	if (read_secrets(rules, problem) == ANSWER_ERROR ||
	    read_numbers(rules, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	return read_separator(rules, problem);
}

void
srs_rules_free(struct srs_rules *rules)
{
	if (rules->secrets.bytes.len > 0)
		os_wipe(rules->secrets.bytes.at, rules->secrets.bytes.len);
	control_list_free(&rules->secrets);
	mem_free(rules->secret_views);
	str_free(&rules->domain);
	*rules = (struct srs_rules) { 0 };
}

/* --- whose sender is rewritten -------------------------------------------------------------------- */

/* The whole of `host`, then each part of it that starts with '.'. */
static enum answer
in_cdb(struct view host, struct problem *problem)
{
	struct cdbmap *map;
	struct str lower = { 0 };
	enum answer found = cdbmap_open("control/morercpthosts.cdb", &map, problem);
	size_t i;

	if (found != ANSWER_YES)
		return found;
	str_append_lower(&lower, host);
	found = ANSWER_NO;
	for (i = 0; i < lower.len && found == ANSWER_NO; i++)
		if (i == 0 || lower.at[i] == '.')
			found = cdbmap_find(
			    map, view_from(str_view(&lower), i), NULL, problem);
	str_free(&lower);
	cdbmap_close(map);
	return found;
}

static enum answer
in_rcpthosts(struct view host, struct problem *problem)
{
	struct domainmap map = { 0 };
	enum answer found = domainmap_open(&map, "control/rcpthosts", problem);

	if (found != ANSWER_YES)
		return found;
	found = domainmap_find_suffix(&map, host, NULL) ? ANSWER_YES : ANSWER_NO;
	if (domainmap_failed(&map, problem))
		found = ANSWER_ERROR;
	domainmap_free(&map);
	return found == ANSWER_NO ? in_cdb(host, problem) : found;
}

/* Is it somebody else's? */
static enum answer
is_foreign(const struct srs_rules *rules, struct view sender, struct problem *problem)
{
	size_t at = view_rindex(sender, '@');
	struct view host = view_from(sender, at + 1);

	if (view_ends(sender, VIEW("@[]")) || at == sender.len || at == 0)
		return ANSWER_NO;
	if (rules->always)
		return ANSWER_YES;
	if (view_equal_nocase(host, rules->srs.domain))
		return ANSWER_NO;
	switch (in_rcpthosts(host, problem)) {
	case ANSWER_YES:
		return ANSWER_NO;
	case ANSWER_NO:
		return ANSWER_YES;
	default:
		return ANSWER_ERROR;
	}
}

enum answer
srs_rules_rewrite(struct str *sender, int64_t now, struct problem *problem)
{
	struct srs_rules rules = { 0 };
	struct str rewritten = { 0 };
	enum answer answer = ANSWER_NO;

	if (sender->len > 0)
		answer = srs_rules_read(&rules, problem);
	if (answer == ANSWER_YES)
		answer = is_foreign(&rules, str_view(sender), problem);
	if (answer == ANSWER_YES &&
	    srs_forward(&rules.srs, str_view(sender), now, &rewritten) != SRS_OK)
		answer = ANSWER_NO;
	if (answer == ANSWER_YES)
		str_set(sender, str_view(&rewritten));
	str_free(&rewritten);
	srs_rules_free(&rules);
	return answer;
}
