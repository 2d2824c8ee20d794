/* fieldreader: where fields and header end, and what is left for the body. */
#include "message/fieldreader.h"
#include "unit/unit.h"

/* A reader of these bytes, with so small a buffer that lines come in pieces. */
struct source {
	struct reader in;
	int fd;
	char buffer[7];
};

static void
open_source(struct source *s, struct view bytes)
{
	int ends[2];

	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(fd_write_all(ends[1], bytes), 0);
	fd_close(&ends[1]);
	s->fd = ends[0];
	reader_init(&s->in, s->fd, s->buffer, sizeof s->buffer, -1, NULL);
}

static void
take_rest(struct source *s, struct str *out)
{
	while (reader_fill(&s->in) == READER_OK) {
		struct view bytes = reader_buffered(&s->in);

		str_append(out, bytes);
		reader_skip(&s->in, bytes.len);
	}
	fd_close(&s->fd);
}

/* The fields with a '|' behind each, then what the body is. */
static void
headers(void **state)
{
	static const struct {
		struct view message;
		const char *fields, *body;
	} rows[] = {
		{ ROW(""), "", "" },
		{ ROW("a: b\n"), "a: b\n|", "" },
		{ ROW("a: b"), "a: b\n|", "" },
		{ ROW("a: b\nc: d\n\nbody\n"), "a: b\n|c: d\n|", "\nbody\n" },
		{ ROW("a: b\n c\n\td\ne: f\n"), "a: b\n c\n\td\n|e: f\n|", "" },
		{ ROW("a: b\n c"), "a: b\n c\n|", "" },
		{ ROW("\nbody"), "", "\nbody" },
		{ ROW("\n"), "", "\n" },
		{ ROW("a: b\n\n"), "a: b\n|", "\n" },
		{ ROW("no field\nx: y\n"), "", "\nno field\nx: y\n" },
		{ ROW("a: b\nno field"), "a: b\n|", "\nno field\n" },
		{ ROW(" no field\n"), "", "\n no field\n" },
		{ ROW("From me Mon\na: b\n\n"), "From me Mon\n|a: b\n|", "\n" },
		{ ROW("a: b\n \nc: d\n"), "a: b\n \n|c: d\n|", "" },
		{ ROW("a: b\n\n c\n"), "a: b\n|", "\n c\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct source source;
		struct fieldreader f = { .in = &source.in };
		struct str field = { 0 }, fields = { 0 }, body = { 0 };

		open_source(&source, rows[i].message);
		while (fieldreader_next(&f, &field) == FIELDREADER_FIELD) {
			str_append(&fields, str_view(&field));
			str_append_byte(&fields, '|');
		}
		assert_int_equal(fieldreader_next(&f, &field), FIELDREADER_END);
		fieldreader_append_body(&f, &body);
		take_rest(&source, &body);
		assert_string_equal(str_text(&fields), rows[i].fields);
		assert_string_equal(str_text(&body), rows[i].body);
		fieldreader_free(&f);
		str_free(&field);
		str_free(&fields);
		str_free(&body);
	}
}

static void
a_file_that_cannot_be_read(void **state)
{
	struct source source;
	struct fieldreader f = { .in = &source.in };
	struct str field = { 0 };

	(void)state;
	source.fd = open(".", O_RDONLY | O_CLOEXEC);
	reader_init(&source.in, source.fd, source.buffer, sizeof source.buffer, -1, NULL);
	assert_int_equal(fieldreader_next(&f, &field), FIELDREADER_ERROR);
	fd_close(&source.fd);
	fieldreader_free(&f);
	str_free(&field);
}

/* From a file, for a pipe does not hold so much. */
static enum fieldreader_status
read_file(struct view bytes)
{
	static char buffer[65536];
	struct reader in;
	struct fieldreader f = { .in = &in };
	struct str field = { 0 };
	enum fieldreader_status status;
	int fd;

	unit_write_file("message", bytes);
	fd = fd_open_file("message");
	reader_init(&in, fd, buffer, sizeof buffer, -1, NULL);
	while ((status = fieldreader_next(&f, &field)) == FIELDREADER_FIELD)
		continue;
	fd_close(&fd);
	fieldreader_free(&f);
	str_free(&field);
	return status;
}

static void
long_ones(void **state)
{
	struct str text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FIELDREADER_HEADER_MAX / 16; i++)
		str_append_text(&text, "X-Field: 123456\n");
	assert_int_equal(read_file(str_view(&text)), FIELDREADER_END);
	str_append_text(&text, "X: y\n");
	assert_int_equal(read_file(str_view(&text)), FIELDREADER_TOO_LONG);

	/* A first line without an end is a body. */
	str_clear(&text);
	for (i = 0; i <= FIELDREADER_HEADER_MAX / 16; i++)
		str_append_text(&text, "X-Field: 1234567");
	assert_int_equal(read_file(str_view(&text)), FIELDREADER_END);
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(a_file_that_cannot_be_read),
		cmocka_unit_test(long_ones),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
