/* checkprogram - which password checker the command line names (inbound 1.1.3 to 1.1.5).
 *
 *   form A  qmail-smtpd checkprogram subprogram [args ...]
 *   form B  qmail-smtpd hostname checkprogram subprogram [args ...]
 *   form C  qmail-smtpd [hostname] plainprogram true cramprogram true
 *
 * The patch sets cannot tell A from B; a wrong guess makes "true" the checker, which accepts every
 * password.  So such a checker is never used. */
#ifndef AUTH_CHECKPROGRAM_H
#define AUTH_CHECKPROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "config/dialect.h"

enum { CHECKPROGRAM_ARGS = 64 };

struct checkprogram {
	char *plain[CHECKPROGRAM_ARGS +
	    1]; /* NULL-terminated argument vector; empty: no AUTH */
	char *cram[CHECKPROGRAM_ARGS + 1]; /* the same unless form C */
	const char *hostname;              /* of forms B and C; NULL: none was given */
	char own[2][32]; /* storage of a checker that the command line does not name */
	const char *
	    unsafe; /* why AUTH must be refused although a checker is named; NULL: it is fine */
};

/* `argv` is main's; the result points into it.  No checker is named: plain[0] is NULL. */
void checkprogram_from_arguments(
    struct checkprogram *out, int argc, char **argv, enum dialect dialect);

/* qmail-authcdb, which reads $AUTH_CDB: what jms1's patch does itself.  A host name on the command
 * line stays.  The result points into *out, which must not be moved. */
void checkprogram_set_authcdb(struct checkprogram *out, int argc, char **argv);

#endif
