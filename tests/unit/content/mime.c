/* content/lines and content/mime: the structure of a message, wherever it is cut. */
#include "content/mime.h"

#include "content/lines.h"
#include "lib/fmt.h"
#include "unit/unit.h"

/* --- what is told, as text ------------------------------------------------------------------------ */

static void
tell_field(void *context, const struct mime *m, struct view field)
{
	struct str *out = context;

	(void)m;
	str_append_text(out, "F ");
	str_append(out, field);
	str_append_byte(out, '\n');
}

static void
tell_part(void *context, const struct mime *m)
{
	struct str *out = context;

	str_append_text(out, "P ");
	str_append(out, mime_type(m));
	if (m->part.encoding == MIME_BASE64)
		str_append_text(out, " base64");
	if (m->part.encoding == MIME_QUOTED_PRINTABLE)
		str_append_text(out, " quoted");
	if (m->part.is_attachment)
		str_append_text(out, " attachment");
	if (m->part.embedded) {
		str_append_text(out, " in ");
		fmt_u64(out, m->part.embedded);
	}
	str_append_byte(out, '\n');
}

static void
tell_text(void *context, const struct mime *m, struct view piece, bool begins, bool ends)
{
	static const char *const zones[] = { "?", "<", "", ">" };
	struct str *out = context;

	str_append_text(out, begins ? "T" : "t");
	str_append_text(out, zones[m->zone]);
	str_append_byte(out, ' ');
	if (piece.len > 100)
		fmt_u64(out, piece.len);
	else
		str_append(out, piece);
	str_append_text(out, ends ? "\n" : "+\n");
}

static const struct mime_events events = { tell_field, tell_part, tell_text };

static void
take(void *context, struct view piece, bool begins, bool ends)
{
	mime_take(context, piece, begins, ends);
}

static void
tell(struct view in, size_t step, struct str *out)
{
	struct lines lines = { .len = 0 };
	struct mime m;

	str_clear(out);
	mime_start(&m, &events, out);
	for (; in.len > 0; in = view_from(in, step))
		lines_push(&lines, view_first(in, step), take, &m);
	lines_end(&lines, take, &m);
	mime_end(&m);
}

static void
assert_told(struct view in, const char *expected)
{
	struct str out = { 0 };
	size_t step;

	for (step = 1; step < in.len * 3; step = step * 3 + 1) {
		tell(in, step, &out);
		assert_string_equal(str_text(&out), expected);
	}
	tell(in, in.len + 1, &out);
	assert_string_equal(str_text(&out), expected);
	str_free(&out);
}

/* --- cases ------------------------------------------------------------------------------------------ */

