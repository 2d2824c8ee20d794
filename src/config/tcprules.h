/* tcprules - the rules by which tcpserver takes a connection, from their text or the cdb file that
 * tcprules(1) makes of it (inbound 4.4): what they say of a client, for who is not tcpserver. */
#ifndef CONFIG_TCPRULES_H
#define CONFIG_TCPRULES_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* A client, as tcpserver knows it. */
struct tcprules_client {
	struct view ip;   /* as in $TCPREMOTEIP */
	struct view host; /* empty: none */
	struct view info; /* likewise */
};

/* The rule that decides on it; {0} is none, which lets it in. */
struct tcprule {
	bool denies;
	size_t line;     /* of the text; 0: of a cdb file, or no rule */
	struct str key;  /* the address that it is for; empty: every */
	struct str sets; /* "NAME=value", each with a NUL behind it */
};

void tcprule_free(struct tcprule *rule);

/* A line of the text as control_list() gives it: "ADDRESS:allow,NAME=\"value\"", "ADDRESS:deny". */
struct tcprules_line {
	struct view address;
	bool denies;
	struct view sets; /* ,NAME="value",...: checked */
};

/* NULL; or what is wrong, a literal. */
const char *tcprules_parse(struct view line, struct tcprules_line *out);

/* Is "1.2.3.4-6" one of whose addresses nobody is: the second number is less than the first? */
bool tcprules_is_empty_range(struct view address);

/* Is everybody in it, or everybody with a name: "", "=", "1-255."? */
bool tcprules_is_for_all(struct view address);

/* Is it a part of an IPv4 address without the dot behind it, "192.168", which nobody has? */
bool tcprules_is_cut_short(struct view address);

/* Which rule is for the client?  ANSWER_YES, ANSWER_NO (none: it is let in), or ANSWER_ERROR with
 * `problem`: a line of the text that tcprules(1) would not take, or a broken cdb file.  *out is
 * untouched unless ANSWER_YES. */
enum answer tcprules_find(const char *path, const struct control_list *lines,
    const struct tcprules_client *client, struct tcprule *out, struct problem *problem);
enum answer tcprules_find_cdb(const char *path, const struct tcprules_client *client,
    struct tcprule *out, struct problem *problem);

#endif
