/* settings - what qmail-inject was told by its arguments, environment and control files (queue 3.1,
 * 3.2). */
#ifndef INJECT_SETTINGS_H
#define INJECT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/control.h"
#include "lib/arena.h"
#include "lib/str.h"
#include "message/rewrite.h"

enum inject_status {
	INJECT_OK,
	INJECT_PERMANENT, /* exit 100 */
	INJECT_TEMPORARY, /* exit 111 */
};

/* A failure to be told: "qmail-inject: fatal: " and the text. */
enum inject_status inject_fail(struct str *complaint, enum inject_status status,
    const char *text, struct view detail);

enum inject_recipients {
	RECIPIENTS_DEFAULT,   /* -A: arguments if there are any, else the header */
	RECIPIENTS_ARGUMENTS, /* -a */
	RECIPIENTS_HEADER,    /* -h */
	RECIPIENTS_BOTH,      /* -H */
};

struct inject_settings {
	enum inject_recipients recipients; /* never RECIPIENTS_DEFAULT once read */
	bool print;                        /* -n: to stdout, not to the queue */
	const char *sender;                /* -f, or NULL */
	char *const *arguments;            /* NULL-terminated */

	/* $QMAILINJECT */
	bool name_in_comment, drop_return_path, drop_from, drop_message_id;
	bool verp_recipient, verp_message;

	const char *user, *host, *full_name;   /* of From; host and name may be NULL */
	const char *sender_user, *sender_host; /* of the envelope sender */
	struct control_list lists; /* $QMAILMFTFILE: who gets Mail-Followup-To */

	struct rewrite rewrite;
	struct str id_host;
	struct arena texts; /* of the tokens of `rewrite` */
	int64_t now;
	pid_t pid;
};

/* Options, environment and $QMAILMFTFILE; before the home is entered. */
enum inject_status settings_read_caller(
    struct inject_settings *s, int argc, char **argv, struct str *complaint);

/* Control files, and what overrides them; in the home. */
enum inject_status settings_read_controls(
    struct inject_settings *s, struct str *complaint);

void settings_free(struct inject_settings *s);

#endif
