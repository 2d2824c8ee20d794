/* bodywriter: every message of up to seven octets over the alphabet that matters, split at every
 * place, against a plain oracle; and that DATA can end in one place only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/bodywriter.h"

static const char ALPHABET[] = { '\r', '\n', '.', 'a', '\0' };
enum { LETTERS = sizeof ALPHABET, LONGEST = 7 };

/* The rule of outbound 2.8, a line at a time.  Returns whether the last line had an end. */
static bool
oracle(struct view message, struct str *out)
{
	size_t i = 0, start;

	str_clear(out);
	while (i < message.len) {
		start = i;
		while (i < message.len && message.at[i] != '\r' && message.at[i] != '\n')
			i++;
		if (i > start && message.at[start] == '.')
			str_append_byte(out, '.');
		str_append(out, (struct view) { message.at + start, i - start });
		if (i == message.len)
			return false;
		str_append_text(out, "\r\n");
		if (message.at[i] == '\r' && i + 1 < message.len &&
		    message.at[i + 1] == '\n')
			i++;
		i++;
	}
	return true;
}

static size_t
ends_of_data(struct view wire)
{
	size_t i, found = 0;

	for (i = 0; i + 5 <= wire.len; i++)
		found += memcmp(wire.at + i, "\r\n.\r\n", 5) == 0;
	return found;
}

static bool
has_bare_line_ends(struct view wire)
{
	size_t i;

	for (i = 0; i < wire.len; i++)
		if (wire.at[i] == '\r'
			? i + 1 == wire.len || wire.at[i + 1] != '\n'
			: wire.at[i] == '\n' && (i == 0 || wire.at[i - 1] != '\r'))
			return true;
	return false;
}

static bool
write_split(struct view message, size_t at, size_t at2, struct str *out)
{
	struct bodywriter b = { 0 };

	str_clear(out);
	bodywriter_add(&b, view_first(message, at), out);
	bodywriter_add(&b, view_first(view_from(message, at), at2 - at), out);
	bodywriter_add(&b, view_from(message, at2), out);
	return !bodywriter_is_partial(&b);
}

static size_t
doubled_dots(struct view wire)
{
	size_t i, n = wire.len > 0 && wire.at[0] == '.';

	for (i = 1; i < wire.len; i++)
		n += wire.at[i] == '.' && wire.at[i - 1] == '\n';
	return n;
}

/* What the scan says, by a look at what goes over the wire. */
static void
check_scan(struct view message, size_t split, struct view wire)
{
	struct bodyscan s = { 0 };
	size_t lines = 0, longest = 0, column = 0, i;

	for (i = 0; i < message.len; i++) {
		bool ends = message.at[i] == '\r' || message.at[i] == '\n';

		lines += ends &&
		    !(i > 0 && message.at[i] == '\n' && message.at[i - 1] == '\r');
		column = ends ? 0 : column + 1;
		longest = column > longest ? column : longest;
	}
	bodyscan_add(&s, view_first(message, split));
	bodyscan_add(&s, view_from(message, split));
	assert_int_equal(s.octets, wire.len - doubled_dots(wire));
	assert_int_equal(s.lines, lines);
	assert_int_equal(s.longest, longest);
}

/* The same lines: in chunks without doubled dots, and with LF alone. */
static void
check_forms(struct view message, size_t split, struct view wire)
{
	static const enum body_form forms[] = { BODY_CHUNK, BODY_LF };
	struct str got = { 0 }, undone = { 0 };
	size_t f, i;

	for (f = 0; f < 2; f++) {
		struct bodywriter b = { .form = forms[f] };

		str_clear(&got);
		str_clear(&undone);
		bodywriter_add(&b, view_first(message, split), &got);
		bodywriter_add(&b, view_from(message, split), &got);
		for (i = 0; i < wire.len; i++)
			if (!(wire.at[i] == '.' && (i == 0 || wire.at[i - 1] == '\n')) &&
			    !(forms[f] == BODY_LF && wire.at[i] == '\r'))
				str_append_byte(&undone, wire.at[i]);
		assert_true(view_equal(str_view(&got), str_view(&undone)));
	}
	str_free(&got);
	str_free(&undone);
}

static void
check(struct view message, struct str *want, struct str *got)
{
	bool whole = oracle(message, want);
	size_t i, j;

	assert_false(has_bare_line_ends(str_view(want)));
	for (i = 0; i <= message.len; i++) {
		for (j = i; j <= message.len; j++) {
			assert_int_equal(write_split(message, i, j, got), whole);
			assert_int_equal(got->len, want->len);
			assert_memory_equal(str_text(got), str_text(want), want->len);
		}
		check_scan(message, i, str_view(want));
		check_forms(message, i, str_view(want));
	}
	if (!whole)
		return; /* the dot is never sent then */
	/* As on the wire: behind the CRLF of the DATA command, and with the end. */
	str_set(got, VIEW("\r\n"));
	str_append(got, str_view(want));
	str_append_text(got, ".\r\n");
	assert_int_equal(ends_of_data(str_view(got)), 1);
}

static void
every_short_message(void **state)
{
	struct str want = { 0 }, got = { 0 };
	char message[LONGEST];
	size_t len, i, n, count = 1;

	(void)state;
	for (len = 0; len <= LONGEST; len++, count *= LETTERS)
		for (n = 0; n < count; n++) {
			size_t rest = n;

			for (i = 0; i < len; i++, rest /= LETTERS)
				message[i] = ALPHABET[rest % LETTERS];
			check((struct view) { message, len }, &want, &got);
		}
	str_free(&want);
	str_free(&got);
}

/* The rows of outbound 2.8, by name. */
static void
rows_of_the_contract(void **state)
{
	static const struct {
		const char *name, *in, *out;
		bool whole;
	} rows[] = {
		{ "LF", "a\n", "a\r\n", true },
		{ "CRLF", "a\r\nb\r\n", "a\r\nb\r\n", true },
		{ "bare CR", "a\rb\n", "a\r\nb\r\n", true },
		{ "smuggled end", "a\r.\r\nMAIL\n", "a\r\n..\r\nMAIL\r\n", true },
		{ "smuggled end, LF", "a\r.\nMAIL\n", "a\r\n..\r\nMAIL\r\n", true },
		{ "CR at the end", "a\r", "a\r\n", true },
		{ "no end", "a\nb", "a\r\nb", false },
		{ "empty", "", "", true },
		{ "dots", ".\n..\na.\n", "..\r\n...\r\na.\r\n", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bodywriter b = { 0 };
		struct str out = { 0 };

		bodywriter_add(&b, view_of(rows[i].in), &out);
		assert_string_equal(str_text(&out), rows[i].out);
		assert_int_equal(!bodywriter_is_partial(&b), rows[i].whole);
		str_free(&out);
	}
}

static void
eight_bit_is_seen_anywhere(void **state)
{
	char message[40];
	size_t i;

	(void)state;
	for (i = 0; i <= sizeof message; i++) {
		struct bodyscan s = { 0 };

		memset(message, 0x7f, sizeof message);
		if (i < sizeof message)
			message[i] = (char)0x80;
		bodyscan_add(&s, (struct view) { message, sizeof message });
		assert_int_equal(s.eight_bit, i < sizeof message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_short_message),
		cmocka_unit_test(rows_of_the_contract),
		cmocka_unit_test(eight_bit_is_seen_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
