/* netmail: what comes by QMTP and QMQP, split at every place; and hops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/hops.h"
#include "smtp/netmail.h"

#define OCTETS(text)                   \
	{                              \
		text, sizeof(text) - 1 \
	}

/* `out`: [ begins, the text follows, F and T an address in brackets, ! for a bad one, ] ends, X is malformed,
 * L too long. */
static const struct {
	const char *name;
	bool is_qmqp;
	struct view in;
	const char *out;
} rows[] = {
	{ "one", false, OCTETS("4:\nhi\n,3:a@b,8:5:r@c.d,,"), "[hi\nF(a@b)T(r@c.d)]" },
	{ "two", false, OCTETS("2:\nx,0:,4:1:r,,2:\ny,0:,4:1:s,,"),
	    "[xF()T(r)][yF()T(s)]" },
	{ "several recipients", false, OCTETS("1:\n,0:,12:1:r,1:s,1:t,,"),
	    "[F()T(r)T(s)T(t)]" },
	{ "nobody", false, OCTETS("2:\nx,0:,0:,"), "[xF()]" },
	{ "an empty recipient", false, OCTETS("2:\nx,0:,3:0:,,"), "[xF()T()]" },
	{ "CRLF", false, OCTETS("7:\ra\r\nb\r\n,0:,0:,"), "[a\nb\nF()]" },
	{ "bare CR", false, OCTETS("6:\ra\rb\r\r,0:,0:,"), "[a\rb\r\rF()]" },
	{ "CR CR LF", false, OCTETS("5:\ra\r\r\n,0:,0:,"), "[a\r\nF()]" },
	{ "CR as it is", false, OCTETS("4:\na\r\n,0:,0:,"), "[a\r\nF()]" },
	{ "NUL in addresses", false, OCTETS("1:\n,3:a\0b,6:3:\0cd,,"), "[F!T!]" },
	{ "zeros in front", false, OCTETS("0002:\nx,00:,:,"), "[xF()]" },
	{ "too many zeros", false, OCTETS("000000000000000000002:\nx,"), "X" },
	{ "no first octet", false, OCTETS("0:,"), "X" },
	{ "another first octet", false, OCTETS("1:x,"), "X" },
	{ "no number", false, OCTETS("x"), "X" },
	{ "no comma", false, OCTETS("2:\nx;"), "[xX" },
	{ "no comma behind a sender", false, OCTETS("2:\nx,1:a;"), "[xX" },
	{ "a list that is too short", false, OCTETS("2:\nx,0:,3:1:r,,"), "[xF()X" },
	{ "a list that is too long", false, OCTETS("2:\nx,0:,5:1:r,,"), "[xF()T(r)X" },
	{ "one octet is missing in it", false, OCTETS("2:\nx,0:,1:1,"), "[xF()X" },
	{ "a huge number", false, OCTETS("99999999999:"), "L" },
	{ "just too large", false, OCTETS("2000000010:"), "L" },
	{ "a huge list", false, OCTETS("1:\n,0:,101:"), "[F()L" },
	{ "a huge sender", false, OCTETS("1:\n,65537:"), "[L" },
	{ "cut", false, OCTETS("4:\nhi\n,3:a@b,8:5:r@c.d,"), "[hi\nF(a@b)T(r@c.d)" },

	{ "one", true, OCTETS("16:2:hi,1:a,1:b,0:,,"), "[hiF(a)T(b)T()]" },
	{ "an empty message", true, OCTETS("11:0:,1:a,1:b,,"), "[F(a)T(b)]" },
	{ "nobody", true, OCTETS("7:0:,1:a,,"), "[F(a)]" },
	{ "no sender", true, OCTETS("4:1:x,,"), "[xX" },
	{ "nothing", true, OCTETS("0:,"), "X" },
	{ "longer inside", true, OCTETS("5:9:abc,,"), "X" },
	{ "no comma at the end", true, OCTETS("11:0:,1:a,1:b,;"), "[F(a)T(b)X" },
	{ "CR as it is", true, OCTETS("9:3:a\r\n,0:,,"), "[a\r\nF()]" },
};

