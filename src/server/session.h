/* session - one conversation, from the connection to its end: input, output, limits.  What it
 * says is in sessionreply.h; what the commands do is in commands.c, data.c and starttls.c. */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "lib/arena.h"
#include "lib/env.h"
#include "lib/log.h"
#include "lib/reader.h"
#include "lib/sid.h"
#include "lib/str.h"
#include "lib/writer.h"
#include "policy/check.h"
#include "queue/submit.h"
#include "server/authlimit.h"
#include "server/chkuser.h"
#include "server/contentrules.h"
#include "server/dnschecks.h"
#include "server/empf.h"
#include "server/greylist.h"
#include "server/helodns.h"
#include "server/logevent.h"
#include "server/message.h"
#include "server/mfcheck.h"
#include "server/ownip.h"
#include "server/peer.h"
#include "server/rates.h"
#include "server/scanspam.h"
#include "server/scanvirus.h"
#include "server/sessioncap.h"
#include "server/settings.h"
#include "server/spf.h"
#include "server/spp.h"
#include "server/store.h"
#include "server/submission.h"
#include "server/transaction.h"
#include "smtp/dotstream.h"
#include "smtp/reply.h"
#include "wire/rcpt.h"
#include "wire/tls.h"

enum session_exit {
	EXIT_SESSION_DONE = 0,   /* after QUIT only (inbound 1.3.4) */
	EXIT_SESSION_BROKEN = 1, /* every other end */
};

enum {
	SESSION_IN = 0, /* descriptors of the client, clear or plaintext of TLS */
	SESSION_OUT = 1,
	SESSION_INPUT = 65536,
	SESSION_OUTPUT = 8192,
};

/* In mem_pages(): what is not used is never touched.  On the stack the compiler's clash protection
 * would touch each page. */
struct session_buffers {
	char in[SESSION_INPUT], out[SESSION_OUTPUT];
	char message[SESSION_INPUT + DOTSTREAM_HELD];
	struct submit queue;
};

struct session_tls {
	bool active; /* the client's octets are protected */
	bool looked; /* `offer` is known */
	enum tls_offer {
		TLS_NOT_OFFERED,
		TLS_BY_HELPER, /* qmail-tls */
		TLS_BY_UCSPI,  /* the server that started us (inbound 4.3) */
	} offer;
	struct tls_facts facts;
	struct tls_server server;
	enum client_standing { /* what its certificate gives the client */
		CLIENT_NOT_LOOKED_AT,
		CLIENT_NOT_ASKED, /* for a certificate */
		CLIENT_STRANGER,
		CLIENT_RELAYS,
	} client;
};

struct session_auth {
	bool done; /* the client is who it says */
	struct str user;
	enum sasl_mechanism mechanism;
	struct str senders;     /* whom it may send as (auth/senders.h), and variables */
	struct env_list before; /* values of variables that it has changed */
	uint64_t failures;
};

/* control/logdialect; read when there is first something to say */
struct session_logdialect {
	bool known, is_besides; /* is_besides: our own lines too */
	void (*format)(const struct logevent *e, struct str *out); /* NULL: ours only */
};

/* BDAT; chunking is read when EHLO or BDAT first comes */
struct session_chunks {
	bool known;
	uint64_t offered;
};

/* maxnotimpl; read at the first verb that nobody knows */
struct session_unknown {
	bool known;
	uint64_t most; /* so many such verbs; 0: no limit */
	uint64_t count;
};

/* tarpitcount, tarpitdelay; read when the first recipient is taken */
struct session_tarpit {
	bool known;
	uint64_t count, delay;
};

/* qmail-qmtpd and qmail-qmqpd have no commands, but what they take is a message all the same. */
enum session_protocol { SESSION_SMTP, SESSION_QMTP, SESSION_QMQP };

struct session {
	struct settings *settings;
	const struct peer *peer;
	struct session_buffers *buffers;
	struct reader reader;
	struct writer writer;
	struct deadline end; /* of the whole session */
	char sid[SID_LEN + 1];
	struct log log;

