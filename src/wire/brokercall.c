#include "wire/brokercall.h"

#include <errno.h>
#include <sys/wait.h>

#include "lib/fd.h"

enum { ANSWER_MS = 30000 }; /* that a broker may take: an exec from a slow disk */

void
brokercall_forget_children(struct broker *b)
{
	while (b->count > 0)
		fd_close(&b->children[--b->count].handle);
}

void
brokercall_bury(struct broker *b, int options)
{
	int status;

	if (b->pid > 0 && waitpid(b->pid, &status, options) == b->pid)
		b->pid = 0;
}

/* It has gone; the children that it had may still be told of. */
static int
lose(struct broker *b)
{
	fd_close(&b->fd);
	brokercall_bury(b, WNOHANG);
	errno = EAGAIN;
	return -1;
}

/* It does not answer, or breaks the rules: it is as good as dead. */
static int
give_up(struct broker *b)
{
	brokercall_forget_children(b);
	return lose(b);
}

int
brokercall_ask(struct broker *b, struct str *packet, const int *fds, size_t fd_count,
    struct frame *answer)
{
	struct deadline deadline = deadline_in_ms(ANSWER_MS);

	frame_stamp(packet, ++b->next_id, ANSWER_MS);
	if (frame_send(b->fd, packet, fds, fd_count, deadline) < 0) {
		if (errno != EPIPE && errno != ECONNRESET)
			return give_up(b);
		lose(b);
		errno = EPIPE;
		return -1;
	}
	switch (frame_receive(b->fd, &b->answer, answer, deadline)) {
	case 1:
		break;
	case 0:
		return lose(b);
	default:
		return give_up(b);
	}
	frame_close_fds(answer);
	if (answer->version != FRAME_VERSION || answer->id != b->next_id ||
	    answer->kind != (uint8_t)packet->at[3])
		return give_up(b);
	return 0;
}
