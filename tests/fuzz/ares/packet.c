/* A DNS packet of a hostile server, as the answer to a question of each type. */
#include <stdint.h>
#include <stdlib.h>

#include "ares/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = { DNS_A, DNS_PTR, DNS_MX, DNS_TXT, DNS_AAAA,
		DNS_TLSA };
	struct view packet = { (const char *)data, size };
	size_t i, k;

	for (i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct arena mem = { 0 };
		struct dns_answer answer =
		    packet_answer(packet, VIEW("a.example"), types[i], &mem);

		if (answer.count > DNS_RECORDS_MAX ||
		    (answer.result == DNS_FOUND) != (answer.count > 0))
			abort();
		for (k = 0; k < answer.count; k++)
			if (answer.records[k].name.len > size * 4)
				abort();
		arena_free(&mem);
	}
	return 0;
}
