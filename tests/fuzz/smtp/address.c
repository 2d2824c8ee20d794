/* Addresses: what is accepted is short and clean, and its wire form parses to itself.  In stock's way it is what
 * another reading of inbound 3.1 says. */
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

/* Inbound 3.1.1 to 3.1.5, 3.1.8 and 3.1.11, one octet after the other.  False: refused. */
static bool
read_as_stock(const char *at, size_t len, struct str *out)
{
	size_t i = 0, k;
	char end = '>';
	bool in_quotes = false;

	while (i < len && at[i] != '<')
		i++;
	if (i == len) {
		for (i = 0, end = ' '; i < len && at[i] != ':'; i++)
			continue;
		if (i == len)
			return false;
		while (i + 1 < len && at[i + 1] == ' ')
			i++;
	}
	i++;
	if (i < len && at[i] == '@') {
		while (i < len && at[i] != ':')
			i++;
		i++;
	}
	for (; i < len && (in_quotes || at[i] != end); i++) {
		if (at[i] == '"')
			in_quotes = !in_quotes;
		else if (at[i] != '\\')
			str_append_byte(out, at[i]);
		else if (++i < len)
			str_append_byte(out, at[i]);
	}
	for (k = 0; k < out->len; k++)
		if (out->at[k] == '\0')
			return false;
	return out->len <= ADDRESS_MAX;
}

static void
check_stock(const uint8_t *data, size_t size, struct arena *mem)
{
	struct view arg = { (const char *)data, size }, rest;
	struct str right = { 0 };
	struct address a;
	bool accepted = address_parse(arg, ADDRESS_STOCK, mem, &a, &rest) == ADDRESS_OK;

	if (read_as_stock((const char *)data, size, &right) != accepted ||
	    (accepted && !view_equal(a.whole, str_view(&right))))
		abort();
	str_free(&right);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view arg = { (const char *)data, size };
	struct arena mem = { 0 };
	struct address a;
	struct view rest;

	check_stock(data, size, &mem);
	if (address_parse(arg, ADDRESS_CLEAN, &mem, &a, &rest) == ADDRESS_OK) {
		check_parts(&a);
		if (has_plain_domain(&a))
			check_round_trip(&a, &mem);
	}
	arena_free(&mem);
	return 0;
}
