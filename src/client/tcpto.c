#include "client/tcpto.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/fd.h"

/* Where things are in a record of each of the two files. */
struct layout {
	const char *path;
	size_t record, address, count, time; /* size; length of the address; offsets */
};

static const struct layout LAYOUT4 = { TCPTO_FILE, TCPTO_RECORD, 4, 4, 8 };
static const struct layout LAYOUT6 = { TCPTO_FILE6, TCPTO_RECORD6, 16, 16, 20 };

enum { RECORD_MAX = TCPTO_RECORD6 };

/* The file, locked, and what it holds. */
struct table {
	const struct layout *layout;
	int fd;
	size_t records;
	unsigned char bytes[TCPTO_RECORDS * RECORD_MAX];
};

/* NULL, or what could not be done.  The lock is on a descriptor open for writing, as qmail's. */
static const char *
table_try(struct table *t, unsigned version, int flags)
{
	const char *failed = NULL;
	ssize_t got = 0;

	t->layout = version == 6 ? &LAYOUT6 : &LAYOUT4;
	t->fd = open(t->layout->path, O_RDWR | O_CLOEXEC | flags);
	if (t->fd < 0)
		return "open tcpto";
	if (flock(t->fd, LOCK_EX) < 0)
		failed = "lock tcpto";
	else if ((got = fd_read(t->fd, t->bytes, TCPTO_RECORDS * t->layout->record)) < 0)
		failed = "read tcpto";
	if (failed)
		fd_close(&t->fd);
	t->records = (size_t)got / t->layout->record;
	return failed;
}

/* False if there is no table. */
static bool
table_open(struct table *t, const struct ip *ip)
{
	return !table_try(t, ip->version, 0);
}

static unsigned char *
record_at(struct table *t, size_t i)
{
	return t->bytes + i * t->layout->record;
}

static unsigned char *
count_of(const struct table *t, unsigned char *record)
{
	return record + t->layout->count;
}

static int64_t
time_of(const struct table *t, const unsigned char *record)
{
	const unsigned char *at = record + t->layout->time;

	return (int64_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24);
}

static void
set_time(const struct table *t, unsigned char *record, int64_t now)
{
	size_t i;

	for (i = 0; i < 4; i++)
		record[t->layout->time + i] = (unsigned char)((uint64_t)now >> (8 * i));
}

/* The record of `ip`, or t->records. */
static size_t
find(struct table *t, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < t->records; i++)
		if (memcmp(record_at(t, i), ip->bytes, t->layout->address) == 0)
			break;
	return i;
}

static void
write_record(struct table *t, size_t i)
{
	size_t size = t->layout->record;

	/* The table is a hint: a write that fails costs a wait next time, no more. */
	if (pwrite(t->fd, record_at(t, i), size, (off_t)(i * size)) < 0)
		return;
}

/* The first free record, else the one that was seen longest ago, where each further timeout counts
 * for 1024 seconds. */
static size_t
victim(struct table *t)
{
	size_t i, best = 0;
	int64_t weight, least = INT64_MAX;

	for (i = 0; i < t->records; i++) {
		unsigned char count = *count_of(t, record_at(t, i));

		if (count == 0)
			return i;
		weight = time_of(t, record_at(t, i)) + count * 1024;
		if (weight < least) {
			least = weight;
			best = i;
		}
	}
	return best;
}

struct tcpto_rules
tcpto_usual_rules(uint32_t random)
{
	return (struct tcpto_rules) { (60 + (random & 31)) * 64, TCPTO_TOLERANCE };
}

struct tcpto_lookup
tcpto_look_up(const struct ip *ip, const struct tcpto_rules *rules, int64_t now)
{
	struct tcpto_lookup result = { 0 };
	struct table t;
	size_t i;

	if (rules->penalty == 0 || !table_open(&t, ip))
		return result;
	i = find(&t, ip);
	if (i < t.records) {
		result.known = true;
		result.blocked = *count_of(&t, record_at(&t, i)) >= 2 &&
		    now - time_of(&t, record_at(&t, i)) < rules->penalty;
	}
	fd_close(&t.fd);
	return result;
}

/* Note a timeout in the record; false if it came too soon after the last one to count. */
static bool
count_timeout(
    struct table *t, unsigned char *record, const struct tcpto_rules *rules, int64_t now)
{
	unsigned char *count = count_of(t, record);

	if (*count > 0 && now - time_of(t, record) < rules->tolerance)
		return false;
	*count = *count < TCPTO_COUNT_MAX ? (unsigned char)(*count + 1) : TCPTO_COUNT_MAX;
	set_time(t, record, now);
	return true;
}

static void
enter(struct table *t, unsigned char *record, const struct ip *ip, int64_t now)
{
	memcpy(record, ip->bytes, t->layout->address);
	*count_of(t, record) = 1;
	set_time(t, record, now);
}

void
tcpto_timed_out(const struct ip *ip, const struct tcpto_rules *rules, int64_t now)
{
	struct table t;
	size_t i;

	if (rules->penalty == 0 || !table_open(&t, ip))
		return;
	i = find(&t, ip);
	if (i < t.records) {
		if (count_timeout(&t, record_at(&t, i), rules, now))
			write_record(&t, i);
	} else if (t.records > 0) {
		i = victim(&t);
		enter(&t, record_at(&t, i), ip, now);
		write_record(&t, i);
	}
	fd_close(&t.fd);
}

void
tcpto_connected(const struct ip *ip)
{
	struct table t;
	size_t i;

	if (!table_open(&t, ip))
		return;
	i = find(&t, ip);
	if (i < t.records) {
		*count_of(&t, record_at(&t, i)) = 0;
		write_record(&t, i);
	}
	fd_close(&t.fd);
}

const char *
tcpto_list(unsigned version, struct tcpto_entry out[TCPTO_RECORDS], size_t *count)
{
	struct table t;
	const char *failed = table_try(&t, version, O_NOFOLLOW | O_NONBLOCK);
	size_t i, n = 0;

	if (failed)
		return failed;
	fd_close(&t.fd);
	for (i = 0; i < t.records; i++) {
		const unsigned char *record = record_at(&t, i);

		if (record[t.layout->count] == 0)
			continue;
		out[n].ip = (struct ip) { .version = version == 6 ? 6 : 4 };
		memcpy(out[n].ip.bytes, record, t.layout->address);
		out[n].count = record[t.layout->count];
		out[n++].when = time_of(&t, record);
	}
	*count = n;
	return NULL;
}
