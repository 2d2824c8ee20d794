#include "config/tcprules.h"

#include "config/cdbmap.h"
#include "lib/ascii.h"
#include "lib/fmt.h"
#include "lib/scan.h"

enum { RANGE_MAX = 255 };

void
tcprule_free(struct tcprule *rule)
{
	str_free(&rule->key);
	str_free(&rule->sets);
	*rule = (struct tcprule) { 0 };
}

/* --- a line of the text ------------------------------------------------------------------------- */

/* The address may hold colons: it ends where "allow" or "deny" follows one. */
static bool
cut(struct view line, struct tcprules_line *out)
{
	size_t i;

	for (i = 0; i < line.len; i++) {
		struct view rest = view_from(line, i + 1);
		bool denies = view_starts(rest, VIEW("deny"));

		if (line.at[i] != ':' || (!denies && !view_starts(rest, VIEW("allow"))))
			continue;
		*out = (struct tcprules_line) { view_first(line, i), denies,
			view_from(rest, denies ? 4 : 5) };
		return true;
	}
	return false;
}

static bool
has_nul(struct view text)
{
	return view_index(text, '\0') < text.len;
}

/* Take ",NAME=xvaluex" off, x being any octet.  A NUL in it would end it for tcpserver, and begin another. */
static bool
next_set(struct view *rest, struct view *name, struct view *value)
{
	struct view after;
	char quote;

	if (!view_starts(*rest, VIEW(",")) ||
	    !view_cut(view_from(*rest, 1), '=', name, &after) || name->len == 0 ||
	    after.len == 0)
		return false;
	quote = after.at[0];
	return view_cut(view_from(after, 1), quote, value, rest) && !has_nul(*name) &&
	    !has_nul(*value);
}

const char *
tcprules_parse(struct view line, struct tcprules_line *out)
{
	struct tcprules_line parsed;
	struct view name, value, rest;

	if (!cut(line, &parsed))
		return "neither ':allow' nor ':deny' is in it, and tcprules may never "
		       "end";
	rest = parsed.sets;
	while (rest.len > 0)
		if (!next_set(&rest, &name, &value))
			return parsed.denies
			    ? "something that is no ,NAME=\"value\" follows 'deny'"
			    : "something that is no ,NAME=\"value\" follows 'allow'";
	*out = parsed;
	return NULL;
}

/* --- ranges --------------------------------------------------------------------------------------- */

/* "1.2.3.4-6": what is around the numbers, and these.  Only the first range counts, and none in what
 * has a '='. */
static bool
find_range(struct view address, struct view *before, struct view *after, uint64_t *bottom,
    uint64_t *top)
{
	size_t dash = view_index(address, '-'), start, end;

	if (dash == address.len || view_index(address, '=') < address.len)
		return false;
	start = view_rindex(view_first(address, dash), '.');
	start = start < dash ? start + 1 : 0;
	end = dash + 1 + view_index(view_from(address, dash + 1), '.');
	*before = view_first(address, start);
	*after = view_from(address, end);
	return scan_whole_u64(view_from(view_first(address, dash), start), bottom) &&
	    scan_whole_u64(view_from(view_first(address, end), dash + 1), top);
}

bool
tcprules_is_empty_range(struct view address)
{
	struct view before, after;
	uint64_t bottom, top;

	return find_range(address, &before, &after, &bottom, &top) &&
	    (bottom > top || bottom > RANGE_MAX);
}

/* No host has an address above: 224 and more are no unicast addresses. */
enum { UNICAST_FIRST = 1, UNICAST_LAST = 223 };

bool
tcprules_is_for_all(struct view address)
{
	struct view before, after;
	uint64_t bottom, top;

	if (address.len == 0 || view_equal(address, VIEW("=")))
		return true;
	return find_range(address, &before, &after, &bottom, &top) && before.len == 0 &&
	    view_equal(after, VIEW(".")) && bottom <= UNICAST_FIRST &&
	    top >= UNICAST_LAST;
}

bool
tcprules_is_cut_short(struct view address)
{
	size_t i, dots = 0;

	for (i = 0; i < address.len; i++) {
		if (!ascii_is_digit(address.at[i]) && address.at[i] != '.' &&
		    address.at[i] != '-')
			return false;
		dots += address.at[i] == '.';
	}
	return address.len > 0 && address.at[address.len - 1] != '.' && dots < 3;
}

/* Is the key the address, or one of its range? */
static bool
is_address(struct view address, struct view key)
{
	struct view before, after, number;
	uint64_t bottom, top, value;
	char canonical[FMT_U64_MAX];

	if (!find_range(address, &before, &after, &bottom, &top))
		return view_equal(address, key);
	if (key.len < before.len + after.len || !view_starts(key, before) ||
	    !view_ends(key, after))
		return false;
	number = view_from(view_first(key, key.len - after.len), before.len);
	return scan_whole_u64(number, &value) && value >= bottom && value <= top &&
	    value <= RANGE_MAX && view_equal(fmt_u64_into(canonical, value), number);
}

/* --- keys ----------------------------------------------------------------------------------------- */

typedef enum answer find_key(void *context, struct view key);

