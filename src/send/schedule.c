#include "send/schedule.h"

enum { ROOT_BITS = 31 };

/* floor(sqrt(n)) for 0 <= n < 2^62, bit by bit from the top. */
static int64_t
root(int64_t n)
{
	int64_t r = 0, bit;

	for (bit = (int64_t)1 << (ROOT_BITS - 1); bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= n)
			r += bit;
	return r;
}

int64_t
schedule_next(int64_t birth, int64_t now, int64_t step)
{
	const int64_t age_max = ((int64_t)1 << 60) - 1;
	int64_t age = now > birth ? now - birth : 0;
	int64_t n = root(age > age_max ? age_max : age) + step;

	if (now <= birth)
		birth = now;
	return birth > INT64_MAX - n * n ? INT64_MAX : birth + n * n;
}

int64_t
schedule_resume(int64_t birth, int64_t now, int64_t step, uint32_t random)
{
	const int64_t age_max = (int64_t)1 << 60;
	int64_t age = now > birth ? now - birth : 0, n, gap;

	if (age < step * step || age > age_max)
		return now;
	n = (root(age - 1) / step + 1) * step; /* attempts are at birth + n^2 */
	gap = n * n - (n - step) * (n - step);
	return birth + n * n + random % (gap / 8 + 1);
}

int64_t
schedule_after(int64_t next, int64_t opens, bool others)
{
	if (opens == 0)
		return next;
	return others && next < opens ? next : opens;
}

int64_t
schedule_believed(int64_t opens, int64_t now)
{
	if (opens <= now)
		return now + 1;
	return opens - now < SCHEDULE_WAIT_MAX ? opens : now + SCHEDULE_WAIT_MAX;
}

bool
schedule_may_wait(int64_t birth, int64_t now, uint64_t lifetime)
{
	return now < birth || (uint64_t)(now - birth) <= lifetime ||
	    (uint64_t)(now - birth) - lifetime < SCHEDULE_WAIT_MAX;
}
