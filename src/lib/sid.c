#include "lib/sid.h"

void
sid_make(char out[SID_LEN + 1], int64_t now, pid_t pid, uint16_t random)
{
	uint64_t id = (uint64_t)now << 32 | ((uint64_t)pid & 0xffff) << 16 | random;
	int i;

	for (i = 0; i < SID_LEN; i++)
		out[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	out[SID_LEN] = '\0';
}
