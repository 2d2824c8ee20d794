/* Addresses: what is accepted is short and clean, and its wire form parses to itself. */
#include "smtp/address.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/ascii.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_parts(const struct address *a)
{
	size_t i;

	if (a->whole.len > ADDRESS_MAX ||
	    a->local.len + a->domain.len + a->has_at != a->whole.len)
		abort();
	for (i = 0; i < a->whole.len; i++)
		if (ascii_is_control(a->whole.at[i]))
			abort();
}

/* A domain that holds what only quotes protect is not what a client can mean twice. */
static bool
has_plain_domain(const struct address *a)
{
	size_t i;

	for (i = 0; i < a->domain.len; i++)
		if (view_index(VIEW("<>\"\\ :"), a->domain.at[i]) < 6)
			return false;
	return a->has_at && a->domain.len > 0;
}

static void
check_round_trip(const struct address *a, struct arena *mem)
{
	struct str wire = { 0 };
	struct address again;
	struct view rest;

	str_append_text(&wire, "TO:<");
	address_format(&wire, a->whole);
	str_append_byte(&wire, '>');
	if (address_parse(str_view(&wire), ADDRESS_CLEAN, mem, &again, &rest) ==
		ADDRESS_OK &&
	    !view_equal(again.whole, a->whole))
		abort();
	str_free(&wire);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view arg = { (const char *)data, size };
	struct arena mem = { 0 };
	struct address a;
	struct view rest;

	address_parse(arg, ADDRESS_STOCK, &mem, &a, &rest);
	if (address_parse(arg, ADDRESS_CLEAN, &mem, &a, &rest) == ADDRESS_OK) {
		check_parts(&a);
		if (has_plain_domain(&a))
			check_round_trip(&a, &mem);
	}
	arena_free(&mem);
	return 0;
}
