/* helperusers - who may ask a helper that holds something (DESIGN 9): qmaild, qmailr, qmails, and the
 * names in control/helperusers.  The current directory must be the home. */
#ifndef CONFIG_HELPERUSERS_H
#define CONFIG_HELPERUSERS_H

#include <stddef.h>
#include <sys/types.h>

enum { HELPERUSERS_MAX = 64 };

struct helperusers {
	uid_t uids[HELPERUSERS_MAX];
	size_t count;
};

/* A name that is unknown, or a file that is unreadable, allows nobody. */
void helperusers_read(struct helperusers *users);

#endif
