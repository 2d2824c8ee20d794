/* order - what an admin wants done to messages (wire/queuectl.h), one after the other, a little in each turn of the
 * loop; who asked is answered at the end. */
#ifndef SEND_ORDER_H
#define SEND_ORDER_H

#include "lib/str.h"
#include "send/manager.h"
#include "wire/frame.h"
#include "wire/queuectl.h"

struct order;

/* The request is copied. */
struct order *order_take(
    const struct queuectl_request *request, const struct frame *frame);

/* One step.  The answer, which is the order's, when it is carried out; else NULL. */
struct str *order_go_on(struct manager *m, struct order *order);
void order_free(struct order *order); /* NULL is allowed */

/* Its number is that of another one by now, if it was not born then. */
bool order_is_same(const struct manager *m, const struct queuectl_key *key);

/* Who asked is told to look into the log. */
void order_warn_of_holds(void);

#endif
