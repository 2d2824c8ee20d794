/* base64: the vectors of RFC 4648 section 10, every length, and what is refused. */
#include "lib/base64.h"
#include "unit/unit.h"

static void
vectors(void **state)
{
	static const struct {
		struct view bytes, text;
	} rows[] = {
		{ ROW(""), ROW("") },
		{ ROW("f"), ROW("Zg==") },
		{ ROW("fo"), ROW("Zm8=") },
		{ ROW("foo"), ROW("Zm9v") },
		{ ROW("foob"), ROW("Zm9vYg==") },
		{ ROW("fooba"), ROW("Zm9vYmE=") },
		{ ROW("foobar"), ROW("Zm9vYmFy") },
		{ ROW("\0u\0p"), ROW("AHUAcA==") },
		{ ROW("\xff\xfe\xfd\xfb"), ROW("//79+w==") },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str text = { 0 }, bytes = { 0 };

		base64_encode(&text, rows[i].bytes);
		assert_view_equal(str_view(&text), rows[i].text);
		assert_true(base64_decode(&bytes, rows[i].text));
		assert_view_equal(str_view(&bytes), rows[i].bytes);
		str_free(&text);
		str_free(&bytes);
	}
}

static void
every_length_and_byte_comes_back(void **state)
{
	char all[512];
	size_t len;

	(void)state;
	for (len = 0; len < sizeof all; len++)
		all[len] = (char)(len * 37 & 0xff);
	for (len = 0; len <= sizeof all; len++) {
		struct str text = { 0 }, bytes = { 0 };

		base64_encode(&text, (struct view) { all, len });
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_true(base64_decode(&bytes, str_view(&text)));
		assert_view_equal(str_view(&bytes), ((struct view) { all, len }));
		str_free(&text);
		str_free(&bytes);
	}
}

static void
what_is_wrong_changes_nothing(void **state)
{
	static const struct view rows[] = {
		ROW("Z"),
		ROW("Zg"),
		ROW("Zg="),
		ROW("Zg==="),
		ROW("===="),
		ROW("Z==="),
		ROW("Zh=="),
		ROW("Zm9="),
		ROW("Zg==Zg=="),
		ROW("Zm9v\n"),
		ROW(" Zm9"),
		ROW("Zm-v"),
		ROW("Zm_v"),
		ROW("Zm\0v"),
		ROW("Zm9v===="),
		ROW("Z=g="),
		ROW("\xc3\xa4"
		    "AA"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str out = { 0 };

		str_append_text(&out, "before");
		assert_false(base64_decode(&out, rows[i]));
		assert_string_equal(str_text(&out), "before");
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(every_length_and_byte_comes_back),
		cmocka_unit_test(what_is_wrong_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
