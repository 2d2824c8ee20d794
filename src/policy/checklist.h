/* checklist - the row of a check in table.c, and how the files it names are read. */
#ifndef POLICY_CHECKLIST_H
#define POLICY_CHECKLIST_H

#include "policy/check.h"
#include "policy/table.h"

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

/* Read the files.  ANSWER_YES: the check is to be asked; ANSWER_NO; or ANSWER_ERROR with
 * `problem`. */
enum answer checklist_read(const struct check_row *row, enum dialect dialect,
    struct check_list *list, struct problem *problem);

/* The same unless they were read, and compile patterns; those that are wrong are told to `log`,
 * which may be NULL.  ANSWER_YES, or ANSWER_ERROR with `problem`. */
enum answer checklist_ready(const struct check_row *row, enum dialect dialect,
    const struct log *log, struct check_list *list, struct problem *problem);

void checklist_free(struct check_list *list);

#endif
