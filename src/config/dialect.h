/* dialect - which patch set's meaning a colliding name has (inbound 0.2, 0.7), and strict mode
 * (inbound 0.5): $QDIALECT, else control/dialect; $QSTRICT=1, else control/strict. */
#ifndef CONFIG_DIALECT_H
#define CONFIG_DIALECT_H

#include <stdbool.h>

#include "lib/answer.h"
#include "lib/problem.h"

enum dialect {
	DIALECT_NOTQMAIL,
	DIALECT_SAGREDO,
	DIALECT_JMS1,
	DIALECT_SQMAIL,
	DIALECT_INDIMAIL,
	DIALECT_LDAP,
};

/* As in control/dialect. */
const char *dialect_word(enum dialect dialect);

/* ANSWER_YES with *out set (DIALECT_NOTQMAIL when nothing is said), or ANSWER_ERROR with
 * `problem` for a name that is none of the six, or an unreadable file. */
enum answer dialect_read(enum dialect *out, struct problem *problem);

/* Likewise: *out is whether strict mode is on. */
enum answer strict_read(bool *out, struct problem *problem);

#endif
