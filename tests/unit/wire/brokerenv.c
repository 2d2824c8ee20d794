/* wire/brokerenv: what a broker is told of a child's environment. */
#include "wire/brokerenv.h"

#include "lib/mem.h"
#include "unit/unit.h"
#include "wire/frame.h"
#include "wire/kinds.h"

extern char **environ;

/* The fields of a packet: "+NAME=value " and "-NAME ". */
static void
describe(const struct str *packet, struct str *out)
{
	struct view rest = view_from(str_view(packet), FRAME_HEADER), octets;
	uint16_t tag;

	str_clear(out);
	while (frame_next(&rest, &tag, &octets)) {
		str_append_byte(out, tag == TAG_BROKER_SET ? '+' : '-');
		str_append(out, octets);
		str_append_byte(out, ' ');
	}
}

static void
compare(char *const *base, char *const *now, const char *start, const char *more)
{
	struct str packets[2] = { { 0 }, { 0 } }, text = { 0 };

	frame_start(&packets[0], WIRE_BROKER_START, FRAME_OK, 0, 0);
	frame_start(&packets[1], WIRE_BROKER_ADD, FRAME_OK, 0, 0);
	brokerenv_add_changes(&packets[0], &packets[1], base, now);
	describe(&packets[0], &text);
	assert_string_equal(str_text(&text), start);
	describe(&packets[1], &text);
	assert_string_equal(str_text(&text), more);
	str_free(&packets[0]);
	str_free(&packets[1]);
	str_free(&text);
}

static void
changes(void **state)
{
	char a[] = "A=1", same[] = "A=1", b[] = "B=2", c[] = "C=3", d[] = "D=4",
	     other[] = "B=9", longer[] = "AA=1";
	char *base[] = { a, b, c, NULL }, *copy[] = { same, b, c, NULL },
	     *turned[] = { c, b, a, NULL }, *changed[] = { a, other, d, NULL },
	     *shorter[] = { longer, b, c, NULL }, *none[] = { NULL };

	(void)state;
	compare(base, base, "", "");
	compare(base, copy, "", "");
	compare(base, turned, "", "");
	compare(base, changed, "+B=9 +D=4 -C ", "");
	compare(base, shorter, "+AA=1 -A ", "");
	compare(base, none, "-A -B -C ", "");
	compare(none, base, "+A=1 +B=2 +C=3 ", "");
}

/* What finds no room in the START goes before it. */
static void
too_much(void **state)
{
	static char large[60000], larger[60000], small[] = "S=1";
	char *now[] = { large, larger, small, NULL }, *base[] = { NULL };
	struct str text[2] = { { 0 }, { 0 } };

	(void)state;
	memset(large, 'x', sizeof large - 1);
	memset(larger, 'y', sizeof larger - 1);
	large[1] = larger[1] = '=';
	str_append_byte(&text[0], '+');
	str_append_text(&text[0], large);
	str_append_text(&text[0], " +S=1 ");
	str_append_byte(&text[1], '+');
	str_append_text(&text[1], larger);
	str_append_byte(&text[1], ' ');
	compare(base, now, str_text(&text[0]), str_text(&text[1]));
	str_free(&text[0]);
	str_free(&text[1]);
}

static void
copies(void **state)
{
	char **copy = brokerenv_copy();
	size_t i;

	(void)state;
	for (i = 0; environ[i]; i++)
		assert_ptr_equal(copy[i], environ[i]);
	assert_null(copy[i]);
	mem_free(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(too_much),
		cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
