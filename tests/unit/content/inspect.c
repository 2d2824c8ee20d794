/* content/inspect: each rule finds what it is for and nothing else, wherever the message is cut; and
 * files whose lines are wrong. */
#include "content/inspect.h"

#include "config/cdbwriter.h"
#include "unit/unit.h"

#define MIXED   "Content-Type: multipart/mixed; boundary=b\n\n"
#define BASE64  "Content-Transfer-Encoding: base64\n\n"
#define PROGRAM "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAA"

enum { STEPS = 5 };

static void
inspect(
    struct inspection *i, const struct content_rules *rules, struct view in, size_t step)
{
	inspection_start(i, rules);
	for (; in.len > 0; in = view_from(in, step))
		inspection_push(i, view_first(in, step));
	inspection_end(i);
}

static void
assert_finds(const struct content_rules *rules, struct view in, enum content_rule rule,
    size_t line)
{
	static const size_t steps[STEPS] = { 1, 2, 7, 100, 1000000 };
	struct inspection *i = malloc(sizeof *i);
	size_t k;

	assert_non_null(i);
	for (k = 0; k < STEPS; k++) {
		inspect(i, rules, in, steps[k]);
		if (i->found.rule != rule || i->found.line != line)
			fail_msg("rule %d line %zu in: %.*s", (int)i->found.rule,
			    i->found.line, (int)in.len, in.at);
	}
	free(i);
}

static const struct log silent;

/* --- signatures ------------------------------------------------------------------------------------- */

static void
test_signatures(void **state)
{
	static const struct {
		const char *in;
		size_t line;
	} cases[] = {
		{ "\n" PROGRAM "\n", 2 },
		{ "\n" PROGRAM, 2 },
		{ "\n\n\n" PROGRAM "\n", 2 },
		{ "\n \n" PROGRAM "\n", 0 },
		{ "\nx\n" PROGRAM "\n", 0 },
		{ PROGRAM ": x\n\n", 0 },
		{ "\nTVqQAAM\n", 0 },
		{ "\ntvqqaamaa\n", 0 },
		{ "\nUEsDBBQA\n", 3 },
		{ "\nUEsDBQA\n", 3 },
		{ "\nUEsD\n", 0 },
		{ "\n# a\n", 0 },
		{ MIXED PROGRAM "\n--b\n\nx\n", 2 },
		{ MIXED "--b\n" BASE64 PROGRAM "\n--b--\n", 2 },
		{ MIXED "--b\n\nx\n--b\n" BASE64 PROGRAM, 2 },
		{ MIXED "--b\nX: y\n--b\n" BASE64 PROGRAM, 2 },
		{ MIXED "--b--\n" PROGRAM "\n", 0 },
		{ "Content-Type: message/rfc822\n\n\n" PROGRAM "\n", 2 },
	};
	struct signatures signatures;
	struct problem problem;
	size_t i;

	(void)state;
	unit_write_file("control/signatures", VIEW("# a\nTVqQAAMAA \nUEsD*\n"));
	assert_int_equal(signatures_read("control/signatures", SIGNATURES_PLAIN,
			     &signatures, &silent, &problem),
	    ANSWER_YES);
	for (i = 0; i < COUNT(cases); i++)
		assert_finds(&(struct content_rules) { .signatures = &signatures },
		    view_of(cases[i].in),
		    cases[i].line ? CONTENT_SIGNATURES : CONTENT_NOTHING, cases[i].line);
	assert_finds(
	    &(struct content_rules) { 0 }, VIEW("\n" PROGRAM), CONTENT_NOTHING, 0);
	signatures_free(&signatures);
}

