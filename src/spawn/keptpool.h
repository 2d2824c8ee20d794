/* keptpool - qmail-rspawn's kept workers: connections to remote hosts that stay open from one delivery
 * to the next, beneath a protocol that knows nothing of them (outbound 5.5).
 *
 * A delivery is offered to a connected worker that may fit; the worker decides, by the control files
 * as they are then.  If none takes it, a new worker plans it and asks for leave to connect.  What could
 * not be kept for whatever reason is delivered by a qmail-remote of its own. */
#ifndef SPAWN_KEPTPOOL_H
#define SPAWN_KEPTPOOL_H

#include <stdbool.h>

#include "spawn/spawnloop.h"

struct keptpool;

/* The current directory is the home; `program` is an absolute path.  NULL with errno. */
struct keptpool *keptpool_new(const char *program);
void keptpool_free(struct keptpool *pool);

/* What struct spawnloop_pool asks for. */
enum { KEPTPOOL_WORKERS = 800 };
bool keptpool_take(
    struct keptpool *pool, const struct spawncommand *command, int message);
size_t keptpool_wait(
    const struct keptpool *pool, struct pollfd *wait, struct deadline *until);
void keptpool_work(struct keptpool *pool, struct spawnloop *loop,
    const struct pollfd *came, size_t count, bool eof);

#endif
