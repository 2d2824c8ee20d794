/* rates - how much a client's network and a user may send in a while (inbound 5.8): messages
 * (ratenetwork, rateuser) and recipients (ratenetworkrcpt, rateuserrcpt) in ratetime seconds, which
 * slide.  Who has sent too much is put off at MAIL or RCPT; a message that has begun is taken.  Off
 * unless one of the files is there, and in strict mode. */
#ifndef SERVER_RATES_H
#define SERVER_RATES_H

#include <stdbool.h>
#include <stdint.h>

enum rate_subject { RATE_NETWORK, RATE_USER, RATE_SUBJECTS };

enum rate_thing { RATE_MESSAGES, RATE_RECIPIENTS, RATE_THINGS };

/* What a session keeps.  {0}: nothing was read yet. */
struct session_rates {
	bool known[RATE_SUBJECTS];                    /* its figures are */
	uint64_t figures[RATE_SUBJECTS][RATE_THINGS]; /* 0: not counted */
	uint64_t seconds;                             /* ratetime */
};

struct session;

/* MAIL, RCPT: false if it was refused. */
bool rates_accepts_mail(struct session *s);
bool rates_accepts_rcpt(struct session *s);

/* A message of theirs was queued. */
void rates_message_taken(struct session *s);

#endif
