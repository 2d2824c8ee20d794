/* frames: commands to a spawner and its reports (outbound 5.3, 5.4), at every split of the input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "wire/deliveryreport.h"
#include "wire/spawncommand.h"

static void
check_commands(struct view bytes, size_t split, unsigned width)
{
	struct spawncommand_parser p;
	struct view parts[2] = { view_first(bytes, split), view_from(bytes, split) };
	unsigned count = 0;
	size_t i;

	spawncommand_init(&p, width);
	for (i = 0; i < 2; i++)
		while (spawncommand_next(&p, &parts[i])) {
			assert_int_equal(p.command.delnum, count ? 5 : 0);
			assert_string_equal(str_text(&p.command.messid), "3/26");
			assert_string_equal(
			    str_text(&p.command.sender), count ? "" : "a@b");
			assert_string_equal(str_text(&p.command.recipient), "c@d");
			assert_null(spawncommand_fault(&p.command));
			count++;
		}
	assert_int_equal(count, 2);
	spawncommand_free(&p);
}

static void
commands_come_whole_from_any_pieces(void **state)
{
	const struct view narrow = VIEW("\0003/26\0a@b\0c@d\0\0053/26\0\0c@d\0");
	const struct view wide = VIEW("\0\0003/26\0a@b\0c@d\0\5\0003/26\0\0c@d\0");
	size_t split;

	(void)state;
	for (split = 0; split <= narrow.len; split++)
		check_commands(narrow, split, 1);
	for (split = 0; split <= wide.len; split++)
		check_commands(wide, split, 2);
}

static void
hostile_commands_get_their_report(void **state)
{
	static char digits[102], letters[4200];
	const struct {
		const char *messid, *sender, *recipient, *fault;
	} rows[] = {
		{ "3/26", "a@b", "c@d", NULL },
		{ "26", "a@b", "c@d", NULL },
		{ "3/2x", "", "c@d",
		    "DInternal error: messid has nonnumerics. (#5.3.5)\n" },
		{ "/26", "", "c@d",
		    "DInternal error: messid has nonnumerics. (#5.3.5)\n" },
		{ "../26", "", "c@d",
		    "DInternal error: messid has nonnumerics. (#5.3.5)\n" },
		{ digits, "", "c@d", "DInternal error: messid too long. (#5.3.5)\n" },
		{ "", "", "c@d", "DInternal error: messid too short. (#5.3.5)\n" },
		{ "1", "", "c", "DSorry, address must include host name. (#5.1.3)\n" },
		{ "1", "", "", "DSorry, address must include host name. (#5.1.3)\n" },
		{ "1", "", letters, "DSorry, that address is too long. (#5.1.3)\n" },
		{ "1", letters, "c@d", "DSorry, that address is too long. (#5.1.3)\n" },
	};
	size_t i;

	(void)state;
	memset(digits, '1', 101);
	memset(letters, '@', 4197);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct spawncommand_parser p;
		struct str bytes = { 0 };
		struct view input;

		str_append_byte(&bytes, '\7');
		str_append(
		    &bytes, (struct view) { rows[i].messid, strlen(rows[i].messid) + 1 });
		str_append(
		    &bytes, (struct view) { rows[i].sender, strlen(rows[i].sender) + 1 });
		str_append(&bytes,
		    (struct view) { rows[i].recipient, strlen(rows[i].recipient) + 1 });
		input = str_view(&bytes);
		spawncommand_init(&p, 1);
		assert_true(spawncommand_next(&p, &input));
		assert_int_equal(input.len, 0);
		assert_int_equal(p.command.delnum, 7);
		if (rows[i].fault)
			assert_string_equal(
			    spawncommand_fault(&p.command), rows[i].fault);
		else
			assert_null(spawncommand_fault(&p.command));
		spawncommand_free(&p);
		str_free(&bytes);
	}
}

static void
reports_come_whole_from_any_pieces(void **state)
{
	const struct view bytes = VIEW("\0Kok\n\0\3\0\2Zlater\0");
	size_t split;

	(void)state;
	for (split = 0; split <= bytes.len; split++) {
		struct view parts[2] = { view_first(bytes, split),
			view_from(bytes, split) };
		static const char *const texts[] = { "Kok\n", "", "Zlater" };
		static const unsigned delnums[] = { 0, 3, 2 };
		struct deliveryreport_parser p;
		size_t i, count = 0;

		deliveryreport_init(&p, 1);
		for (i = 0; i < 2; i++)
			while (deliveryreport_next(&p, &parts[i])) {
				assert_int_equal(p.delnum, delnums[count]);
				assert_string_equal(str_text(&p.text), texts[count]);
				count++;
			}
		assert_int_equal(count, 3);
		deliveryreport_free(&p);
	}
}

static void
long_reports_are_cut(void **state)
{
	static char bytes[DELIVERYREPORT_MAX + 100];
	struct view input = { bytes, sizeof bytes };
	struct deliveryreport_parser p;

	(void)state;
	memset(bytes, 'K', sizeof bytes - 1);
	bytes[0] = 2;
	deliveryreport_init(&p, 1);
	assert_true(deliveryreport_next(&p, &input));
	assert_int_equal(p.delnum, 2);
	assert_int_equal(p.text.len, DELIVERYREPORT_MAX - 1);
	deliveryreport_free(&p);
}

static void
letters_decide(void **state)
{
	static const struct {
		const char *text;
		bool dying;
		enum delivery_result result;
		const char *after;
	} rows[] = {
		{ "Kok\n", false, DELIVERY_SUCCESS, "Kok\n" },
		{ "Kok\n", true, DELIVERY_SUCCESS, "Kok\n" },
		{ "Dno\n", true, DELIVERY_FAILURE, "Dno\n" },
		{ "Zlater\n", false, DELIVERY_DEFERRAL, "Zlater\n" },
		{ "Zlater\n", true, DELIVERY_FAILURE,
		    "Zlater\nI'm not going to try again; this message has been in the "
		    "queue "
		    "too long.\n" },
		{ "", false, DELIVERY_MANGLED, "" },
		{ "k", true, DELIVERY_MANGLED, "k" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str text = { 0 };

		str_append_text(&text, rows[i].text);
		assert_int_equal(
		    deliveryreport_judge(&text, rows[i].dying), rows[i].result);
		assert_string_equal(str_text(&text), rows[i].after);
		str_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_come_whole_from_any_pieces),
		cmocka_unit_test(hostile_commands_get_their_report),
		cmocka_unit_test(reports_come_whole_from_any_pieces),
		cmocka_unit_test(long_reports_are_cut),
		cmocka_unit_test(letters_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
