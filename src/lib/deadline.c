#include "lib/deadline.h"

#include <limits.h>

#include "os/os.h"

struct deadline
deadline_in_ms(int64_t ms)
{
	int64_t now = os_monotonic_ms();

	if (ms < 0)
		ms = 0;
	return (struct deadline) { ms > INT64_MAX - now ? INT64_MAX : now + ms };
}

struct deadline
deadline_in(int64_t seconds)
{
	return deadline_in_ms(seconds > INT64_MAX / 1000 ? INT64_MAX : seconds * 1000);
}

struct deadline
deadline_never(void)
{
	return (struct deadline) { -1 };
}

struct deadline
deadline_sooner(struct deadline a, struct deadline b)
{
	if (a.at_ms < 0)
		return b;
	if (b.at_ms < 0)
		return a;
	return a.at_ms < b.at_ms ? a : b;
}

bool
deadline_passed(struct deadline d)
{
	return d.at_ms >= 0 && os_monotonic_ms() >= d.at_ms;
}

int
deadline_left_ms(struct deadline d)
{
	int64_t left;

	if (d.at_ms < 0)
		return -1;
	left = d.at_ms - os_monotonic_ms();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
