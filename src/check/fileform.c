#include "check/fileform.h"

#include <string.h>

#include "config/control.h"
#include "lib/ascii.h"
#include "lib/scan.h"

static const char LF_HINT[] = "write it with LF alone";

/* What is wrong with all lines is said once, of the first. */
struct oddities {
	size_t nul, cr, high, blank, comment;
};

/* A '#' behind a blank, where comments begin at the start of a line only. */
static bool
has_inner_comment(struct view line)
{
	size_t i;

	for (i = 1; i + 1 < line.len; i++)
		if (line.at[i] == '#' && ascii_is_blank(line.at[i - 1]) &&
		    (ascii_is_blank(line.at[i + 1]) || ascii_is_graphic(line.at[i + 1])))
			return true;
	return false;
}

static void
note_first(size_t *where, size_t number, bool is_so)
{
	if (is_so && *where == 0)
		*where = number;
}

static bool
has_high(struct view line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if ((unsigned char)line.at[i] >= 0x80)
			return true;
	return false;
}

static void
look_at_line(struct oddities *o, struct view line, size_t number)
{
	bool is_comment = line.len > 0 && line.at[0] == '#';

	note_first(&o->nul, number, view_index(line, '\0') < line.len);
	note_first(&o->cr, number, line.len > 0 && line.at[line.len - 1] == '\r');
	if (is_comment || view_trim_right(line).len == 0)
		return;
	note_first(&o->high, number, has_high(line));
	note_first(&o->blank, number, ascii_is_blank(line.at[0]));
	note_first(&o->comment, number, has_inner_comment(line));
}

static bool
is_free_text(const struct controlfile *row)
{
	static const char *const names[] = { "smtpgreeting", "spfexp", "spfexplain",
		"spamsubject", "dnsbllist", "rhsbl_zones", "slowdown", "policy",
		"smtpplugins", "bodycheck", "signatures" };
	size_t i;

	for (i = 0; row && i < sizeof names / sizeof *names; i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

static void
tell(struct findings *f, const char *path, const struct oddities *o,
    const struct controlfile *row)
{
	if (o->nul)
		finding_add(f, FINDING_ERROR, path, o->nul, "write it anew",
		    "a NUL octet: it counts as a part of the line", (char *)NULL);
	if (o->cr)
		finding_add(f, FINDING_WARNING, path, o->cr, LF_HINT,
		    "the line ends in CR LF: a stock qmail takes the CR for a part of it",
		    (char *)NULL);
	if (is_free_text(row))
		return;
	if (o->high)
		finding_add(f, FINDING_WARNING, path, o->high,
		    "write names as A-labels (xn--...)",
		    "octets outside ASCII: nothing that comes by SMTP will equal them",
		    (char *)NULL);
	if (o->blank)
		finding_add(f, FINDING_WARNING, path, o->blank, "remove them",
		    "blanks at the start of the line count as a part of it",
		    (char *)NULL);
	if (o->comment)
		finding_add(f, FINDING_WARNING, path, o->comment,
		    "a comment has a line of its own",
		    "what stands behind '#' is no comment here, but a part of the line",
		    (char *)NULL);
}

/* --- kinds ---------------------------------------------------------------------------------------- */

static void
check_number(
    struct findings *f, const char *path, struct view line, const struct controlfile *row)
{
	uint64_t number = 0;
	size_t digits = scan_u64(line, &number);

	if (line.len == 0)
		finding_add(f, FINDING_WARNING, path, 1,
		    "write the number, or remove the file",
		    "no number is in it: it counts as if it were not there (",
		    row->preset, ")", (char *)NULL);
	else if (digits == 0)
		finding_add(f, FINDING_WARNING, path, 1, "digits only",
		    "not a number: it counts as if it were not there (", row->preset, ")",
		    (char *)NULL);
	else if (digits < line.len)
		finding_add(f, FINDING_WARNING, path, 1, "digits only",
		    "what stands behind the digits does not count", (char *)NULL);
	else if (digits > 18)
		finding_add(f, FINDING_WARNING, path, 1, "a smaller number",
		    "larger than any number that makes sense", (char *)NULL);
}

static void
check_first_line(struct findings *f, const char *path, struct view bytes,
    const struct controlfile *row)
{
	struct view line = view_first(bytes, view_index(bytes, '\n'));
	struct view rest = view_from(bytes, line.len + 1);

	line = view_trim_right(line);
	if (line.len > 0 && line.at[0] == '#')
		finding_add(f, FINDING_WARNING, path, 1, "remove the line",
		    "the first line counts here, and a '#' begins no comment",
		    (char *)NULL);
	else if (row->kind == CONTROLFILE_NUMBER)
		check_number(f, path, line, row);
	else if (line.len == 0 && strcmp(row->name, "me") != 0) /* check_me() says it */
		finding_add(f, FINDING_WARNING, path, 1,
		    "write the line, or remove the file",
		    "nothing is in the first line, and no other counts", (char *)NULL);
	if (view_trim_right(rest).len > 0)
		finding_add(f, FINDING_NOTE, path, 2, NULL,
		    "only the first line counts here", (char *)NULL);
}

void
fileform_check(struct findings *f, const char *path, struct view bytes,
    const struct controlfile *row)
{
	struct view rest = control_without_mark(bytes);
	bool one_line =
	    row && (row->kind == CONTROLFILE_LINE || row->kind == CONTROLFILE_NUMBER);
	struct oddities o = { 0 };
	size_t number;

	if (rest.len < bytes.len)
		finding_add(f, FINDING_WARNING, path, 1, "save it without one",
		    "a byte order mark: a stock qmail takes it for a part of the line",
		    (char *)NULL);
	if (one_line)
		check_first_line(f, path, rest, row);
	for (number = 1; rest.len > 0 && (number == 1 || !one_line); number++) {
		size_t end = view_index(rest, '\n');

		look_at_line(&o, view_first(rest, end), number);
		rest = view_from(rest, end + 1);
	}
	tell(f, path, &o, row);
}