static const struct {
	const char *in, *told;
} cases[] = {
	{ "", "P text/plain\n" },
	{ "\n", "P text/plain\n" },
	{ "\nbody", "P text/plain\nT body\n" },
	{ "A: b", "F A: b\nP text/plain\n" },
	{ "A: b\n c\n\td\nE: f\n\nbody\n\n",
	    "F A: b c\td\nF E: f\nP text/plain\nT body\nT \n" },
	{ "no header\n\nbody\n", "F no header\nP text/plain\nT body\n" },
	/* types, encodings, dispositions, in whatever form */
	{ "content-TYPE: Text/HTML; charset=x\n\n",
	    "F content-TYPE: Text/HTML; charset=x\nP text/html\n" },
	{ "Content-Type : (a (b) \\) c) \"text/html\"\n\n",
	    "F Content-Type : (a (b) \\) c) \"text/html\"\nP text/html\n" },
	{ "Content-Type:\n\n", "F Content-Type:\nP text/plain\n" },
	{ "Content-Transfer-Encoding: BASE64 (x)\n\n",
	    "F Content-Transfer-Encoding: BASE64 (x)\nP text/plain base64\n" },
	{ "Content-Transfer-Encoding:\n quoted-printable\n\n",
	    "F Content-Transfer-Encoding: quoted-printable\nP text/plain quoted\n" },
	{ "Content-Disposition: Attachment; filename=x\n\n",
	    "F Content-Disposition: Attachment; filename=x\nP text/plain attachment\n" },
	{ "Content-Typee: text/html\n\n", "F Content-Typee: text/html\nP text/plain\n" },
	/* boundaries, in whatever form */
	{ "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\t\nX: "
	  "y\n\ntwo\n"
	  "--b-- \npost\n--b\n",
	    "F Content-Type: multipart/mixed; boundary=b\nP multipart/mixed\nT< pre\n"
	    "P text/plain\nT one\nF X: y\nP text/plain\nT two\nT> post\nT> --b\n" },
	{ "Content-Type: multipart/mixed; x=\"; boundary=no\"; Boundary = \"a \\\"b\" "
	  "(c)\n\n"
	  "--a \"b\n\n1\n--no\n",
	    "F Content-Type: multipart/mixed; x=\"; boundary=no\"; Boundary = \"a "
	    "\\\"b\" "
	    "(c)\nP multipart/mixed\nP text/plain\nT 1\nT --no\n" },
	{ "Content-Type: multipart/mixed; boundary==_=\n\n--=_=\n\n1\n",
	    "F Content-Type: multipart/mixed; boundary==_=\nP multipart/mixed\n"
	    "P text/plain\nT 1\n" },
	{ "Content-Type: multipart/mixed; boundary*0=a; boundary*1=\"b\"\n\n--ab\n\n1\n",
	    "F Content-Type: multipart/mixed; boundary*0=a; boundary*1=\"b\"\n"
	    "P multipart/mixed\nP text/plain\nT 1\n" },
	{ "Content-Type: multipart/mixed\n\n--\n",
	    "F Content-Type: multipart/mixed\nP multipart/mixed\nT --\n" },
	{ "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n",
	    "F Content-Type: multipart/mixed; boundary=\"\"\nP multipart/mixed\nT --\n" },
	{ "Content-Type: text/plain; boundary=b\n\n--b\n",
	    "F Content-Type: text/plain; boundary=b\nP text/plain\nT --b\n" },
	/* a delimiter may have more behind it, and ends a header, too */
	{ "Content-Type: multipart/mixed; boundary=b\n\n--bcd\nX: y\n--b\n\n1\n-b\n",
	    "F Content-Type: multipart/mixed; boundary=b\nP multipart/mixed\nF X: y\n"
	    "P text/plain\nP text/plain\nT 1\nT -b\n" },
	/* inside each other; boundaries that begin with each other; one that is not closed */
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	  "Content-Type: multipart/mixed; "
	  "boundary=bb\n\n--bb\n\n1\n--bb--\n2\n--b\n\n3\n--b--\n",
	    "F Content-Type: multipart/mixed; boundary=b\nP multipart/mixed\n"
	    "F Content-Type: multipart/mixed; boundary=bb\nP multipart/mixed\n"
	    "P text/plain\nT 1\nT> 2\nP text/plain\nT 3\n" },
	{ "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n"
	  "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--bb\n\n2\n--b\n",
	    "F Content-Type: multipart/mixed; boundary=bb\nP multipart/mixed\n"
	    "F Content-Type: multipart/mixed; boundary=b\nP multipart/mixed\n"
	    "P text/plain\nT 1\nP text/plain\nT 2\nT --b\n" },
	/* messages in messages */
	{ "Content-Type: message/rfc822\n\nA: b\n\n1\n",
	    "F Content-Type: message/rfc822\nP message/rfc822\nF A: b\nP text/plain in "
	    "1\nT "
	    "1\n" },
	{ "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg==\n",
	    "F Content-Type: message/rfc822\nF Content-Transfer-Encoding: base64\n"
	    "P message/rfc822 base64\nT QTogYg==\n" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
	  "message/rfc822\n\n"
	  "Content-Type: multipart/mixed; boundary=c\n\n--c\n\n1\n--b\n\n2\n",
	    "F Content-Type: multipart/mixed; boundary=b\nP multipart/mixed\n"
	    "F Content-Type: message/rfc822\nP message/rfc822\n"
	    "F Content-Type: multipart/mixed; boundary=c\nP multipart/mixed in 1\n"
	    "P text/plain in 1\nT 1\nP text/plain\nT 2\n" },
};

static void
test_cases(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		assert_told(view_of(cases[i].in), cases[i].told);
}

/* A long line comes in pieces, cut at the same places. */
static void
test_long_lines(void **state)
{
	struct str in = { 0 };
	int i;

	(void)state;
	str_append_byte(&in, '\n');
	for (i = 0; i < 2 * LINES_PIECE + 1; i++)
		str_append_byte(&in, 'x');
	str_append_byte(&in, '\n');
	for (i = 0; i < LINES_PIECE; i++)
		str_append_byte(&in, 'x');
	assert_told(str_view(&in), "P text/plain\nT 1024+\nt 1024+\nt x\nT 1024\n");
	str_append_byte(&in, 'y');
	assert_told(str_view(&in), "P text/plain\nT 1024+\nt 1024+\nt x\nT 1024+\nt y\n");
	str_free(&in);
}

/* A field is cut; what its end says is lost, and nothing else. */
static void
test_long_field(void **state)
{
	struct str in = { 0 }, out = { 0 };
	int i;

	(void)state;
	str_append_text(&in, "Content-Type: text/html");
	for (i = 0; i < MIME_FIELD_MAX; i++)
		str_append_text(&in, "\n ;x=y");
	str_append_text(&in, "\n\nbody\n");
	tell(str_view(&in), 1000, &out);
	assert_true(view_starts(str_view(&out), VIEW("F Content-Type: text/html ;x=y")));
	assert_true(view_ends_nocase(str_view(&out), VIEW("\nP text/html\nT body\n")));
	assert_true(out.len < MIME_FIELD_MAX + 40);
	str_free(&in);
	str_free(&out);
}

/* Beyond the last level what would be parts is text of the part around them. */
static void
test_deep(void **state)
{
	struct str in = { 0 }, out = { 0 };
	int i;

	(void)state;
	for (i = 0; i < MIME_LEVELS + 5; i++) {
		str_append_text(&in, "Content-Type: multipart/mixed; boundary=b");
		fmt_u64(&in, (uint64_t)i + 100);
		str_append_text(&in, "\n\n--b");
		fmt_u64(&in, (uint64_t)i + 100);
		str_append_byte(&in, '\n');
	}
	tell(str_view(&in), 100, &out);
	assert_non_null(strstr(str_text(&out), "\nT --b120\n"));
	assert_null(strstr(str_text(&out), "T< --"));
	str_free(&in);
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_long_field),
		cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
