/* What a helper answers to a caller of qmail-tls: any packet. */
#include "wire/tlsfacts.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing of it may end a line or a header. */
static void
check(const struct str *text)
{
	size_t i;

	if (text->len > 256)
		__builtin_trap();
	for (i = 0; i < text->len; i++)
		if (text->at[i] < 0x20 || text->at[i] > 0x7e)
			__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_facts facts = { 0 };
	struct frame frame;

	if (!frame_parse((struct view) { (const char *)data, size }, &frame))
		return 0;
	tls_facts_from(&frame, &facts);
	check(&facts.protocol);
	check(&facts.cipher);
	check(&facts.sni);
	check(&facts.verify);
	check(&facts.peer);
	check(&facts.matched);
	tls_facts_free(&facts);
	return 0;
}
