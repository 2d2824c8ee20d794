/* spp - qmail-spp: plugins, programs that are asked at each command, in a session (inbound 5.11; their
 * side is in qmail-spp(5)).  On if $ENABLE_SPP is set; off in strict mode. */
#ifndef SERVER_SPP_H
#define SERVER_SPP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/arena.h"
#include "lib/str.h"
#include "policy/sppfile.h"
#include "server/message.h"

/* What commands of a section are answered, by word of a plugin: LM, LR, LD. */
struct spp_later {
	unsigned code; /* 0: nothing */
	struct str text;
	size_t line; /* of the file: who said so first */
};

/* What a session keeps.  {0}: off. */
struct session_spp {
	bool on;        /* plugins are run; no more after A */
	bool refused;   /* the connection was: nothing is done for it but QUIT */
	bool said_okay; /* O, of the command that is being answered */
	const char *file;
	struct control_list plugins;
	struct str headers;      /* for the next message, said before its MAIL */
	struct str mail_headers; /* for this transaction's */
	struct spp_later later[SPP_SECTIONS];

	/* What S has put into our environment. */
	struct arena variables;
	struct spp_variable *first_variable;
	size_t variable_octets;
};

struct session;

/* The questions, each where its command is carried out; false: the command was answered, or the session
 * is over.  The first one reads the file. */
bool spp_accepts_connection(struct session *s);
bool spp_accepts_helo(struct session *s, struct view argument);
bool spp_accepts_mail(struct session *s);
bool spp_accepts_rcpt(struct session *s);
bool spp_passes_rcpt(struct session *s); /* behind all other checks */
bool spp_accepts_data(struct session *s);

/* The password was right, but nobody knows yet. */
bool spp_accepts_auth(struct session *s, struct view user, const char *method);

/* RSET: what plugins have said for later is forgotten. */
void spp_reset(struct session *s);

/* STARTTLS: what the client has called itself is forgotten. */
void spp_begin_anew(struct session *s);

/* Header fields go below our Received. */
extern const struct message_stage spp_stage;

void spp_free(struct session_spp *spp);

#endif
