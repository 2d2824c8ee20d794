#include "spawn/report.h"

#include <stddef.h>
#include <sys/wait.h>

enum { EXIT_NOT_LOADED = 127 };

/* The run-time linker found no memory or no descriptor for a library of the program, or the library is
 * just being replaced.  Stock takes that for a failure for good: a machine that is short of memory
 * returns its mail. */
static bool
is_not_loaded(int wait_status, struct view output)
{
	return WEXITSTATUS(wait_status) == EXIT_NOT_LOADED &&
	    (view_contains(
		 output, VIEW(": error while loading shared libraries: ")) ||  /* glibc */
		view_contains(output, VIEW("Error loading shared library "))); /* musl */
}

/* One record of qmail-remote's output: its letter and its text, which ends before the NUL. */
struct record {
	char letter; /* '\0': none */
	struct view text;
	struct view rest; /* what follows the NUL */
};

/* False if there is no whole record. */
static bool
cut_record(struct view output, struct record *out)
{
	struct view bytes, rest;

	if (!view_cut(output, '\0', &bytes, &rest))
		return false;
	out->letter = bytes.len ? bytes.at[0] : '\0';
	out->text = view_from(bytes, 1);
	out->rest = rest;
	return true;
}

static bool
is_message_letter(char letter)
{
	return letter == 'K' || letter == 'Z' || letter == 'D';
}

/* D is worse than Z, and Z than K. */
static int
goodness(char letter)
{
	return letter == 'K' ? 2 : letter == 'Z' ? 1 : 0;
}

/* The first record with a letter of its own for the whole message; the caller learns in *adjacent
 * whether it is the first or the second of all. */
static bool
find_message_record(struct record first, struct record *message, bool *adjacent)
{
	struct record r = first;
	size_t number = 0;

	while (!is_message_letter(r.letter)) {
		if (!cut_record(r.rest, &r))
			return false;
		number++;
	}
	*message = r;
	*adjacent = number == 1;
	return true;
}

static void
put_incomplete(bool strict, struct str *report)
{
	str_append_text(
	    report, strict ? "D" : "ZThe report of qmail-remote is incomplete.\n");
}

static void
put_records(struct view output, bool strict, struct str *report)
{
	struct record first, message;
	bool adjacent;
	char result;

	if (!cut_record(output, &first) ||
	    !find_message_record(first, &message, &adjacent)) {
		put_incomplete(strict, report);
		return;
	}
	result = first.letter == 'h' ? 'D' : first.letter == 's' ? 'Z' : message.letter;
	str_append_byte(report, result);
	str_append(report, first.text);
	if (adjacent && goodness(message.letter) <= goodness(result))
		str_append(report, message.text);
}

void
report_from_remote(int wait_status, struct view output, bool strict, struct str *report)
{
	if (WIFSIGNALED(wait_status))
		str_append_text(report, "Zqmail-remote crashed.\n");
	else if (WEXITSTATUS(wait_status) == 111 || is_not_loaded(wait_status, output))
		str_append_text(report, "ZUnable to run qmail-remote.\n");
	else if (WEXITSTATUS(wait_status) != 0)
		str_append_text(report, "DUnable to run qmail-remote.\n");
	else if (output.len == 0)
		str_append_text(report, "Zqmail-remote produced no output.\n");
	else
		put_records(output, strict, report);
}

static const struct {
	int code;
	const char *report;
} local_codes[] = {
	{ 112, "ZInternal qmail-lspawn bug.\n" },
	{ 113, "ZNot allowed to perform deliveries as root.\n" },
	{ 115, "ZNFS failure in qmail-local.\n" },
	{ 116, "ZUnable to find alias user!\n" },
	{ 117, "ZTrouble reading users/cdb in qmail-lspawn.\n" },
	{ 118, "ZTemporary failure in qmail-lspawn.\n" },
	{ 119, "ZOut of memory in qmail-lspawn.\n" },
	{ 120, "ZUnable to run qmail-local.\n" },
	{ 121, "ZUnable to run qmail-getpw.\n" },
	{ 126, "DUnable to run qmail-local.\n" },
};

static char
local_letter(int code)
{
	switch (code) {
	case 0:
		return 'K';
	case 111:
	case 71:
	case 74:
	case 75:
		return 'Z';
	default:
		return 'D';
	}
}

/* Stock leaves room for three octets behind the sentence; so the cut is at the same place. */
static void
put_cut(struct view output, struct str *report)
{
	static const char too_long[] = "\nError report too long, sorry.\n";
	const size_t kept = REPORT_LOCAL_MAX - (sizeof too_long - 1) - 3;
	struct view shown =
	    output.len > REPORT_LOCAL_MAX ? view_first(output, kept) : output;
	size_t text = view_index(shown, '\0');

	str_append(report, view_first(shown, text));
	if (output.len > REPORT_LOCAL_MAX && text == shown.len)
		str_append_text(report, too_long);
}

void
report_from_local(int wait_status, struct view output, struct str *report)
{
	int code;
	size_t i;

	if (WIFSIGNALED(wait_status)) {
		str_append_text(report, "Zqmail-local crashed.\n");
		return;
	}
	code = WEXITSTATUS(wait_status);
	for (i = 0; i < sizeof local_codes / sizeof *local_codes; i++)
		if (local_codes[i].code == code) {
			str_append_text(report, local_codes[i].report);
			return;
		}
	str_append_byte(
	    report, is_not_loaded(wait_status, output) ? 'Z' : local_letter(code));
	put_cut(output, report);
}