static void
note(struct str *out, const struct netmail *m, enum netmail_event event)
{
	static const char *const marks[] = { "", "[", "", "F", "T", "]", "X", "L" };
	bool is_bad = m->has_nul || m->is_long;

	str_append_text(out, marks[event]);
	if (event == NETMAIL_TEXT)
		str_append(out, m->text);
	if (event != NETMAIL_SENDER && event != NETMAIL_RECIPIENT)
		return;
	str_append_text(out, is_bad ? "!" : "(");
	if (!is_bad)
		str_append(out, str_view(&m->address));
	str_append_text(out, is_bad ? "" : ")");
}

static enum netmail_event
feed(struct netmail *m, struct view in, struct str *out)
{
	enum netmail_event event = NETMAIL_MORE;
	size_t used;

	while (in.len > 0 && event != NETMAIL_MALFORMED && event != NETMAIL_TOO_LONG) {
		event = netmail_push(m, in, &used);
		in = view_from(in, used);
		note(out, m, event);
	}
	return event;
}

static void
check(size_t row, size_t split)
{
	struct netmail m;
	struct str out = { 0 };
	enum netmail_event event;

	netmail_start(&m, rows[row].is_qmqp, 100);
	assert_true(netmail_is_between(&m));
	event = feed(&m, view_first(rows[row].in, split), &out);
	if (event != NETMAIL_MALFORMED && event != NETMAIL_TOO_LONG)
		event = feed(&m, view_from(rows[row].in, split), &out);
	if (strcmp(str_text(&out), rows[row].out) != 0)
		fail_msg("%s, cut at %zu: %s, not %s", rows[row].name, split,
		    str_text(&out), rows[row].out);
	if (event != NETMAIL_MALFORMED && event != NETMAIL_TOO_LONG)
		assert_int_equal(netmail_is_between(&m), out.at[out.len - 1] == ']');
	str_free(&out);
	netmail_free(&m);
}

static void
splits(void **state)
{
	size_t row, split;

	(void)state;
	for (row = 0; row < sizeof rows / sizeof *rows; row++)
		for (split = 0; split <= rows[row].in.len; split++)
			check(row, split);
}

/* 999 octets are an address, 1000 are none, and are not kept. */
static void
long_addresses(void **state)
{
	size_t len;

	(void)state;
	for (len = 999; len <= 1000; len++) {
		struct str in = { 0 }, address = { 0 };
		struct netmail m;
		size_t used;

		while (address.len < len)
			str_append_byte(&address, 'a');
		str_append_text(&in, "1:\n,");
		netstring_append(&in, str_view(&address));
		netmail_start(&m, false, 100);
		assert_int_equal(netmail_push(&m, str_view(&in), &used), NETMAIL_BEGIN);
		assert_int_equal(netmail_push(&m, view_from(str_view(&in), used), &used),
		    NETMAIL_SENDER);
		assert_int_equal(m.is_long, len == 1000);
		assert_int_equal(m.address.len, len == 1000 ? 0 : len);
		netmail_free(&m);
		str_free(&in);
		str_free(&address);
	}
}

static const struct {
	const char *message;
	uint64_t hops;
} travelled[] = {
	{ "", 0 },
	{ "Received: x\nDelivered-To: y\nX: z\n\nReceived: body\n", 2 },
	{ "received: x\nRECEIVED: y\n y\n\n", 2 },
	{ "Received-SPF: x\nReceivedness: y\nDelivered: z\n\n", 0 },
	{ "\nReceived: body\n", 0 },
	{ "Received: without an end", 0 },
};

static void
hops(void **state)
{
	size_t i, split;

	(void)state;
	for (i = 0; i < sizeof travelled / sizeof *travelled; i++) {
		struct view in = view_of(travelled[i].message);

		for (split = 0; split <= in.len; split++) {
			struct hops h = { 0 };

			hops_push(&h, view_first(in, split));
			hops_push(&h, view_from(in, split));
			assert_int_equal(h.count, travelled[i].hops);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits),
		cmocka_unit_test(long_addresses),
		cmocka_unit_test(hops),
	};

	return cmocka_run_group_tests_name("netmail", tests, NULL, NULL);
}
