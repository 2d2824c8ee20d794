/* operate - what each verb (wire/stateop.h) makes of a record.  Pure. */
#ifndef STATE_OPERATE_H
#define STATE_OPERATE_H

#include <stdint.h>

#include "lib/str.h"
#include "state/record.h"
#include "wire/stateop.h"

enum operate_change { OPERATE_KEEP, OPERATE_PUT, OPERATE_REMOVE };

/* `record` is what was found under the key, {0} if nothing; it becomes what is to be there.  A new
 * value is put together in `room`, which must live as long as the record.  *out is the answer. */
enum operate_change operate(const struct state_op *op, uint64_t now,
    struct record *record, struct str *room, struct state_result *out);

#endif
