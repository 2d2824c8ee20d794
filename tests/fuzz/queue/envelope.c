/* The envelope in two pieces must be what it is in one, and what is accepted must be records. */
#include "queue/envelope.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

/* The first byte says where to cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct envelope whole = { 0 }, split = { 0 };
	struct view all = { (const char *)data + 1, size - 1 }, head, tail;
	size_t accepted, first, second, i, cut;

	if (size < 1)
		return 0;
	cut = all.len ? data[0] % (all.len + 1) : 0;
	head = view_first(all, cut);
	tail = view_from(all, cut);
	envelope_feed(&whole, all, &accepted);
	envelope_feed(&split, head, &first);
	envelope_feed(&split, tail, &second);
	require(whole.status == split.status);
	require(accepted <= all.len);
	if (whole.status != ENVELOPE_MORE && whole.status != ENVELOPE_DONE)
		return 0;
	require(accepted == first + second);
	require(whole.status == ENVELOPE_DONE || accepted == all.len);
	if (whole.status == ENVELOPE_DONE)
		require(accepted > 0 && all.at[accepted] == '\0' &&
		    all.at[accepted - 1] == '\0');
	for (i = 0; i < accepted; i++)
		if (i == 0 || all.at[i - 1] == '\0')
			require(all.at[i] == (i == 0 ? 'F' : 'T') || all.at[i] == '\0');
	return 0;
}
