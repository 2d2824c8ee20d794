/* appendqueue - a queue program for very many messages: what it gets on descriptor 0 and a whole
 * envelope on descriptor 1 is appended to the file named by $QUEUE_FILE as "LENGTH:message,", in one
 * write.  Without a whole envelope nothing is, as with qmail-queue. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/str.h"
#include "os/os.h"

enum { MESSAGE_MAX = 1 << 20, EXIT_WRITE = 53, EXIT_READ = 54 };

static _Noreturn void
out_of_memory(void)
{
	_exit(51);
}

int
main(void)
{
	struct str message = { 0 }, envelope = { 0 }, record = { 0 };
	const char *path = getenv("QUEUE_FILE");
	int fd;

	program_start(out_of_memory);
	if (!path || fd_read_all(0, &message, MESSAGE_MAX) < 0 ||
	    fd_read_all(1, &envelope, MESSAGE_MAX) < 0)
		return EXIT_READ;
	if (envelope.len < 2 || envelope.at[0] != 'F' ||
	    envelope.at[envelope.len - 1] != '\0' ||
	    envelope.at[envelope.len - 2] != '\0')
		return EXIT_READ;
	fmt_u64(&record, message.len);
	str_append_byte(&record, ':');
	str_append(&record, str_view(&message));
	str_append_byte(&record, ',');
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || fd_write_all(fd, str_view(&record)) < 0)
		return EXIT_WRITE;
	return 0;
}