static void
test_rulelines(void **state)
{
	static const struct {
		const char *line, *pattern, *comment;
		enum ruleline_where where;
	} cases[] = {
		{ "a", "a", "a", RULE_ANYWHERE },
		{ "a:b", "a", "b", RULE_ANYWHERE },
		{ "a:b:c", "a:b", "c", RULE_ANYWHERE },
		{ "a:b c:-header", "a", "b c", RULE_IN_HEADER },
		{ "a: b: -body", "a", "b", RULE_IN_BODY },
		{ "a:b:-headerblackhole", "a", "b", RULE_IN_HEADER },
		{ "a:-body", "a", "a", RULE_IN_BODY },
		{ ":b", "", "b", RULE_ANYWHERE },
		{ ":-body", "", "", RULE_IN_BODY },
		{ "a:", "a", "", RULE_ANYWHERE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct ruleline rule = ruleline_parse(view_of(cases[i].line));

		assert_view_equal(rule.pattern, view_of(cases[i].pattern));
		assert_view_equal(rule.comment, view_of(cases[i].comment));
		assert_int_equal(rule.where, cases[i].where);
	}
}

static void
test_bodycheck(void **state)
{
	static const struct {
		const char *in;
		size_t line;
	} cases[] = {
		{ "A: a b1c\n\n", 1 },
		{ "A: a\n b2c\n\n", 1 },
		{ "\n\na\n b3\nxa b3y\n", 1 },
		{ "A: only b\n\n", 0 },
		{ "\nonly b\n", 2 },
		{ "only: h\n\n", 3 },
		{ "\nonly: h\n", 0 },
		{ "\n!\n", 4 },
		{ MIXED "only b\n--b\n", 2 },
		{ MIXED "--b--\nonly b\n", 2 },
		{ MIXED "--only b\n--b", 2 },
	};
	struct bodycheck bodycheck;
	struct problem problem;
	size_t i;

	(void)state;
	unit_write_file("control/bodycheck",
	    VIEW("a b[0-9]:x\n^(--)?only b:x:-body\n^only:x:-header\n!:x\n"));
	assert_int_equal(
	    bodycheck_read("control/bodycheck", &bodycheck, &silent, &problem),
	    ANSWER_YES);
	for (i = 0; i < COUNT(cases); i++)
		assert_finds(&(struct content_rules) { .bodycheck = &bodycheck },
		    view_of(cases[i].in),
		    cases[i].line ? CONTENT_BODYCHECK : CONTENT_NOTHING, cases[i].line);
	assert_finds(&(struct content_rules) { .bodycheck = &bodycheck },
	    BYTES("\n\0only b a b1\n"), CONTENT_BODYCHECK, 1);
	bodycheck_free(&bodycheck);
}

static void
test_patterns(void **state)
{
	static const struct {
		const char *in;
		size_t line;
	} cases[] = {
		{ "Subject: x FREE y\n\n", 1 },
		{ "Subject: x free y\n\n", 0 },
		{ " Subject: FREE\n\n", 0 },
		{ "\nSubject: FREE\n", 0 },
		{ "\nfirst\n", 2 },
		{ "first\n\n", 0 },
		{ "\nx\nfirst\n\nfirst\n", 2 },
		{ "any line\n", 3 },
		{ "x\n\n\nx\nany line", 3 },
		{ "\n123456789 any\n", 0 },
	};
	struct linepatterns patterns;
	struct problem problem;
	size_t i;

	(void)state;
	unit_write_file(
	    "control/patterns", VIEW(":Subject:*FREE*\n\\first\n/*any*\n=reply\n"));
	assert_int_equal(
	    linepatterns_read("control/patterns", 20, &patterns, &silent, &problem),
	    ANSWER_YES);
	assert_int_equal(patterns.count, 3);
	for (i = 0; i < COUNT(cases) - 1; i++)
		assert_finds(&(struct content_rules) { .patterns = &patterns },
		    view_of(cases[i].in),
		    cases[i].line ? CONTENT_PATTERNS : CONTENT_NOTHING, cases[i].line);
	patterns.line_max = 12;
	assert_finds(&(struct content_rules) { .patterns = &patterns },
	    view_of(cases[i].in), CONTENT_NOTHING, 0);
	linepatterns_free(&patterns);
}

/* --- base64 ----------------------------------------------------------------------------------------- */

static struct cdbmap *
make_cdb(const char *path, const char *key)
{
	struct cdbwriter *writer = cdbwriter_open("control/new.tmp");
	struct cdbmap *map;

	assert_non_null(writer);
	assert_int_equal(cdbwriter_add(writer, view_of(key), VIEW("")), 0);
	assert_int_equal(cdbwriter_commit(writer, path), 0);
	assert_int_equal(cdbmap_open(path, &map, NULL), ANSWER_YES);
	return map;
}

static void
test_base64types(void **state)
{
	static const struct {
		const char *in;
		bool mime, loader, blank;
	} cases[] = {
		{ BASE64 PROGRAM, true, false, false },
		{ BASE64 "\nTVqQ\nAA MAAx", true, false, true },
		{ BASE64 "TVqQAAMA\n", false, false, false },
		{ BASE64 "x" PROGRAM, false, false, false },
		{ BASE64 "TG9hZ\n", false, true, false },
		{ BASE64 "AAAATG9hZA\n", false, true, false },
		{ BASE64 "AAAATG9h\nZA\n", false, false, false },
		{ BASE64 "AAAA\t \nAAAA\n", false, false, false },
		{ BASE64 " AAAA\n", false, false, false },
		{ BASE64 "AAA\tA\n", false, false, true },
		{ "\n" PROGRAM " TG9hZ\n", false, false, false },
		{ MIXED "--b\n" BASE64 PROGRAM "\n--b--\n", true, false, false },
		{ MIXED "--b\n" BASE64 "AAAA\n--b\n\n" PROGRAM " TG9hZ\n", false, false,
		    false },
	};
	struct cdbmap *mime = make_cdb("control/m.cdb", "TVqQAAMAA");
	struct cdbmap *loader = make_cdb("control/l.cdb", "TG9hZ");
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct view in = view_of(cases[i].in);

		assert_finds(&(struct content_rules) { .base64.mime = mime }, in,
		    cases[i].mime ? CONTENT_BADMIMETYPES : CONTENT_NOTHING, 0);
		assert_finds(&(struct content_rules) { .base64 = { .loader = loader,
							   .start = 'T' } },
		    in, cases[i].loader ? CONTENT_BADLOADERTYPES : CONTENT_NOTHING, 0);
		assert_finds(&(struct content_rules) { .base64 = { .loader = loader,
							   .start = 'G' } },
		    in, CONTENT_NOTHING, 0);
		assert_finds(&(struct content_rules) { .base64.no_blanks = true }, in,
		    cases[i].blank ? CONTENT_BADMIMETYPES : CONTENT_NOTHING, 0);
	}
	cdbmap_close(mime);
	cdbmap_close(loader);
}

