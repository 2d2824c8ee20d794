/* What the exit codes of qmail-queue and of the programs that stand in for it mean: the table of
 * inbound 2.3 and queue 2.2. */
#include "queue/submit.h"

static const struct {
	int code;
	enum submit_class class;
	const char *text;
} table[] = {
	{ SUBMIT_CRASHED, SUBMIT_TEMPORARY, "qq crashed (#4.3.0)" },
	{ SUBMIT_WAIT_FAILED, SUBMIT_TEMPORARY, "qq waitpid surprise (#4.3.0)" },
	{ 0, SUBMIT_OK, "" },
	{ 11, SUBMIT_PERMANENT, "envelope address too long for qq (#5.1.3)" },
	{ 115, SUBMIT_PERMANENT, "envelope address too long for qq (#5.1.3)" },
	{ 31, SUBMIT_PERMANENT, "mail server permanently rejected message (#5.3.0)" },
	{ 51, SUBMIT_TEMPORARY, "qq out of memory (#4.3.0)" },
	{ 52, SUBMIT_TEMPORARY, "qq timeout (#4.3.0)" },
	{ 53, SUBMIT_TEMPORARY, "qq write error or disk full (#4.3.0)" },
	{ 54, SUBMIT_TEMPORARY, "qq read error (#4.3.0)" },
	{ 55, SUBMIT_TEMPORARY, "qq unable to read configuration (#4.3.0)" },
	{ 56, SUBMIT_TEMPORARY, "qq trouble making network connection (#4.3.0)" },
	{ 61, SUBMIT_TEMPORARY, "qq trouble in home directory (#4.3.0)" },
	{ 62, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 63, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 64, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 65, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 66, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 71, SUBMIT_TEMPORARY, "mail server temporarily rejected message (#4.3.0)" },
	{ 72, SUBMIT_TEMPORARY, "connection to mail server timed out (#4.4.1)" },
	{ 73, SUBMIT_TEMPORARY, "connection to mail server rejected (#4.4.1)" },
	{ 74, SUBMIT_TEMPORARY, "communication with mail server failed (#4.4.2)" },
	{ 81, SUBMIT_TEMPORARY, "qq internal bug (#4.3.0)" },
	{ 91, SUBMIT_TEMPORARY, "qq internal bug (#4.3.0)" },
	{ 120, SUBMIT_TEMPORARY, "unable to exec qq (#4.3.0)" },
};

/* The text goes into a reply or a log line: an LF in it would begin another one. */
static void
append_printable(struct str *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x20 && text.at[i] != 0x7f)
			str_append_byte(out, text.at[i]);
}

/* Exit 82 (88 in the custom-error patches) with more than a letter and one octet. */
static bool
is_custom(int code, struct view text, struct submit_verdict *verdict)
{
	if ((code != 82 && code != 88) || text.len <= 2)
		return false;
	append_printable(&verdict->text, view_from(text, 1));
	if (verdict->text.len == 0)
		return false;
	verdict->letter = text.at[0];
	verdict->class = text.at[0] == 'D' ? SUBMIT_PERMANENT : SUBMIT_TEMPORARY;
	return true;
}

void
submit_judge(int code, struct view text, struct submit_verdict *verdict)
{
	size_t i;

	*verdict = (struct submit_verdict) { .exit_code = code < 0 ? -1 : code };
	if (is_custom(code, text, verdict))
		return;
	for (i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].code == code) {
			verdict->class = table[i].class;
			str_append_text(&verdict->text, table[i].text);
			return;
		}
	}
	verdict->class = code >= 11 && code <= 40 ? SUBMIT_PERMANENT : SUBMIT_TEMPORARY;
	str_append_text(&verdict->text,
	    verdict->class == SUBMIT_PERMANENT ? "qq permanent problem (#5.3.0)"
					       : "qq temporary problem (#4.3.0)");
}

void
submit_verdict_free(struct submit_verdict *verdict)
{
	str_free(&verdict->text);
}
