/* A line of control/greylistallow, and what greylisting remembers.  The input is a line, sender and recipient: a
 * line that is none is nobody's, and a key does not depend on case. */
#include "fuzz/fuzz.h"

#include "policy/greyrules.h"

static bool
is_for(struct view line, const struct address *sender)
{
	static const struct ip ips[] = { { 4, { 192, 0, 2, 7 } },
		{ 6, { 0x20, 1, 0xd, 0xb8 } }, { 0, { 0 } } };
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof ips / sizeof *ips; i++)
		any = greyrules_line_has(line, &ips[i], sender) || any;
	return any;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, line = rest, from = VIEW("");
	struct str key = { 0 }, again = { 0 }, lower = { 0 };
	struct address sender;

	if (view_cut(rest, '\n', &line, &rest))
		view_cut(rest, '\n', &from, &rest);
	sender = address_of(from);
	if (is_for(line, &sender))
		claim(greyrules_is_line(line));
	greyrules_key(&key, VIEW("192.0.2"), &sender, rest);
	str_append_lower(&lower, from);
	sender = address_of(str_view(&lower));
	greyrules_key(&again, VIEW("192.0.2"), &sender, rest);
	claim(view_equal(str_view(&key), str_view(&again)));
	str_free(&key);
	str_free(&again);
	str_free(&lower);
	return 0;
}