/* Look for "prefix" "name". */
static enum answer
look(
    find_key *find, void *context, struct view prefix, const char *mark, struct view name)
{
	struct str key = { 0 };
	enum answer answer;

	str_append(&key, prefix);
	str_append_text(&key, mark);
	str_append(&key, name);
	answer = find(context, str_view(&key));
	str_free(&key);
	return answer;
}

static enum answer
look_at_whole(find_key *find, void *context, const struct tcprules_client *c)
{
	enum answer answer = ANSWER_NO;

	if (c->info.len > 0)
		answer = look(find, context, c->info, "@", c->ip);
	if (answer == ANSWER_NO && c->info.len > 0 && c->host.len > 0)
		answer = look(find, context, c->info, "@=", c->host);
	if (answer == ANSWER_NO)
		answer = find(context, c->ip);
	if (answer == ANSWER_NO && c->host.len > 0)
		answer = look(find, context, VIEW(""), "=", c->host);
	return answer;
}

/* "1.2.3.", "1.2.", "1."; then "=.b.c", "=.c", "=". */
static enum answer
look_at_parts(find_key *find, void *context, const struct tcprules_client *c)
{
	struct view ip = c->ip, host = c->host;
	enum answer answer = ANSWER_NO;

	while (ip.len > 0 && answer == ANSWER_NO) {
		ip.len--;
		if (ip.len > 0 && (ip.at[ip.len - 1] == '.' || ip.at[ip.len - 1] == ':'))
			answer = find(context, ip);
	}
	while (host.len > 0 && answer == ANSWER_NO) {
		host = view_from(host, 1);
		if (host.len > 0 && host.at[0] == '.')
			answer = look(find, context, VIEW(""), "=", host);
	}
	if (answer == ANSWER_NO && c->host.len > 0)
		answer = find(context, VIEW("="));
	return answer == ANSWER_NO ? find(context, VIEW("")) : answer;
}

static enum answer
look_at_all(find_key *find, void *context, const struct tcprules_client *client)
{
	enum answer answer = look_at_whole(find, context, client);

	return answer == ANSWER_NO ? look_at_parts(find, context, client) : answer;
}

/* --- the text ------------------------------------------------------------------------------------- */

struct text_search {
	const struct control_list *lines;
	struct tcprule *out;
};

static void
take_sets(struct str *out, struct view sets)
{
	struct view name, value;

	while (next_set(&sets, &name, &value)) {
		str_append(out, name);
		str_append_byte(out, '=');
		str_append(out, value);
		str_append_byte(out, '\0');
	}
}

/* Of several lines for a key the first is found, as in a cdb file. */
static enum answer
find_in_text(void *context, struct view key)
{
	struct text_search *search = context;
	size_t i;

	for (i = 0; i < search->lines->count; i++) {
		const struct control_entry *e = &search->lines->entries[i];
		struct tcprules_line line;
		struct tcprule rule = { .line = e->line };

		if (tcprules_parse(e->text, &line) || !is_address(line.address, key))
			continue;
		rule.denies = line.denies;
		str_set(&rule.key, key);
		if (!line.denies)
			take_sets(&rule.sets, line.sets);
		*search->out = rule;
		return ANSWER_YES;
	}
	return ANSWER_NO;
}

enum answer
tcprules_find(const char *path, const struct control_list *lines,
    const struct tcprules_client *client, struct tcprule *out, struct problem *problem)
{
	struct text_search search = { lines, out };
	struct tcprules_line line;
	size_t i;

	for (i = 0; i < lines->count; i++) {
		const char *flaw = tcprules_parse(lines->entries[i].text, &line);

		if (flaw) {
			problem_note(problem, path, lines->entries[i].line, flaw, 0);
			return ANSWER_ERROR;
		}
	}
	return look_at_all(find_in_text, &search, client);
}

/* --- the cdb file --------------------------------------------------------------------------------- */

struct cdb_search {
	struct cdbmap *map;
	struct tcprule *out;
	struct problem *problem;
};

/* "D", or "+NAME=value" with a NUL behind it, any number of these. */
static void
take_data(struct tcprule *rule, struct view data)
{
	struct view piece;

	rule->denies = view_starts(data, VIEW("D"));
	while (!rule->denies && view_cut(data, '\0', &piece, &data))
		if (view_starts(piece, VIEW("+"))) {
			str_append(&rule->sets, view_from(piece, 1));
			str_append_byte(&rule->sets, '\0');
		}
}

static enum answer
find_in_cdb(void *context, struct view key)
{
	struct cdb_search *search = context;
	struct str data = { 0 };
	struct tcprule rule = { 0 };
	enum answer answer = cdbmap_find(search->map, key, &data, search->problem);

	if (answer == ANSWER_YES) {
		str_set(&rule.key, key);
		take_data(&rule, str_view(&data));
		*search->out = rule;
	}
	str_free(&data);
	return answer;
}

enum answer
tcprules_find_cdb(const char *path, const struct tcprules_client *client,
    struct tcprule *out, struct problem *problem)
{
	struct cdb_search search = { .out = out, .problem = problem };
	enum answer answer = cdbmap_open(path, &search.map, problem);

	if (answer != ANSWER_YES)
		return answer;
	answer = look_at_all(find_in_cdb, &search, client);
	cdbmap_close(search.map);
	return answer;
}
