/* worker - one look at one domain, in a process of its own. */
#ifndef STS_WORKER_H
#define STS_WORKER_H

#include "lib/view.h"
#include "sts/look.h"
#include "sts/service.h"

/* Look, keep what was found, log it, end: exit 0 if it is kept. */
_Noreturn void worker_run(
    const struct service_setting *setting, struct view domain, bool used);

/* For a worker that could not: the domain is left alone for a while.  0, or -1 with errno. */
int worker_note_death(const struct service_setting *setting, struct view domain);

/* The same look without a process: by hand.  False: a control file cannot be read (logged). */
bool worker_look(const struct service_setting *setting,
    const struct look_question *question, struct look *out);

#endif
