/* finish - messages whose recipients are all done: the bounce, then the end (queue 4.5, 4.7). */
#ifndef SEND_FINISH_H
#define SEND_FINISH_H

#include "send/manager.h"

/* Work on what is due. */
void finish_do(struct manager *m);

/* Whether finish_do() can take the first that is due: qmail-clean is free. */
bool finish_can_work(const struct manager *m);

/* A bounce was injected, or not; call it when result_fd is readable. */
void finish_injected(struct manager *m, struct injection *injection);

#endif
