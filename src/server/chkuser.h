/* chkuser - recipients and senders as chkuser looks at them (inbound 5.4, 6.5): how many there were,
 * their form, whether mail can go to their domain, and whether vpopmail or vmailmgr have such a user,
 * which qmail-rcpt finds out.  $CHKUSER_START switches it on; what it says is in its own words.  Off
 * for relay clients, or instead while the variable is set that $CHKUSER_DISABLE_VARIABLE names. */
#ifndef SERVER_CHKUSER_H
#define SERVER_CHKUSER_H

#include <stdbool.h>
#include <stdint.h>

enum chkuser_start {
	CHKUSER_NONE,
	CHKUSER_ALWAYS,
	CHKUSER_DOMAIN, /* who exists only matters where .qmail-default bounces the others */
};

/* What a session keeps.  {0}: nothing was read yet. */
struct session_chkuser {
	bool known; /* the variables are, from the first MAIL on */
	enum chkuser_start start;
	const char *off_variable;                        /* NULL: relay clients */
	uint64_t rcpt_limit, wrong_limit, quota_percent; /* 0: none */
	uint64_t recipients, wrong;                      /* so far in this session */
	uint64_t refusals; /* the next one is answered the later, the more there were */
	bool is_intruder;  /* a limit was reached: no more recipients */
};

struct session;

/* MAIL, behind transaction_start(): the sender.  False if MAIL was answered. */
bool chkuser_accepts_mail(struct session *s);

/* RCPT, in front of rcpthosts: all but who exists.  False if it was answered. */
bool chkuser_accepts_host(struct session *s);

/* RCPT, behind rcpthosts and the lists of who exists.  False if it was answered. */
bool chkuser_accepts_user(struct session *s);

#endif
