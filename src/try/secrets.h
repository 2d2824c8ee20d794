/* secrets - files with credentials or keys that everybody on the machine may read (outbound 3.4). */
#ifndef TRY_SECRETS_H
#define TRY_SECRETS_H

#include <stdbool.h>

#include "try/show.h"

/* May everybody read the file, all directories on the way from the home to it considered? */
bool secrets_all_may_read(const char *path);

/* Warn if everybody may read the file, all directories on the way from the home to it considered. */
void secrets_check_file(struct show *show, const char *path);

/* The same of all files that are secret whatever is in them. */
void secrets_check(struct show *show);

#endif
