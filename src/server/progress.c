#include "server/progress.h"

#include "server/session.h"

enum {
	OCTETS = 16384, /* at least so many, or the end, ... */
	WAITS = 4,      /* ... in so many timeouts */
};

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
	if (p->since >= OCTETS)
		progress_start(s, p);
}

void
progress_end(struct session *s)
{
	s->reader.deadline = s->end;
}
