/* reply - what the server answers: a code, a text, and qmail's enhanced status code, which stands
 * in brackets at the end of the text: "553 sorry, ... (#5.7.1)" (inbound 0.3). */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

struct reply {
	unsigned code;
	struct view text;   /* one line, without code, status and line end */
	struct view status; /* "5.7.1"; empty: the text has none */
};

/* From literals; `status` NULL is none. */
void reply_set(struct reply *r, unsigned code, const char *status, const char *text);

/* Append the line with its CR LF.  CR, LF and other control octets in the text, which may come
 * from a filter or a file, are left out: no text can become two replies (D6). */
void reply_format(struct str *out, const struct reply *r);

/* The same for a line that others follow: "250-...". */
void reply_format_more(struct str *out, const struct reply *r);

/* RFC 2034: put the enhanced status code in front of the text: r->status, or X.0.0 where the reply
 * has none, in the class of the reply code.  The new text is made in `text`, which must live as long
 * as *r.  Replies of 3xx have none, and a text that begins with its code already stays. */
void reply_enhance(struct reply *r, struct str *text);

/* The replies of the base daemon (inbound 2.2, 2.3, 4.1.4): name, code, status, text. */
#define REPLIES(X)                                                                    \
	X(OK, 250, NULL, "ok")                                                        \
	X(FLUSHED, 250, NULL, "flushed")                                              \
	X(VRFY, 252, NULL, "send some mail, i'll try my best")                        \
	X(HELP, 214, NULL, "qferry: see qmail-smtpd(8)")                              \
	X(HELP_STOCK, 214, NULL, "notqmail home page: https://notqmail.org")          \
	X(AUTH_OK, 235, "2.0.0", "ok, go ahead")                                      \
	X(GO_AHEAD, 354, NULL, "go ahead")                                            \
	X(TOO_MANY_GUESSES, 421, "4.7.0", "too many failed logins, goodbye")          \
	X(GREYLISTED, 450, "4.3.0", "try again later")                                \
	X(RATE, 450, "4.7.1", "you have sent too much, try again later")              \
	X(SPF_FAILURE, 451, "4.3.0", "SPF lookup failure")                            \
	X(DNS_FAILURE, 451, "4.3.0", "DNS temporary failure")                         \
	X(AUTH_TROUBLE, 454, "4.3.0", "oops, problem with child and I can't auth")    \
	X(AUTH_NO_PIPE, 454, "4.3.0", "oops, unable to open pipe and I can't auth")   \
	X(AUTH_NO_CHILD, 454, "4.3.0", "oops, child won't start and I can't auth")    \
	X(AUTH_NO_WRITE, 454, "4.3.0", "oops, unable to write pipe and I can't auth") \
	X(AUTH_REFUSED, 454, "4.7.0", "too many failed logins, try again later")      \
	X(AUTH_SESSIONS, 454, "4.7.0",                                                \
	    "too many sessions of this user, try again later")                        \
	X(AUTH_MALFORMED, 501, "5.5.4", "malformed auth input")                       \
	X(NO_AUTH, 503, "5.3.3", "auth not available")                                \
	X(AUTH_DONE, 503, "5.5.0", "you're already authenticated")                    \
	X(NO_AUTH_NOW, 503, "5.5.0", "no auth during mail transaction")               \
	X(NOT_THE_USER, 503, "5.5.1", "from and auth not the same")                   \
	X(AUTH_NEEDS_TLS, 538, "5.3.3", "auth not available without TLS")             \
	X(READY_FOR_TLS, 220, NULL, "ready for tls")                                  \
	X(NO_MEMORY, 421, "4.3.0", "out of memory")                                   \
	X(NO_CONTROLS, 421, "4.3.0", "unable to read controls")                       \
	X(NO_OWN_IP, 421, "4.3.0", "unable to figure out my IP addresses")            \
	X(SHUTDOWN, 421, "4.3.2", "service shutting down, please try again")          \
	X(TOO_MANY_SESSIONS, 421, "4.7.0",                                            \
	    "too many sessions from your network, try again later")                   \
	X(TOO_MANY_ERRORS, 421, "4.7.0", "too many errors, goodbye")                  \
	X(FORCED_AND_DENIED, 421, "4.3.0", "FORCE_TLS and DENY_TLS both found")       \
	X(NO_TLS_NOW, 454, "5.7.3", "TLS not available due to temporary reason")      \
	X(SESSION_TOO_LONG, 421, "4.4.2",                                             \
	    "session has lasted too long, please reconnect")                          \
	X(TIMEOUT, 451, "4.4.2", "timeout")                                           \
	X(BARE_LF_CLOSE, 451, NULL, "See https://cr.yp.to/docs/smtplf.html.")         \
	X(NO_QUEUE, 451, "4.3.0", "qqt failure")                                      \
	X(TOO_MANY_MESSAGES, 452, "4.7.0",                                            \
	    "too many messages in one session, please reconnect")                     \
	X(TOO_MANY_RECIPIENTS, 452, "4.5.3", "sorry, too many recipients")            \
	X(LINE_TOO_LONG, 500, "5.5.2", "line too long")                               \
	X(BAD_CHUNK, 501, "5.5.4", "no chunk, goodbye")                               \
	X(NO_PARAMETERS, 501, "5.5.4", "Syntax error (no parameters allowed)")        \
	X(UNIMPLEMENTED, 502, "5.5.1", "unimplemented")                               \
	X(NO_SERVICE, 503, "5.5.1", "this connection was refused")                    \
	X(WANT_MAIL, 503, "5.5.1", "MAIL first")                                      \
	X(WANT_HELO, 503, "5.5.1", "HELO or EHLO first")                              \
	X(ONE_MAIL, 503, "5.5.1", "only one MAIL command allowed")                    \
	X(IN_CHUNKS, 503, "5.5.1", "BDAT has begun, and must go on")                  \
	X(WANT_RCPT, 503, "5.5.1", "RCPT first")                                      \
	X(WANT_TLS, 530, NULL, "5.7.0 Must issue a STARTTLS command first")           \
	X(TOO_LARGE, 552, "5.3.4",                                                    \
	    "sorry, that message size exceeds my databytes limit")                    \
	X(BAD_SENDER, 553, "5.1.7", "unacceptable sender")                            \
	X(BAD_RECIPIENT, 553, "5.1.3", "sorry, I can't handle that recipient")        \
	X(BAD_ADDRESSES, 553, "5.1.3", "sorry, I can't accept addresses like that")   \
	X(INVALID_SENDER, 553, "5.7.1", "sorry, invalid sender address specified")    \
	X(NO_SENDER_DOMAIN, 553, "5.7.1",                                             \
	    "sorry, your envelope sender domain must exist")                          \
	X(TOO_MANY_HOPS, 554, "5.4.6", "too many hops, this message is looping")      \
	X(NO_RECIPIENTS, 554, "5.5.1", "there is no recipient")                       \
	X(BARE_LF, 554, "5.6.0", "bare LF not allowed")                               \
	X(BARE_CR, 554, "5.6.0", "bare CR not allowed")                               \
	X(SYNTAX, 555, "5.5.4", "syntax error")

#define REPLY_NAME(name, code, status, text) REPLY_##name,
enum reply_name { REPLIES(REPLY_NAME) REPLY_COUNT };
#undef REPLY_NAME

struct reply reply_named(enum reply_name name);

#endif
