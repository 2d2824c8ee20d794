/* authline, authfile, authdb, password: users/auth and what it means. */
#include "unit/unit.h"

#include <errno.h>

#include "users/authdb.h"
#include "users/authentries.h"
#include "users/authfile.h"
#include "users/authline.h"
#include "users/password.h"

static const struct {
	struct view line;
	enum authline_kind kind;
	const char *name, *hash, *senders;
} lines[] = {
	{ ROW("joe:$y$h"), AUTHLINE_ENTRY, "joe", "$y$h", "" },
	{ ROW("joe@x:$y$h \t\r"), AUTHLINE_ENTRY, "joe@x", "$y$h", "" },
	{ ROW("j:h:a@b,@c,<>"), AUTHLINE_ENTRY, "j", "h", "a@b,@c,<>" },
	{ ROW("j:h:a@[IPv6:::1]"), AUTHLINE_ENTRY, "j", "h", "a@[IPv6:::1]" },
	{ ROW("j\xc3\xb6:!"), AUTHLINE_ENTRY, "j\xc3\xb6", "!", "" },
	{ ROW(""), AUTHLINE_EMPTY, "", "", "" },
	{ ROW(" \t"), AUTHLINE_EMPTY, "", "", "" },
	{ ROW("# a:b"), AUTHLINE_EMPTY, "", "", "" },
	{ ROW("joe"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW(":h"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("joe:"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("joe::a@b"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW(" joe:h"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j e:h"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j\0e:h"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j\x7f:h"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h\0"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h h"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:a"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:a@"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:@"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:,a@b"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:a@b,"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:<a@b>"), AUTHLINE_MALFORMED, "", "", "" },
	{ ROW("j:h:a@b\n"), AUTHLINE_ENTRY, "j", "h", "a@b" },
};

static void
the_grammar(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		struct authline out = { .name = VIEW(""), .hash = VIEW("") };
		const char *why = NULL;

		out.senders = VIEW("");
		assert_int_equal(
		    authline_parse(lines[i].line, &out, &why), lines[i].kind);
		assert_view_equal(out.name, view_of(lines[i].name));
		assert_view_equal(out.hash, view_of(lines[i].hash));
		assert_view_equal(out.senders, view_of(lines[i].senders));
		assert_int_equal(why != NULL, lines[i].kind == AUTHLINE_MALFORMED);
	}
}

static void
lengths_are_bounded(void **state)
{
	static const char fill[AUTHLINE_SENDERS_MAX + 1];
	struct str line = { 0 };
	struct authline out;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		str_clear(&line);
		str_append(&line, (struct view) { fill, AUTHLINE_NAME_MAX + i });
		memset(line.at, 'n', line.len);
		str_append_text(&line, ":");
		str_append(&line, (struct view) { fill, AUTHLINE_HASH_MAX });
		memset(line.at + line.len - AUTHLINE_HASH_MAX, 'h', AUTHLINE_HASH_MAX);
		assert_int_equal(authline_parse(str_view(&line), &out, &why),
		    i == 0 ? AUTHLINE_ENTRY : AUTHLINE_MALFORMED);
		str_set(&line, VIEW("n:h:"));
		str_append(&line, (struct view) { fill, AUTHLINE_SENDERS_MAX - 2 + i });
		memset(line.at + 4, 's', line.len - 4);
		str_append_text(&line, "@d");
		assert_int_equal(authline_parse(str_view(&line), &out, &why),
		    i == 0 ? AUTHLINE_ENTRY : AUTHLINE_MALFORMED);
	}
	str_free(&line);
}

static const struct {
	const char *a, *b;
	bool same;
} names[] = {
	{ "joe", "joe", true },
	{ "joe", "Joe", false },
	{ "joe@A.example", "joe@a.Example", true },
	{ "Joe@a", "joe@a", false },
	{ "joe", "joe@", false },
	{ "a@B@c", "a@b@c", false },
	{ "a@b@C", "a@b@c", true },
};

static void
one_name_or_two(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++) {
		struct str a = { 0 }, b = { 0 };

		assert_int_equal(
		    authline_is_same_name(view_of(names[i].a), view_of(names[i].b)),
		    names[i].same);
		authline_append_key(&a, view_of(names[i].a));
		authline_append_key(&b, view_of(names[i].b));
		assert_int_equal(view_equal(str_view(&a), str_view(&b)), names[i].same);
		str_free(&a);
		str_free(&b);
	}
}

static void
edits_keep_the_rest(void **state)
{
	static const char file[] = "# x\nann@A:h:a@b\n\nbob:i";
	struct view bytes = view_of(file);
	struct authline entry = { VIEW("ann@a"), VIEW("j"), VIEW("") };
	struct str out = { 0 };

	(void)state;
	authentries_put(&out, bytes, &entry);
	assert_string_equal(str_text(&out), "# x\nann@a:j\n\nbob:i\n");
	str_clear(&out);
	entry.name = VIEW("sue");
	entry.senders = VIEW("<>");
	authentries_put(&out, bytes, &entry);
	assert_string_equal(str_text(&out), "# x\nann@A:h:a@b\n\nbob:i\nsue:j:<>\n");
	str_clear(&out);
	authentries_remove(&out, bytes, VIEW("ann@a"));
	assert_string_equal(str_text(&out), "# x\n\nbob:i\n");
	str_clear(&out);
	authentries_remove(&out, view_of("a:h\nb:h\na:i\n"), VIEW("a"));
	assert_string_equal(str_text(&out), "b:h\n");
	str_free(&out);

	entry = (struct authline) { VIEW("before"), VIEW("h"), VIEW("") };
	assert_false(authentries_find(bytes, VIEW("sue"), &entry));
	assert_view_equal(entry.name, VIEW("before"));
	assert_true(authentries_find(bytes, VIEW("ann@a"), &entry));
	assert_view_equal(entry.senders, VIEW("a@b"));
}

static void
the_first_bad_line_is_named(void **state)
{
	struct problem problem;

	(void)state;
	assert_int_equal(authentries_check(VIEW(""), &problem), 0);
	assert_int_equal(authentries_check(VIEW("a:!\nb:*x\n\n# c\n"), &problem), 0);
	assert_int_equal(authentries_check(VIEW("a:!\nb\nc\n"), &problem), -1);
	assert_string_equal(problem.where, "users/auth:2");
	assert_int_equal(authentries_check(VIEW("b:!\na:!\nb:!\na:!\n"), &problem), -1);
	assert_string_equal(problem.where, "users/auth:3");
	assert_int_equal(authentries_check(VIEW("a:secret\n"), &problem), -1);
	assert_string_equal(problem.where, "users/auth:1");
}

/* "secret" by each kind that crypt(3) of this machine can compute. */
static void
any_kind_is_verified(void **state)
{
	static const char *const hashes[] = {
		"saHW9GdxihkGQ",
		"$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
		"$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
		"$6$saltsalt$"
		"TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZ"
		"N.Pq.H91p5hVO1",
		"$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(hashes); i++) {
		assert_true(password_is_known_kind(hashes[i]));
		assert_int_equal(password_has_hash("secret", hashes[i]), ANSWER_YES);
		assert_int_equal(password_has_hash("Secret", hashes[i]), ANSWER_NO);
	}
	assert_false(password_is_known_kind("$99$x$y"));
	assert_false(password_is_known_kind("secret"));
	assert_false(password_is_known_kind("*0"));
	errno = 0;
	assert_int_equal(password_has_hash("x", "$99$x$y"), ANSWER_ERROR);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(password_has_hash("*0", "*0"), ANSWER_ERROR);
}

static void
a_new_hash_is_yescrypt(void **state)
{
	struct str one = { 0 }, two = { 0 };

	(void)state;
	assert_int_equal(password_hash("secret", &one), 0);
	assert_int_equal(password_hash("secret", &two), 0);
	assert_true(view_starts(str_view(&one), VIEW("$y$")));
	assert_false(view_equal(str_view(&one), str_view(&two)));
	assert_true(password_is_known_kind(str_text(&one)));
	assert_int_equal(password_has_hash("secret", str_text(&one)), ANSWER_YES);
	assert_int_equal(password_has_hash("secret ", str_text(&one)), ANSWER_NO);
	assert_int_equal(password_has_hash("", str_text(&one)), ANSWER_NO);
	str_free(&one);
	str_free(&two);
}

static const struct {
	const char *locals, *envnoathost; /* NULL: no such file */
	const char *login, *found;        /* NULL: nobody */
} logins[] = {
	{ NULL, NULL, "joe", "joe" },
	{ NULL, NULL, "joe@me.example", "joe" },
	{ NULL, NULL, "joe@ME.example", "joe" },
	{ NULL, NULL, "joe@x.example", NULL },
	{ "x.example\n", NULL, "joe@X.example", "joe" },
	{ "x.example\n", NULL, "joe@me.example", NULL },
	{ "", NULL, "joe@me.example", NULL },
	{ NULL, NULL, "ann@Y.example", "ann@y.example" },
	{ NULL, NULL, "ann", NULL },
	{ NULL, "y.example\n", "ann", "ann@y.example" },
	{ NULL, NULL, "sue", "sue@me.example" },
	{ NULL, NULL, "", NULL },
	{ NULL, NULL, "@", NULL },
	{ NULL, NULL, "@me.example", NULL },
	{ "y.example\n", NULL, "ann@x.example@y.example", NULL },
};

static void
who_a_login_is(void **state)
{
	struct problem problem;
	struct cdbmap *db;
	size_t i;

	(void)state;
	assert_int_equal(mkdir("users", 0755), 0);
	unit_write_file("users/auth.cdb", VIEW("")); /* keeps its owner, as root too */
	unit_write_file("control/me", VIEW("me.example\n"));
	assert_int_equal(
	    authfile_compile(
		VIEW("joe:!a:b@c,<>\nann@Y.example:h\nsue@me.example:i\n"), &problem),
	    0);
	assert_int_equal(cdbmap_open(AUTHDB_PATH, &db, &problem), ANSWER_YES);
	for (i = 0; i < COUNT(logins); i++) {
		struct authdb_user user = { .name = { 0 } };

		unlink("control/locals");
		unlink("control/envnoathost");
		if (logins[i].locals)
			unit_write_file("control/locals", view_of(logins[i].locals));
		if (logins[i].envnoathost)
			unit_write_file(
			    "control/envnoathost", view_of(logins[i].envnoathost));
		assert_int_equal(
		    authdb_find(db, view_of(logins[i].login), &user, &problem),
		    logins[i].found ? ANSWER_YES : ANSWER_NO);
		assert_view_equal(str_view(&user.name), view_of(logins[i].found));
		if (logins[i].found && strcmp(logins[i].found, "joe") == 0) {
			assert_string_equal(str_text(&user.hash), "!a");
			assert_string_equal(str_text(&user.senders), "b@c,<>");
		}
		authdb_user_free(&user);
	}
	cdbmap_close(db);
}

static void
the_decoy_is_the_first_hash(void **state)
{
	struct problem problem;
	struct cdbmap *db;
	struct str hash = { 0 };

	(void)state;
	assert_int_equal(cdbmap_open(AUTHDB_PATH, &db, &problem), ANSWER_YES);
	assert_int_equal(authdb_decoy(db, &hash, &problem), ANSWER_YES);
	assert_string_equal(str_text(&hash), "h");
	cdbmap_close(db);
	assert_int_equal(authfile_compile(VIEW("joe:!\n"), &problem), 0);
	assert_int_equal(cdbmap_open(AUTHDB_PATH, &db, &problem), ANSWER_YES);
	assert_int_equal(authdb_decoy(db, &hash, &problem), ANSWER_NO);
	cdbmap_close(db);
	str_free(&hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grammar),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(one_name_or_two),
		cmocka_unit_test(edits_keep_the_rest),
		cmocka_unit_test(the_first_bad_line_is_named),
		cmocka_unit_test(any_kind_is_verified),
		cmocka_unit_test(a_new_hash_is_yescrypt),
		cmocka_unit_test(who_a_login_is),
		cmocka_unit_test(the_decoy_is_the_first_hash),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
