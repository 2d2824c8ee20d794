/* A message's header: what fields and body come out is what went in, and each field is one. */
#include "fuzz/fuzz.h"

#include "message/fieldreader.h"
#include "message/header.h"

static void
check_field(struct view field)
{
	size_t i;

	claim(field.len > 0 && field.at[field.len - 1] == '\n');
	claim(view_starts(field, VIEW("From ")) || header_line_is_field(field));
	for (i = 0; i + 1 < field.len; i++) /* what follows a line end continues it */
		claim(field.at[i] != '\n' || field.at[i + 1] == ' ' ||
		    field.at[i + 1] == '\t');
	claim(fuzz_is_inside(header_value(field), field));
}

static void
take_rest(struct reader *in, struct str *out)
{
	while (reader_fill(in) == READER_OK) {
		struct view bytes = reader_buffered(in);

		str_append(out, bytes);
		reader_skip(in, bytes.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view input = { (const char *)data, size };
	size_t step = 1 + fuzz_choice(&input) % 64u;
	char buffer[64];
	struct reader in;
	struct fieldreader f = { .in = &in };
	struct str field = { 0 }, all = { 0 };
	int ends[2];

	if (!fuzz_connect(input, step, ends))
		return 0;
	reader_init(&in, ends[0], buffer, sizeof buffer, 0, NULL);
	while (fieldreader_next(&f, &field) == FIELDREADER_FIELD) {
		check_field(str_view(&field));
		str_append(&all, str_view(&field));
	}
	if (f.has_body)
		str_append(&all, str_view(&f.line));
	take_rest(&in, &all);
	/* A line end may have been added. */
	claim(view_equal(view_first(str_view(&all), input.len), input));
	claim(all.len <= input.len + 1);
	fieldreader_free(&f);
	str_free(&field);
	str_free(&all);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
