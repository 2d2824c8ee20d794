/* chkuserform - which addresses chkuser takes for well formed (inbound 5.4). */
#ifndef SERVER_CHKUSERFORM_H
#define SERVER_CHKUSERFORM_H

#include <stdbool.h>

#include "smtp/address.h"

/* Letters, digits and $%?*^~&/\#+_-.= in front of the '@'; a domain of at
 * least four letters, digits, '-' and '.' with a dot in it, and neither '-' nor '.' at an end or at
 * a dot. */
bool chkuserform_is_good(const struct address *address);

#endif
