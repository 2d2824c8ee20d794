/* failure - which errno values may be gone at the next try: they defer, where others mean "no". */
#ifndef USERS_FAILURE_H
#define USERS_FAILURE_H

#include <stdbool.h>

bool failure_is_temporary(int error);

#endif