	enum session_protocol protocol;
	struct str
	    *answer; /* not SMTP: replies are no lines to the client, but the last one's
			     * text, and `code`, are kept here; NULL: SMTP */

	int sigterm_fd; /* can be read once SIGTERM came; -1: it kills at any time */

	struct str line;           /* the command being answered */
	struct arena scratch;      /* what a command needs until it is answered */
	enum logevent_place place; /* what the command is about, for the log */
	struct view from, to;      /* likewise; may be empty */
	const char *known_by;      /* the check that knew the recipient; for the log */
	int64_t began_ms,
	    mail_began_ms; /* os_monotonic_ms() of the session, and of MAIL */
	struct session_logdialect logdialect;
	struct str helo; /* what the client calls itself; the peer's host name before */
	const char *relay_client; /* suffix for recipients; NULL: not a relay client */
	struct transaction transaction;
	struct address recipient; /* of the RCPT that is being answered */
	struct session_message message;
	struct session_tls tls;
	struct session_auth auth;
	struct session_store store;
	struct session_authlimit authlimit;
	struct rcpt_client rcpt;
	struct resolver *resolver; /* session_resolver() */
	struct session_chkuser chkuser;
	struct session_helodns helodns;
	struct session_mfcheck mfcheck;
	struct session_dnschecks dnschecks;
	struct session_spf spf;
	struct session_greylist greylist;
	struct session_rates rates;
	struct session_caps caps;
	struct session_content content;
	struct session_virus virus;
	struct session_spam spam;
	struct session_submission submission;
	struct ownip ownip;
	struct session_spp spp;
	struct session_empf empf;
	struct env_list environment; /* for children; empty until it is needed */

	struct session_chunks chunks;
	struct session_tarpit tarpit;

	struct session_unknown unknown_verbs;
	bool errors_count; /* a 5xx reply to this command counts towards the limit */
	uint64_t errors, long_lines;
	unsigned code; /* of the last reply */
	bool warned_open_relay, warned_relaymailfrom;
	bool said_helo; /* HELO or EHLO came, in this state of protection */
	bool knows_rfc_order, wants_rfc_order; /* settings_read_rfc_order() */

	/* Nothing is to happen: TLS is taken to have begun, qmail-state is not asked, nobody is made to
	 * wait (try/session.h). */
	bool is_rehearsal;

	bool over;
	enum session_exit status;
};

/* Set up a session on descriptors 0 and 1.  `settings` and `peer` must outlive it. */
void session_start(struct session *s, struct settings *settings, const struct peer *peer);

/* The greeting, and TLS before it where that is wanted. */
void session_greet(struct session *s);

/* Read one command and answer it.  False when the session is over. */
bool session_next_command(struct session *s);

/* What remains is sent and everything freed; the exit status, an enum session_exit. */
int session_end(struct session *s);

/* --- for what answers commands ----------------------------------------------------------------- */

/* The client's next line into s->line, with its LF.  It may be silent as long as a timeout; but
 * once the first octet is here, all of the line must come in the same time: one octet a minute is
 * no conversation. */
enum reader_status session_read_line(struct session *s);

/* End it: nothing more is read.  `reason` is for the log; NULL: it ended well. */
void session_close(struct session *s, const char *reason);

/* End it as input or output ended: with a reply where one is due (inbound 2.3). */
void session_lost(struct session *s, enum reader_status status);

/* 421: a control file cannot be read. */
void session_no_controls(struct session *s, const struct problem *problem);

/* After STARTTLS: as if the client had just connected, but without a greeting (inbound 4.1.5). */
void session_begin_anew(struct session *s);

/* A child's environment: ours, and what the session adds. */
struct env_list *session_environment(struct session *s);

/* Whoever asks the DNS asks this one, which remembers answers: limits.dns_questions is for all. */
struct resolver *session_resolver(struct session *s);

/* SIGTERM ends a wait for the client with 421 (inbound 1.3.3); where we wait for others, or must
 * not speak, it kills: while a message is taken, a password checked, TLS begun. */
void session_sigterm_kills(struct session *s, bool kills);

#endif
