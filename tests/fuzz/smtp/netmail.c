/* What comes by QMTP or QMQP, whole and in pieces: the same events, addresses and text.  The first octet
 * chooses the protocol and the pieces. */
#include "smtp/netmail.h"
#include "fuzz/fuzz.h"
#include "smtp/hops.h"

enum { LIST_MAX = 5000 };

/* All that comes out, as one text; how the text is cut does not matter. */
static void
note(
    struct str *out, const struct netmail *m, struct hops *hops, enum netmail_event event)
{
	static const char letters[] = { [NETMAIL_BEGIN] = 'b',
		[NETMAIL_SENDER] = 'f',
		[NETMAIL_RECIPIENT] = 't',
		[NETMAIL_END] = 'e',
		[NETMAIL_MALFORMED] = 'm',
		[NETMAIL_TOO_LONG] = 'l' };

	if (event == NETMAIL_MORE)
		return;
	if (event == NETMAIL_TEXT) {
		str_append(out, m->text);
		hops_push(hops, m->text);
		return;
	}
	str_append_byte(out, letters[event]);
	if (event != NETMAIL_SENDER && event != NETMAIL_RECIPIENT)
		return;
	claim(m->address.len <= NETMAIL_ADDRESS_MAX);
	claim(m->has_nul || m->is_long ||
	    view_index(str_view(&m->address), '\0') == m->address.len);
	if (!m->is_long)
		str_append(out, str_view(&m->address));
	str_append_byte(out, m->is_long ? 'L' : m->has_nul ? 'N' : '.');
}

static uint64_t
parse(struct view in, bool is_qmqp, size_t step, struct str *out)
{
	enum netmail_event event = NETMAIL_MORE;
	struct hops hops = { 0 };
	struct netmail m;
	size_t used;

	netmail_start(&m, is_qmqp, LIST_MAX);
	while (in.len > 0 && event != NETMAIL_MALFORMED && event != NETMAIL_TOO_LONG) {
		struct view piece = view_first(in, step);

		event = netmail_push(&m, piece, &used);
		claim(used <= piece.len);
		claim(event != NETMAIL_MORE || used == piece.len);
		note(out, &m, &hops, event);
		in = view_from(in, used);
	}
	netmail_free(&m);
	return hops.count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = { (const char *)data, size };
	uint8_t mode = fuzz_choice(&in);
	struct str whole = { 0 }, cut = { 0 };
	uint64_t hops = parse(in, mode & 1, in.len + 1, &whole);

	claim(parse(in, mode & 1, (size_t)(mode >> 1) + 1, &cut) == hops);
	claim(view_equal(str_view(&whole), str_view(&cut)));
	str_free(&whole);
	str_free(&cut);
	return 0;
}
