/* brokerstart - a child as lib/spawn describes it, in the words of a START (brokerframe.h). */
#ifndef WIRE_BROKERSTART_H
#define WIRE_BROKERSTART_H

#include "lib/spawn.h"
#include "wire/broker.h"
#include "wire/brokerframe.h"

/* The descriptors that go along, each once; the handle is the first. */
struct brokerstart_fds {
	int fds[FRAME_FDS];
	size_t count;
};

/* Its descriptors: those that are the client's are added to *passed, which has the handle.  False: a START
 * cannot say it, as there are too many, or it is to run in another directory. */
bool brokerstart_describe(
    const struct spawn *s, struct brokerstart_fds *passed, struct broker_start *start);

/* Its command and environment too: a START in b->request, and in b->more an ADD, which is to go before it
 * unless it is empty. */
void brokerstart_pack(
    struct broker *b, const struct spawn *s, struct broker_start *start);

#endif
