/* brokercommands - the command lines that a broker starts for somebody, and no others: each is a program
 * with all its arguments, written down before anything came from the network. */
#ifndef WIRE_BROKERCOMMANDS_H
#define WIRE_BROKERCOMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	BROKER_COMMANDS_MAX = 256, /* on one list */
	BROKER_COMMAND_MAX = 8192, /* octets of one, packed */
	BROKER_WORDS_MAX = 72,     /* of one */
};

/* {0} is empty; no command is on it twice. */
struct broker_commands {
	struct str *packed;
	size_t count;
};

/* A command as it stands in a list and in a frame, appended to `out`: one octet, 1 if the program is to
 * be found in $PATH (never where its name has a '/'), else 0; then each word with a NUL behind it. */
void brokercommands_pack(struct str *out, char *const *argv, bool search);

/* The words, pointing into `packed`; NULL ends them.  False: it is not as above, or too much. */
bool brokercommands_unpack(
    struct str *packed, char *argv[BROKER_WORDS_MAX + 1], bool *search);

/* Put it on the list.  What is malformed or does not fit is left out: it will not be started. */
void brokercommands_add(struct broker_commands *list, char *const *argv, bool search);
void brokercommands_add_packed(struct broker_commands *list, struct view packed);

/* As in a file: words between blanks, the program found in $PATH if it has no '/'; or ':' and a
 * command for /bin/sh. */
void brokercommands_add_line(struct broker_commands *list, struct view line);

bool brokercommands_have(const struct broker_commands *list, struct view packed);

void brokercommands_free(struct broker_commands *list);

#endif
