/* day - the notes of one day in state/tlsrpt: shown, or reported to the domains they are of. */
#ifndef TLSRPT_DAY_H
#define TLSRPT_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/log.h"
#include "lib/str.h"

struct day_setting {
	const struct log *log;
	struct str organization, contact;
	struct str cafile, proxy; /* empty: none */
	size_t dns_questions;     /* of one domain */
};
void day_setting_free(struct day_setting *setting);

/* The start of the day that is written YYYYMMDD; NULL is yesterday.  False: it is none of the last
 * year. */
bool day_find(const char *day, uint64_t now, uint64_t *start);

/* Print what was noted: the JSON of one domain, or (NULL) a line for each kind of session.  False: there
 * are no notes, or they cannot be printed; said. */
bool day_print(const struct day_setting *setting, uint64_t start, const char *domain);

/* Send the reports, then name the file DAY.sent: who comes twice sends nothing twice.  Files of more
 * than a week ago are removed.  False if one could not be sent, or the notes cannot be read; said,
 * and logged. */
bool day_report(const struct day_setting *setting, uint64_t start);

#endif