/* A line longer than a piece hides nothing. */
static void
test_long_base64(void **state)
{
	struct cdbmap *loader = make_cdb("control/l.cdb", "TG9hZ");
	struct content_rules rules = { .base64 = {
					   .loader = loader, .any_start = true } };
	struct str in = { 0 };
	int i;

	(void)state;
	str_append_text(&in, BASE64);
	for (i = 0; i < LINES_PIECE - 2; i++)
		str_append_byte(&in, 'A');
	str_append_text(&in, "TG9hZA==\n");
	assert_finds(&rules, str_view(&in), CONTENT_BADLOADERTYPES, 0);
	str_free(&in);
	cdbmap_close(loader);
}

/* --- the others ------------------------------------------------------------------------------------- */

static void
append_klez(struct str *in, const char *type, int before, int behind)
{
	int i;

	str_clear(in);
	str_append_text(in, MIXED "--b\nContent-Type: ");
	str_append_text(in, type);
	str_append_text(in, "\n" BASE64);
	for (i = 0; i < before; i++)
		str_append_text(in, "AAAA\n");
	str_append_text(in, PROGRAM "\n");
	for (i = 0; i < behind; i++)
		str_append_text(in, "AAAA\n");
	str_append_text(in, "--b--\n");
}

static void
test_klez(void **state)
{
	static const struct {
		const char *type;
		int before, behind;
		bool is_found;
	} cases[] = {
		{ "audio/x-wav", 0, 12000, true },
		{ "Application/x", 39, 12000, true },
		{ "audio/x-wav", 40, 12000, false },
		{ "image/gif", 0, 12000, false },
		{ "audio/x-wav", 0, 11900, false },
	};
	struct str in = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		append_klez(&in, cases[i].type, cases[i].before, cases[i].behind);
		assert_finds(&(struct content_rules) { .klez = true }, str_view(&in),
		    cases[i].is_found ? CONTENT_KLEZ : CONTENT_NOTHING, 0);
	}
	str_free(&in);
}

#define HTML "Content-Type: text/html\n\n<p>x\n"
#define TEXT "Content-Type: text/plain\n\nx\n"

static void
test_htmlonly(void **state)
{
	static const struct {
		const char *in;
		bool is_html;
	} cases[] = {
		{ HTML, true },
		{ "Content-Type: text/html\n", true },
		{ TEXT, false },
		{ "", false },
		{ "\n<p>x\n", false },
		{ MIXED "--b\n" TEXT "--b\n" HTML "--b--\n", false },
		{ MIXED "--b\n" HTML "--b\n" TEXT "--b--\n", false },
		{ MIXED "--b\n" HTML "--b\n\n \t\n\n--b--\n", true },
		{ MIXED "text\n--b\n" HTML "--b--\ntext\n", true },
		{ MIXED "--b\n" HTML "--b\nContent-Disposition: attachment\n" TEXT,
		    true },
		{ MIXED "--b\nContent-Disposition: attachment\n" HTML "--b\n" TEXT,
		    false },
		{ MIXED "--b\nContent-Disposition: attachment\n" HTML, false },
		{ MIXED "--b\n" HTML "--b\nContent-Type: message/rfc822\n\n" TEXT, true },
		{ MIXED "--b\nContent-Type: message/rfc822\n\n" HTML, false },
		{ MIXED "--b\nContent-Type: image/gif\n\nx\n", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		assert_finds(&(struct content_rules) { .htmlonly = true },
		    view_of(cases[i].in),
		    cases[i].is_html ? CONTENT_HTMLONLY : CONTENT_NOTHING, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_rulelines),
		cmocka_unit_test(test_bodycheck),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_base64types),
		cmocka_unit_test(test_long_base64),
		cmocka_unit_test(test_klez),
		cmocka_unit_test(test_htmlonly),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
