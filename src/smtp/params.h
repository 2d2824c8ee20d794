/* params - the ESMTP parameters behind the address of MAIL (RFC 5321 4.1.1.11).  qmail ignores
 * them all; we look at those that say something about whether the message can be taken (inbound
 * section 8, rows 1870, 6152, 8689). */
#ifndef SMTP_PARAMS_H
#define SMTP_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

struct mail_params {
	uint64_t size;    /* SIZE=, saturating; 0 when absent or no number */
	bool require_tls; /* REQUIRETLS (RFC 8689) */
	bool binary_mime; /* BODY=BINARYMIME (RFC 3030) */
};

/* `rest` is what follows the address.  Keywords and values are compared without case; unknown
 * ones are skipped; of several SIZE the largest counts. */
struct mail_params mail_params_parse(struct view rest);

#endif
