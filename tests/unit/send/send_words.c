/* verp, sendlog, todo: the small pure parts of qmail-send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/sendlog.h"
#include "send/todo.h"
#include "send/verp.h"

static void
senders_name_the_recipient(void **state)
{
	static const struct {
		const char *sender, *recipient, *expected, *bounce_to;
	} rows[] = {
		{ "owner-@list.example-@[]", "joe@r.example",
		    "owner-joe=r.example@list.example", "owner-@list.example" },
		{ "owner-@list.example-@[]", "a@b@r.example",
		    "owner-a@b=r.example@list.example", "owner-@list.example" },
		{ "owner-@list.example-@[]", "nohost", "owner-@list.example-@[]",
		    "owner-@list.example" },
		{ "joe@example.org", "x@r.example", "joe@example.org",
		    "joe@example.org" },
		{ "", "x@r.example", "", "" },
		{ "#@[]", "x@r.example", "#@[]", "#@[]" },
		{ "-@[]", "x@r.example", "-@[]", "-@[]" },
		{ "noat-@[]", "x@r.example", "noat-@[]", "noat" },
	};
	struct str out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct view sender = view_of(rows[i].sender);

		verp_sender(&out, sender, view_of(rows[i].recipient));
		assert_string_equal(str_text(&out), rows[i].expected);
		assert_true(view_equal(
		    verp_bounce_recipient(sender), view_of(rows[i].bounce_to)));
	}
	str_free(&out);
}

static void
the_log_shows_nothing_but_words(void **state)
{
	struct str line = { 0 };

	(void)state;
	sendlog_filter(&line,
	    VIEW("1.2.3.4 accepted message.\nRemote host said: 250 2.0.0 ok 100% "
		 "\xc3\xa4\n"));
	assert_string_equal(str_text(&line),
	    "1.2.3.4_accepted_message./Remote_host_said:_250_2.0.0_ok_100____/");
	str_clear(&line);
	sendlog_filter(&line, VIEW("\0\x1f !~\x7f\xff"));
	assert_string_equal(str_text(&line), "___!~__");
	str_free(&line);
}

static void
todo_records_are_taken_by_letter(void **state)
{
	struct todo todo = { 0 };
	struct view recipient = { 0 };

	(void)state;
	assert_int_equal(todo_take(&todo, VIEW("u1000"), &recipient), TODO_NOTED);
	assert_int_equal(todo_take(&todo, VIEW("p77"), &recipient), TODO_NOTED);
	assert_false(todo.has_sender);
	assert_int_equal(todo_take(&todo, VIEW("F"), &recipient), TODO_NOTED);
	assert_true(todo.has_sender);
	assert_int_equal(todo.sender.len, 0);
	assert_int_equal(todo_take(&todo, VIEW("Tjoe@a"), &recipient), TODO_RECIPIENT);
	assert_true(view_equal(recipient, VIEW("joe@a")));
	assert_int_equal(todo_take(&todo, VIEW("x"), &recipient), TODO_UNKNOWN);
	assert_int_equal(todo_take(&todo, VIEW(""), &recipient), TODO_UNKNOWN);
	assert_int_equal(
	    todo_take(&todo, VIEW("p99999999999999999999999"), &recipient), TODO_NOTED);
	assert_int_equal(todo.uid, 1000);
	assert_true(todo.qp == UINT64_MAX);
	todo_free(&todo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders_name_the_recipient),
		cmocka_unit_test(the_log_shows_nothing_but_words),
		cmocka_unit_test(todo_records_are_taken_by_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
