#include "pace/slowdown.h"

#include "lib/ascii.h"
#include "lib/scan.h"
#include "lib/str.h"

enum { CODE_LEN = 3, CODE_MIN = 400, CODE_MAX = 599, CLASS_TEMPORARY = 4, LINE_CODE = 4 };

/* In the words of those who say it: Amazon SES, Microsoft, Google, SendGrid, Yahoo, and what many
 * servers say.  Not about one mailbox, nor about recipients of one transaction. */
static const char *const built_in[] = {
	"454 throttling failure*daily*quota close 1h",
	"454 throttling failure slow",
	"454 daily*quota*exceeded close 1h",
	"550 5.4.5 daily close 4h",
	"450 4.2.1 peak*relay limit slow",
	"454 4.7.0 too many login attempts slow",
	"421 4.7.28 slow",
	"450 4.7.28 slow",
	"421 4.4.5 server busy slow",
	"421 4.7.0 try again later slow",
	"421 unusual rate slow",
	"421 temporarily deferred due to slow",
	"451 4.7.500 slow",
	"451 4.7.65*rate limited slow",
	"451 4.7.652 slow",
	"432 concurrent connection slow",
	"432 sender thread limit slow",
	"* concurrent connections limit exceeded slow",
	"* clientsubmit*thread limit slow",
	"* submission quota exceeded close 1h",
	"451 maximum credits exceeded close 1h",
	"452 too many recipients received this hour close 10m",
	"* too many*connections slow",
	"* too many*sessions slow",
	"* too frequent connects slow",
	"* rate limit slow",
	"* ratelimit slow",
	"* sending rate exceeded slow",
	"* throttl slow",
	"421 too many messages slow",
	"421 hourly*limit close 10m",
	"451 hourly*limit close 10m",
	"421 daily*limit close 1h",
	"451 daily*limit close 1h",
	"421 daily*quota close 1h",
	"451 daily*quota close 1h",
};

/* --- lines ---------------------------------------------------------------------------------------- */

/* The last word, taken off the end. */
static struct view
take_last_word(struct view *v)
{
	struct view all = view_trim_right(*v);
	size_t i = all.len;

	while (i > 0 && !ascii_is_blank(all.at[i - 1]))
		i--;
	*v = view_trim_right(view_first(all, i));
	return view_from(all, i);
}

static bool
parse_seconds(struct view word, uint32_t *out)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t number, factor = 0;
	size_t digits = scan_u64(word, &number), i;
	struct view unit = view_from(word, digits);

	if (digits == 0 || number == 0 || unit.len > 1)
		return false;
	for (i = 0; unit.len == 1 && i < sizeof units / sizeof *units; i++)
		if (unit.at[0] == units[i].unit)
			factor = units[i].seconds;
	if (unit.len == 0)
		factor = 1;
	if (factor == 0)
		return false;
	number = number < SLOWDOWN_CLOSE_MAX ? number * factor : SLOWDOWN_CLOSE_MAX;
	*out = (uint32_t)(number < SLOWDOWN_CLOSE_MAX ? number : SLOWDOWN_CLOSE_MAX);
	return true;
}

/* Takes the action off the end of *rest. */
static bool
parse_action(struct view *rest, struct slowdown_rule *rule)
{
	struct view word = take_last_word(rest);

	if (view_equal_nocase(word, VIEW("slow")))
		rule->action = SLOWDOWN_SLOW;
	else if (view_equal_nocase(word, VIEW("pass")))
		rule->action = SLOWDOWN_PASS;
	else
		rule->action = SLOWDOWN_CLOSE;
	return rule->action != SLOWDOWN_CLOSE ||
	    (parse_seconds(word, &rule->seconds) &&
		view_equal_nocase(take_last_word(rest), VIEW("close")));
}

