/* A file of the queue with NUL-terminated records, as todo, info, local and remote are: each record is where
 * it stands in the file, in order, and nothing between is left out. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>

#include "send/records.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view file = { (const char *)data, size }, rest = file, right, record;
	int fd = memfd_create("records", MFD_CLOEXEC);
	static struct records r; /* large */
	enum records_status status;

	claim(fd >= 0 && fd_write_all(fd, file) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	records_init(&r, fd);
	while ((status = records_next(&r, &record)) == RECORDS_OK) {
		claim(r.offset == size - rest.len);
		claim(view_cut(rest, '\0', &right, &rest) && view_equal(record, right));
	}
	claim(status != RECORDS_ERROR);
	if (status == RECORDS_END)
		claim(view_index(rest, '\0') == rest.len);
	else
		claim(view_index(rest, '\0') >= RECORDS_BUFFER);
	close(fd);
	return 0;
}
