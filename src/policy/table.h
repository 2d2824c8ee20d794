/* table - the checks in the order in which they are asked: what each is called, when and of whom it is
 * asked, and its control file.  One more check is one more row. */
#ifndef POLICY_TABLE_H
#define POLICY_TABLE_H

#include <stdint.h>

#include "config/dialect.h"
#include "policy/check.h"

enum check_moment {
	AT_MAIL, /* after the syntax of MAIL was found good */

	/* After the syntax of RCPT was found good.  The order of these, and what is asked between
	 * them, is the dialect's (inbound 5.15; server/stages.c). */
	AT_HELO,      /* what the client calls itself */
	AT_SENDER,    /* who sends, by name */
	AT_RECIPIENT, /* to whom, by name */
	AT_HOSTS,     /* is it mail for here? */
	AT_MAILBOX,   /* is there such a mailbox?  Lists say */
	AT_SEARCH,    /* likewise; what finds out says */
	AT_COUNT,     /* are there too many? */
};

enum check_id {
	CHECK_TCPPARANOID,
	CHECK_REJECTNULLSENDERS,
	CHECK_MASQUERADE,
	CHECK_ANTISPOOFING,
	CHECK_AUTHDOMAINS,
	CHECK_REJECTRELAYTEST,
	CHECK_BADHELO,
	CHECK_BADHELONORELAY,
	CHECK_ENFORCE_FQDN_HELO,
	CHECK_LOCALMFCHECK,
	CHECK_MAILFROMRULES,
	CHECK_BADMAILFROM,
	CHECK_BADMAILFROM_UNKNOWN,
	CHECK_BADMAILFROMNORELAY,
	CHECK_BRTLIMIT,
	CHECK_BADRCPTTO,
	CHECK_BADMAILTO,
	CHECK_BADRCPTTONORELAY,
	CHECK_RCPTHOSTS,
	CHECK_VALIDRCPTTO,
	CHECK_VALIDRCPTTO_CDB,
	CHECK_RECIPIENTS,
	CHECK_REALRCPTTO_CDB,
	CHECK_REALRCPTTO,
	CHECK_RCPTCHECK,
	CHECK_MAXRCPT,
	CHECK_MAXRCPTS,
	CHECK_MAXRECIPIENTS,
	CHECK_MAXRCPTCOUNT,
	CHECK_NULLENVSENDER,
	CHECK_COUNT
};

enum row_flag {
	NOT_FOR_RELAY = 1,  /* a relay client is not asked */
	ABOUT_RELAYING = 2, /* it refuses whom a client certificate may excuse */
	ADDED = 4,      /* qmail lacks it: its files are read when it is first asked */
	EXISTENCE = 8,  /* does the recipient exist?  Not asked when that is known */
	IS_CDB = 16,    /* its file is a cdb */
	IS_NUMBER = 32, /* its file is a number */
	IS_LIST = 64, /* the dialect says what its lines are; may spare the postmaster */
	IS_REGEX = 128, /* its lines are regular expressions in every dialect; likewise */
	COUNTED = 256,  /* whom it refuses counts as one who does not exist */
	BY_LINE = 512,  /* it goes through the lines of its file: check_list.lines */
	IS_WILDMAT =
	    1024, /* its lines are wildmat patterns, unless the dialect has others */
	IS_SWITCH = 2048, /* its variable may be empty */
	HAS_TWIN =
	    4096, /* as IS_LIST in indimail's dialect, its cdb twin is asked first */
	FOR_RELAY = 8192,       /* only a relay client is asked */
	SPARES_SENDERS = 16384, /* senders that other lists call good are not refused */
	SPARES_RECIPIENTS = 32768, /* likewise recipients */
	SPARES_POSTMASTER = 65536, /* no list, but it may spare the postmaster too */
	ABOUT_SENDER = 131072,     /* not asked when tools.is_sender_okay */
};

/* A set of dialects. */
#define IN(dialect) (1u << (dialect))
#define IN_EVERY    (~0u)

struct check_row {
	const char *name;
	enum check_moment moment;
	const char *
	    file; /* absent: the check is not asked, unless `more` is there; NULL: none, `variable` is all */
	const char
	    *variable;    /* wins over the file: its path, or with IS_NUMBER its value */
	const char *more; /* cdb companion, or NULL */
	const char *more_variable;  /* its path */
	const char *limit_variable; /* of check_list.limit, and its default */
	uint64_t limit;
	const char *others[2];             /* more variables: check_list.settings */
	const char *off_variable;          /* set: it is not asked */
	const char *reply_variable;        /* what s/qmail puts behind its text */
	const char *(*mode)(enum dialect); /* check_list.mode; NULL: "" */
	unsigned only;                     /* dialects that it is asked in; 0: all */
	unsigned always; /* dialects in which it is asked even without its file */
	uint64_t preset; /* its number then */
	unsigned flags;
	check_function *ask;
};

extern const struct check_row table_rows[CHECK_COUNT]; /* by enum check_id */

#endif
