#include "send/job.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "send/records.h"

static const enum layout_dir dirs[CHANNELS] = { LAYOUT_LOCAL, LAYOUT_REMOTE };

static struct destination *
find_destination(const struct job *job, struct view address, struct destinations *d,
    const struct nexthops *hops)
{
	struct destination *one;
	struct view host;
	bool is_relay;

	if (job->kind == CHANNEL_LOCAL) {
		one = destinations_get(d, address);
		one->window.window = UINT_MAX; /* nothing is learnt there */
		return one;
	}
	host = nexthop_of(hops, address, &is_relay);
	one = destinations_get(d, host);
	one->is_relay = is_relay;
	return one;
}

static void
add_recipient(struct job *job, struct view address, uint64_t offset,
    struct destinations *d, const struct nexthops *hops)
{
	struct job_recipient *one = mem_alloc_zeroed(1, sizeof *one);

	one->offset = offset;
	str_set(&one->address, address);
	one->destination = find_destination(job, address, d, hops);
	destinations_use(d, one->destination);
	*job->end = one;
	job->end = &one->next;
	job->waiting++;
	job->left++;
}

static enum job_reading
take_record(struct job *job, struct view record, uint64_t offset, struct destinations *d,
    const struct nexthops *hops)
{
	switch (record.len ? record.at[0] : '\0') {
	case 'T':
		add_recipient(job, view_from(record, 1), offset, d, hops);
		return JOB_READ;
	case 'D':
		return JOB_READ;
	default:
		return JOB_UNKNOWN;
	}
}

static enum job_reading
read_records(struct job *job, struct records *records, struct destinations *d,
    const struct nexthops *hops)
{
	enum job_reading result = JOB_READ;
	struct view record;

	while (job->waiting < JOB_RECIPIENTS && result == JOB_READ)
		switch (records_next(records, &record)) {
		case RECORDS_OK:
			result = take_record(job, record, records->offset, d, hops);
			break;
		case RECORDS_END:
			job->walked = true;
			return JOB_READ;
		case RECORDS_TOO_LONG:
		case RECORDS_ERROR:
			result = JOB_UNREADABLE;
		}
	job->offset = records->next;
	return result;
}

enum job_reading
job_read(struct job *job, const struct layout *layout, struct destinations *d,
    const struct nexthops *hops)
{
	enum job_reading result = JOB_UNREADABLE;
	char path[NAME_MAX_OCTETS];
	struct records records;
	int fd;

	if (!job->end)
		job->end = &job->first;
	layout_path(layout, dirs[job->kind], job->id, path);
	fd = openat(layout->fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		job->broken = true;
		return JOB_UNOPENABLE;
	}
	records_init(&records, fd);
	records.next = job->offset;
	if (job->offset == 0 || lseek(fd, (off_t)job->offset, SEEK_SET) >= 0)
		result = read_records(job, &records, d, hops);
	fd_close(&fd);
	job->broken = result != JOB_READ;
	return result;
}

bool
job_is_through(const struct job *job)
{
	return (job->walked || job->broken) && job->waiting == 0;
}

struct job_recipient *
job_take(struct job *job, struct job_recipient **at)
{
	struct job_recipient *one = *at;

	*at = one->next;
	if (job->end == &one->next)
		job->end = at;
	job->waiting--;
	return one;
}

void
job_recipient_free(struct job_recipient *one, struct destinations *d)
{
	destinations_release(d, one->destination);
	str_free(&one->address);
	mem_free(one);
}

void
job_free(struct job *job, struct destinations *d)
{
	while (job->first)
		job_recipient_free(job_take(job, &job->first), d);
	if (job->skipped)
		destinations_release(d, job->skipped);
	str_free(&job->sender);
	mem_free(job);
}
