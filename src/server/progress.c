#include "server/progress.h"

#include "server/session.h"

enum { WAITS = 4 }; /* timeouts, for limits.data_progress octets or the end */

void
progress_start(struct session *s, struct progress *p)
{
	p->since = 0;
	sessioncap_renew(s);
	if (!s->settings->strict)
		s->reader.deadline =
		    deadline_sooner(s->end, deadline_in_ms(WAITS * s->reader.timeout_ms));
}

void
progress_note(struct session *s, struct progress *p, size_t octets)
{
	p->since += octets;
	if (p->since >= s->settings->limits.data_progress)
		progress_start(s, p);
}

void
progress_end(struct session *s)
{
	s->reader.deadline = s->end;
}
