/* check - a question put to every policy check, and what it may answer.  One check is one file in
 * checks/ and one row in table.c.  A check sees its question only: no environment, descriptor or
 * clock. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/cdbmap.h"
#include "config/dialect.h"
#include "config/domainmap.h"
#include "lib/env.h"
#include "lib/log.h"
#include "lib/problem.h"
#include "policy/patterns.h"
#include "smtp/address.h"
#include "smtp/reply.h"

enum verdict {
	VERDICT_PASS,
	VERDICT_KNOWN, /* pass, and no other check need find out whether the recipient exists */
	VERDICT_REJECT, /* 5xx */
	VERDICT_DEFER,  /* 4xx */
	VERDICT_CLOSE, /* 421, and the session ends; with `problem`: a control file cannot be
	                 * read (inbound 2.3) */
};

/* The control file of a check.  {0} is one that is not there. */
struct check_list {
	bool present;
	struct domainmap names;
	struct control_list lines; /* of rows that are BY_LINE, and of patterns */
	struct cdbmap *more;       /* its .cdb companion; NULL: none */
	const char *more_file;     /* path of that */
	struct str twin;        /* path of `more` if that has the same lines (indimail) */
	struct problem *broken; /* the companion opens but is no cdb: found out when it is
				 * asked, as in qmail; NULL: all is well */

	/* Of checks that qmail lacks; their files are read when they are first asked. */
	bool looked;      /* they were */
	const char *file; /* its path: the row's, or what the row's variable says */
	const char
	    *value; /* of the row's variable, which wins over the file; NULL: not set */
	uint64_t number; /* the digits that the variable, or else the file, starts with */
	uint64_t refused;        /* how many recipients it has refused in this session */
	uint64_t limit;          /* more than so many end the session; 0: no limit */
	const char *settings[2]; /* of the row's other variables; NULL: not set */
	const char *mode; /* value of the variable that the check needs in this dialect */

	/* Of lists: what the lines are in this dialect, and compiled, when first asked. */
	enum pattern_syntax syntax;
	struct patterns *patterns;
};

/* Is its companion damaged?  *problem is then what is wrong with it, and else untouched. */
bool check_list_is_broken(const struct check_list *list, struct problem *problem);

/* What a check may use besides its list; the program's. */
struct check_tools {
	struct view helo;             /* what the client calls itself */
	bool said_helo;               /* else `helo` is not its word */
	struct view host;             /* its name by DNS; may be "unknown" */
	uint64_t recipients;          /* of this transaction, taken so far */
	uint64_t rcpt_commands;       /* of this transaction, with this one */
	bool is_sender_okay;          /* do not ask what is about the sender alone */
	const struct log *log;        /* for lines of lists that are wrong; or NULL */
	struct rcpt_client *rcpt;     /* asks qmail-rcpt */
	struct env_list *environment; /* for programs; NULL: ours */
	uint64_t program_seconds;     /* a program may take */
	struct view ip;               /* of the client */
	struct view info;             /* who has logged in, else what IDENT says */
	bool has_info, has_user;      /* has_user: who has logged in */
	struct view local, local_ip;  /* our name and address here; may be empty */
	struct view emails; /* of the client's certificate, each with a LF behind it */
	struct arena
	    *mem; /* for the text of a reply; lives until the command is answered */
};

struct question {
	const struct address *sender;
	const struct address *recipient; /* empty AT_MAIL */
	const struct check_list *list;   /* of the check that is asked; present */
	const struct check_list *hosts;  /* rcpthosts */
	enum dialect dialect;
	bool is_relay_client;
	bool is_known;    /* an earlier check has said VERDICT_KNOWN */
	uint64_t refused; /* recipients of this session that do not exist */
	const struct check_tools *tools;
};

/* Why, filled in with every verdict but VERDICT_PASS. */
struct ruling {
	struct reply reply;
	/* Its name, set by the table; with VERDICT_PASS of policy_ask(), of the one that knew the
	 * recipient, or NULL. */
	const char *check;
	const char *file; /* its control file, set by the table: "control/badmailfrom" */
	bool is_for_relaying; /* set by the table: a relay client would not be asked */
	size_t line;          /* of that file; 0: not one line's doing */
	uint64_t count;       /* of what there was too much of; 0: nothing was counted */
	struct reply first; /* a line in front of it; code 0: none.  Of a message only */
	struct problem problem; /* with VERDICT_CLOSE */
	const char
	    *reason; /* for the log, of a check that refuses for several; or NULL */
	const char *
	    note; /* for the log besides, even if it passes; valid until the next question */
};

typedef enum verdict check_function(const struct question *q, struct ruling *why);

/* One prototype for each row. */
check_function check_badmailfrom, check_rcpthosts;
check_function check_badhelo, check_badhelonorelay, check_badmailfromnorelay;
check_function check_badrcptto, check_badrcpttonorelay;
check_function check_maxrcpt, check_maxrcpts, check_maxrecipients;
check_function check_rejectnullsenders;
check_function check_brtlimit, check_validrcptto, check_validrcptto_cdb;
check_function check_realrcptto, check_realrcptto_cdb;
check_function check_rcptcheck, check_recipients;
check_function check_antispoofing, check_authdomains, check_masquerade, check_tcpparanoid;
check_function check_rejectrelaytest, check_enforce_fqdn_helo;
check_function check_localmfcheck, check_mailfromrules, check_badmailfrom_unknown;
check_function check_badmailto, check_maxrcptcount, check_nullenvsender;

/* What the number in maxrcpt comes to. */
uint64_t check_maxrcpt_most(enum dialect dialect, uint64_t number);

#endif
