/* forked - a broker of one's own: a process that is forked off while nothing has come from the network,
 * and has none of its descriptors. */
#ifndef BROKER_FORKED_H
#define BROKER_FORKED_H

#include "broker/service.h"
#include "lib/log.h"
#include "wire/broker.h"

/* Fork it off; *b is ready for broker_use() then.  It keeps descriptor 2, and nothing else of ours;
 * it ends with us.  The caller's process is the one that whoever started us knows.  0, or -1 with
 * errno. */
int forked_start(
    struct broker *b, const struct broker_rules *rules, const struct log *log);

#endif