static bool
parse_code(struct view word, unsigned *out)
{
	uint64_t number;

	if (view_equal(word, VIEW("*"))) {
		*out = 0;
		return true;
	}
	if (word.len != CODE_LEN || !scan_whole_u64(word, &number) || number < CODE_MIN ||
	    number > CODE_MAX)
		return false;
	*out = (unsigned)number;
	return true;
}

bool
slowdown_parse(struct view line, struct slowdown_rule *out)
{
	struct slowdown_rule rule = { 0 };
	struct view rest = view_trim_left(line);
	size_t end = 0;

	while (end < rest.len && !ascii_is_blank(rest.at[end]))
		end++;
	if (!parse_code(view_first(rest, end), &rule.code))
		return false;
	rest = view_from(rest, end);
	if (!parse_action(&rest, &rule))
		return false;
	rule.pattern = view_trim_left(rest);
	if (rule.pattern.len == 0)
		return false;
	*out = rule;
	return true;
}

/* --- replies -------------------------------------------------------------------------------------- */

/* Find `part`; *text becomes what follows it. */
static bool
take_part(struct view part, struct view *text)
{
	size_t i;

	for (i = 0; i + part.len <= text->len; i++)
		if (view_starts_nocase(view_from(*text, i), part)) {
			*text = view_from(*text, i + part.len);
			return true;
		}
	return false;
}

static bool
is_in(struct view pattern, struct view text)
{
	struct view part;

	while (view_cut(pattern, '*', &part, &pattern))
		if (!take_part(part, &text))
			return false;
	return take_part(pattern, &text);
}

bool
slowdown_fits(const struct slowdown_rule *rule, unsigned code, struct view text)
{
	bool same = rule->code == 0 ? code / 100 == CLASS_TEMPORARY : rule->code == code;

	return same && is_in(rule->pattern, text);
}

/* The lines without their codes, a blank between them. */
static void
append_text(struct str *out, struct view lines)
{
	struct view line;

	while (view_cut(lines, '\n', &line, &lines)) {
		str_append(out, view_from(line, LINE_CODE));
		str_append_byte(out, ' ');
	}
}

/* The first of the list's rules that fits. */
static bool
ask_list(const struct control_list *list, unsigned code, struct view text,
    struct slowdown_rule *out)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (slowdown_parse(list->entries[i].text, out) &&
		    slowdown_fits(out, code, text))
			return true;
	return false;
}

static bool
ask_built_in(unsigned code, struct view text, struct slowdown_rule *out)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (slowdown_parse(view_of(built_in[i]), out) &&
		    slowdown_fits(out, code, text))
			return true;
	return false;
}

enum slowdown_action
slowdown_judge(
    const struct slowdown *s, const struct remotereply *reply, uint32_t *seconds)
{
	struct slowdown_rule rule = { 0 };
	struct str text = { 0 };
	bool found = false;
	size_t i;

	if (reply->code < CODE_MIN || reply->code > CODE_MAX)
		return SLOWDOWN_PASS;
	append_text(&text, str_view(&reply->text));
	for (i = 0; i < s->count && !found; i++)
		found = ask_list(&s->lists[i], reply->code, str_view(&text), &rule);
	found = found || ask_built_in(reply->code, str_view(&text), &rule);
	str_free(&text);
	*seconds = found ? rule.seconds : 0;
	return found ? rule.action : SLOWDOWN_PASS;
}

/* --- files ---------------------------------------------------------------------------------------- */

enum answer
slowdown_add(struct slowdown *s, struct control_list *list, const char *path,
    struct problem *problem)
{
	struct slowdown_rule rule;
	size_t i;

	s->lists[s->count++] = *list;
	for (i = 0; i < list->count; i++)
		if (!slowdown_parse(list->entries[i].text, &rule)) {
			problem_note(problem, path, list->entries[i].line,
			    "not \"code pattern action\"", 0);
			return ANSWER_ERROR;
		}
	return ANSWER_YES;
}

void
slowdown_free(struct slowdown *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		control_list_free(&s->lists[i]);
	s->count = 0;
}
