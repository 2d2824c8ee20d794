/* server/logdialect: the lines of each dialect, byte by byte, and that no client can write one. */
#include <string.h>

#include "server/logdialect/logdialect.h"
#include "unit/unit.h"

static const struct log quiet = {
	.program = "qmail-smtpd", .level = 1, .ip = { "192.0.2.7", 9 }
};

/* A recipient of a session in clear; the cases change what they are about. */
static struct logevent
session(enum logevent_kind kind, enum logevent_place place)
{
	return (struct logevent) { .kind = kind,
		.place = place,
		.log = &quiet,
		.pid = 4711,
		.now = 1700000000,
		.remote_host = VIEW("client.example"),
		.remote_port = VIEW("40000"),
		.local = VIEW("mx.example.org"),
		.local_ip = VIEW("192.0.2.1"),
		.local_port = VIEW("25"),
		.helo = VIEW("helo.example"),
		.sender = VIEW("a@example.net"),
		.recipient = place == LOGEVENT_AT_RCPT ? VIEW("x@example.org") : VIEW(""),
		.is_local = place == LOGEVENT_AT_RCPT ? LOCAL_YES : LOCAL_UNKNOWN };
}

static struct logevent
user(enum logevent_kind kind, enum logevent_place place)
{
	struct logevent e = session(kind, place);

	e.user = VIEW("joe");
	e.method = VIEW("PLAIN");
	e.is_relay_client = e.has_tls = true;
	e.proto = VIEW("TLSv1.3");
	e.cipher = VIEW("TLS_AES_256_GCM_SHA384");
	return e;
}

static void
check_lines(logdialect_format *format, const struct logevent *e, const char *expected)
{
	struct str out = { 0 };

	format(e, &out);
	assert_view_equal(str_view(&out), view_of(expected));
	str_free(&out);
}

/* What refused. */
static struct ruling
ruling(const char *check, unsigned code, const char *text)
{
	struct ruling why = { .check = check };

	reply_set(&why.reply, code, NULL, text);
	return why;
}

static struct recipient other = { .address = { "y@example.org", 13 }, .is_local = true };
static struct recipient first = { .next = &other, .address = { "x@far.example", 13 } };

static struct transaction
two_recipients(void)
{
	return (struct transaction) {
		.open = true, .first = &first, .last = &other, .count = 2
	};
}

/* --- sagredo ------------------------------------------------------------------------------------------ */

#define SAGREDO_END                                                            \
	" localip=192.0.2.1 localport=25 remoteip=192.0.2.7 remoteport=40000 " \
	"remotehost=client.example qp= pid=4711\n"
#define SAGREDO_CLEAR " authuser= authtype= encrypted= sslverified=no" SAGREDO_END
#define SAGREDO_RCPT                                                               \
	" helo=helo.example mailfrom=a@example.net rcptto=x@example.org relay=no " \
	"rcpthosts=yes size=" SAGREDO_CLEAR

static void
test_sagredo_recipients(void **state)
{
	struct logevent e = session(LOGEVENT_RCPT, LOGEVENT_AT_RCPT);

	(void)state;
	check_lines(logdialect_sagredo, &e,
	    "qlogenvelope: result=accepted code=250 reason=rcpthosts "
	    "detail=" SAGREDO_RCPT);
	e.known_by = "validrcptto";
	check_lines(logdialect_sagredo, &e,
	    "qlogenvelope: result=accepted code=250 reason=rcptto "
	    "detail=validrcptto" SAGREDO_RCPT);
	e = user(LOGEVENT_RCPT, LOGEVENT_AT_RCPT);
	e.is_local = LOCAL_NO;
	check_lines(logdialect_sagredo, &e,
	    "qlogenvelope: result=accepted code=250 reason=relayclient detail= "
	    "helo=helo.example mailfrom=a@example.net rcptto=x@example.org relay=yes "
	    "rcpthosts=no size= authuser=joe authtype=plain encrypted=tls "
	    "sslverified=no" SAGREDO_END);
}

static void
test_sagredo_messages(void **state)
{
	struct transaction t = two_recipients();
	struct logevent e = user(LOGEVENT_ACCEPT, LOGEVENT_AT_DATA);
	struct ruling why = ruling("queue", 554, "mail is\tspam");

	(void)state;
	e.transaction = &t;
	e.qp = 18695;
	e.octets = 245;
	e.is_implicit_tls = e.is_verified = true;
	check_lines(logdialect_sagredo, &e,
	    "qlogreceived: result=accepted code=250 reason=queueaccept detail= "
	    "helo=helo.example mailfrom=a@example.net rcptto=x@far.example,y@example.org "
	    "relay=yes rcpthosts= size=245 authuser=joe authtype=plain encrypted=ssl "
	    "sslverified=yes localip=192.0.2.1 localport=25 remoteip=192.0.2.7 "
	    "remoteport=40000 remotehost=client.example qp=18695 pid=4711\n");
	e = session(LOGEVENT_REFUSE, LOGEVENT_AT_DATA);
	e.transaction = &t;
	e.why = &why;
	check_lines(logdialect_sagredo, &e,
	    "qlogreceived: result=rejected code=554 reason=queuereject "
	    "detail=mail_is_spam helo=helo.example mailfrom=a@example.net "
	    "rcptto=x@far.example,y@example.org relay=no rcpthosts= size=" SAGREDO_CLEAR);
	why = ruling("databytes", 552, "sorry");
	e.octets = 300;
	e.recipient = VIEW("x@far.example");
	check_lines(logdialect_sagredo, &e,
	    "qlogreceived: result=rejected code=552 reason=databytes_limit_exceeded "
	    "detail= "
	    "helo=helo.example mailfrom=a@example.net rcptto=x@far.example,y@example.org "
	    "relay=no rcpthosts= size=300" SAGREDO_CLEAR
	    "qmail-smtpd: message too big: a@example.net from 192.0.2.7 to x@far.example "
	    "helo helo.example\n");
}

static void
test_sagredo_refusals(void **state)
{
	static const struct {
		const char *check;
		unsigned code;
		const char *rule, *before, *words;
	} cases[] = {
		{ "rcpthosts", 553, "", "", "code=553 reason=not_in_rcpthosts detail=" },
		{ "badhelo", 553, "^helo",
		    "qmail-smtpd[4711]: badhelo: <helo.example> at 192.0.2.7\n",
		    "code=553 reason=qregexbhelo detail=^helo" },
		{ "badmailfrom", 553, "a b",
		    "qmail-smtpd[4711]: badmailfrom: <a@example.net> at 192.0.2.7\n",
		    "code=553 reason=qregexbmf detail=a_b" },
		{ "badrcptto", 553, "x@",
		    "qmail-smtpd[4711]: badrcptto: <x@example.org> at 192.0.2.7\n",
		    "code=553 reason=qregexbmt detail=x@" },
		{ "maxrcpt", 452, "", "", "code=452 reason=max_rcpt_exceeded detail=" },
		{ "validrcptto_cdb", 553, "", "", "code=553 reason=validrcptto detail=" },
		{ "realrcptto", 550, "", "", "code=550 reason=nomailbox detail=" },
		{ "mfcheck", 553, "", "",
		    "code=553 reason=chkusersender detail=sendermxinvalid" },
		{ "mfcheck", 451, "", "",
		    "code=451 reason=chkusersender detail=sendermxdnstmpfail" },
		{ "spf", 550, "", "", "code=550 reason=spf detail=softfail" },
		{ "spf", 451, "", "", "code=451 reason=spf detail=lookupfailure" },
		{ "dnsbl", 553, "",
		    "qmail-smtpd[4711]: rbl: ip=192.0.2.7 query=7.2.0.192.bl.example "
		    "result=reject message='no_way'\n",
		    "code=553 reason=rblreject detail=bl.example" },
		{ "greylist", 451, "", "", "code=451 reason=greylist detail=" },
	};
	struct str expected = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct logevent e = session(LOGEVENT_REFUSE, LOGEVENT_AT_RCPT);
		struct ruling why = ruling(cases[i].check, cases[i].code, "no way");

		e.why = &why;
		e.rule = view_of(cases[i].rule);
		e.result = "softfail";
		e.host = VIEW("bl.example");
		str_clear(&expected);
		str_append_text(&expected, cases[i].before);
		str_append_text(&expected, "qlogenvelope: result=rejected ");
		str_append_text(&expected, cases[i].words);
		str_append_text(&expected, SAGREDO_RCPT);
		check_lines(logdialect_sagredo, &e, str_text(&expected));
	}
	str_free(&expected);
}

static void
test_sagredo_events(void **state)
{
	struct logevent e = session(LOGEVENT_AUTH, LOGEVENT_ELSEWHERE);

	(void)state;
	e.sender = VIEW("");
	e.mechanism = VIEW("CRAM-MD5");
	e.login = VIEW("joe");
	e.result = "ok";
	check_lines(logdialect_sagredo, &e,
	    "qmail-smtpd[4711]: auth: auth-success type=cram-md5 user=<joe>\n");
	e.result = "failed";
	check_lines(logdialect_sagredo, &e,
	    "qmail-smtpd[4711]: auth: auth-failed type=cram-md5 user=<joe>\n"
	    "qlogenvelope: result=rejected code=535 reason=authfailed detail= "
	    "helo=helo.example mailfrom= rcptto= relay=no rcpthosts= "
	    "size=" SAGREDO_CLEAR);
	e.kind = LOGEVENT_GREETING;
	e.seconds = 20;
	check_lines(logdialect_sagredo, &e, "qmail-smtpd[4711]: GREETDELAY: 20s\n");
	e.kind = LOGEVENT_END;
	e.reason = VIEW("eof");
	check_lines(logdialect_sagredo, &e,
	    "qmail-smtpd: read failed (eof): (null) from 192.0.2.7 to (null) helo "
	    "helo.example\n");
	e.kind = LOGEVENT_DNSCHECK;
	e.check = "dnsbl";
	e.result = "ignore";
	e.host = VIEW("bl.example");
	e.reason = VIEW("it's you");
	check_lines(logdialect_sagredo, &e,
	    "qmail-smtpd[4711]: rbl: ip=192.0.2.7 query=7.2.0.192.bl.example "
	    "result=ignore "
	    "message='it's_you'\n");
}

static void
test_sagredo_logregex(void **state)
{
	struct logevent e = session(LOGEVENT_REFUSE, LOGEVENT_AT_RCPT);
	struct ruling why = ruling("badmailfrom", 553, "no");

	(void)state;
	e.why = &why;
	e.rule = VIEW("^a@");
	e.wants_rule = true;
	check_lines(logdialect_sagredo, &e,
	    "qmail-smtpd[4711]: badmailfrom: <a@example.net> matches pattern: ^a@\n"
	    "qlogenvelope: result=rejected code=553 reason=qregexbmf "
	    "detail=^a@" SAGREDO_RCPT);
	check_lines(logdialect_jms1, &e,
	    "qmail-smtpd[4711]: badmailfrom: <a@example.net> at 192.0.2.7 matches "
	    "pattern: "
	    "^a@\n");
}

/* --- the others --------------------------------------------------------------------------------------- */

#define CHKUSER_REMOTE "> remote <helo.example:client.example:192.0.2.7> rcpt <"
#define CHKUSER_RCPT   ": from <a@example.net::" CHKUSER_REMOTE "x@example.org> : "

static const struct {
	const char *check;
	unsigned code;
	enum logevent_place place;
	const char *chkuser, *jms1, *sqmail, *indimail, *ldap;
} refusals[] = {
	{ "rcpthosts", 553, LOGEVENT_AT_RCPT,
	    "CHKUSER rejected relaying" CHKUSER_RCPT "client not allowed to relay\n", "",
	    "qmail-smtpd: pid 4711 Reject::SNDR::Invalid_Relay P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:x@example.org\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 Invalid RELAY client: MAIL from "
	    "<a@example.net> RCPT <x@example.org>\n",
	    "qmail-smtpd 4711: no mail relay for 'rcpt to': x@example.org\n" },
	{ "badmailfrom", 553, LOGEVENT_AT_RCPT,
	    "CHKUSER rejected rcpt" CHKUSER_RCPT "badmailfrom\n",
	    "qmail-smtpd[4711]: badmailfrom: <a@example.net> at 192.0.2.7\n",
	    "qmail-smtpd: pid 4711 Reject::ORIG::Bad_Mailfrom P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:x@example.org "
	    "'rule'\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 Invalid SENDER address: BAD MAIL from "
	    "<a@example.net>\n",
	    "qmail-smtpd 4711: bad mailfrom: a@example.net\n" },
	{ "validrcptto_cdb", 553, LOGEVENT_AT_RCPT,
	    "CHKUSER rejected rcpt" CHKUSER_RCPT "not existing recipient\n",
	    "qmail-smtpd[4711]: validrcptto [192.0.2.7] not found: x@example.org\n",
	    "qmail-smtpd: pid 4711 Reject::RCPT::Failed_Rcptto P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:x@example.org\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 Invalid RECIPIENT address: MAIL from "
	    "<a@example.net> RCPT <x@example.org>\n",
	    "qmail-smtpd 4711: bad recipient: x@example.org\n" },
	{ "validrcptto_cdb", 421, LOGEVENT_AT_RCPT,
	    "CHKUSER intrusion threshold" CHKUSER_RCPT
	    "max number of allowed invalid rcpt\n",
	    "qmail-smtpd[4711]: validrcptto [192.0.2.7] excessive violations, hanging "
	    "up\n",
	    "qmail-smtpd: pid 4711 Reject::RCPT::Failed_Rcptto P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:x@example.org\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 Invalid RECIPIENT address: MAIL from "
	    "<a@example.net> RCPT <x@example.org>\n",
	    "qmail-smtpd 4711: bad recipient: x@example.org\n" },
	{ "maxrcpt", 452, LOGEVENT_AT_RCPT,
	    "CHKUSER rejected rcpt" CHKUSER_RCPT "max number of recipients\n",
	    "qmail-smtpd[4711]: MAXRCPT fail [192.0.2.7]\n",
	    "qmail-smtpd: pid 4711 Reject::RCPT::Toomany_Rcptto P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:x@example.org\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 Too many RECIPIENTS: MAIL from "
	    "<a@example.net> Last RCPT <x@example.org>\n",
	    "qmail-smtpd 4711: message denied because of more 'RCPT TO' than allowed by "
	    "MAXRCPTCOUNT\n" },
	{ "auth", 530, LOGEVENT_AT_MAIL,
	    "CHKUSER must auth: from <a@example.net::" CHKUSER_REMOTE
	    "> : sender not authenticated/authorized\n",
	    "",
	    "qmail-smtpd: pid 4711 Reject::AUTH::missing P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 auth: MAIL from <a@example.net>\n",
	    "qmail-smtpd 4711: auth needed\n" },
	{ "databytes", 552, LOGEVENT_AT_MAIL,
	    "CHKUSER rejected sender: from <a@example.net::" CHKUSER_REMOTE
	    "> : databytes\n",
	    "qmail-smtpd[4711]: DATABYTES exceeded [192.0.2.7]\n",
	    "qmail-smtpd: pid 4711 Reject::DATA::Invalid_Size P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 databytes: MAIL from <a@example.net>\n",
	    "qmail-smtpd 4711: message denied because: 'SMTP SIZE' too big\n" },
	{ "mfcheck", 451, LOGEVENT_AT_MAIL,
	    "CHKUSER rejected sender: from <a@example.net::" CHKUSER_REMOTE
	    "> : temporary DNS problem\n",
	    "qmail-smtpd[4711]: MFCHECK fail [192.0.2.7] example.net\n",
	    "qmail-smtpd: pid 4711 Reject::ORIG::DNS_MF P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:\n",
	    "qmail-smtpd: pid 4711 from 192.0.2.7 Non-existing DNS_MX: MAIL "
	    "a@example.net\n",
	    "qmail-smtpd 4711: refused mailfrom because return MX lookup failed: "
	    "a@example.net\n" },
};

static void
test_refusals(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(refusals); i++) {
		struct logevent e = session(LOGEVENT_REFUSE, refusals[i].place);
		struct ruling why = ruling(refusals[i].check, refusals[i].code, "no way");

		e.why = &why;
		e.rule = VIEW("rule");
		e.level = 4;
		check_lines(logdialect_chkuser, &e, refusals[i].chkuser);
		check_lines(logdialect_jms1, &e, refusals[i].jms1);
		check_lines(logdialect_sqmail, &e, refusals[i].sqmail);
		check_lines(logdialect_indimail, &e, refusals[i].indimail);
		check_lines(logdialect_ldap, &e, refusals[i].ldap);
	}
}

static void
test_logins(void **state)
{
	struct logevent e = session(LOGEVENT_AUTH, LOGEVENT_ELSEWHERE);

	(void)state;
	e.mechanism = VIEW("LOGIN");
	e.login = VIEW("joe\n@x");
	e.result = "failed";
	e.level = 4;
	check_lines(logdialect_chkuser, &e, "");
	check_lines(
	    logdialect_jms1, &e, "qmail-smtpd[4711]: AUTH failed [192.0.2.7] joe_@x\n");
	check_lines(logdialect_sqmail, &e,
	    "qmail-smtpd: pid 4711 Reject::AUTH::login P:ESMTPA "
	    "S:192.0.2.7:client.example "
	    "H:helo.example ?~ 'joe_@x'\n");
	check_lines(logdialect_indimail, &e,
	    "qmail-smtpd: pid 4711 from 192.0.2.7  AUTH USER [joe_@x] status=[1] AUTH "
	    "LOGIN "
	    "TLS=No auth failure\n");
	check_lines(
	    logdialect_ldap, &e, "qmail-smtpd 4711: authentication failed: joe_@x\n");
	e.result = "ok";
	check_lines(logdialect_jms1, &e,
	    "qmail-smtpd[4711]: AUTH successful [192.0.2.7] joe_@x\n");
	check_lines(logdialect_sqmail, &e, "");
	check_lines(logdialect_indimail, &e, "");
	check_lines(logdialect_ldap, &e,
	    "qmail-smtpd 4711: authentication success, user joe_@x\n");
}

static void
test_accepted_recipients(void **state)
{
	struct logevent e = session(LOGEVENT_RCPT, LOGEVENT_AT_RCPT);

	(void)state;
	e.level = 2;
	check_lines(logdialect_chkuser, &e,
	    "CHKUSER accepted any rcpt" CHKUSER_RCPT
	    "accepted any recipient for this domain\n");
	check_lines(logdialect_sqmail, &e,
	    "qmail-smtpd: pid 4711 Accept::RCPT::Rcpthosts_Rcptto P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net "
	    "T:x@example.org\n");
	check_lines(logdialect_jms1, &e, "");
	check_lines(logdialect_ldap, &e, "qmail-smtpd 4711: rcpt to: x@example.org\n");
	e.wants_rcpt = true;
	check_lines(logdialect_jms1, &e, "qmail-smtpd[4711]: RCPT TO:<x@example.org>\n");
	e.known_by = "recipients";
	e.level = 1;
	check_lines(logdialect_chkuser, &e,
	    "CHKUSER accepted rcpt" CHKUSER_RCPT "found existing recipient\n");
	check_lines(logdialect_sqmail, &e,
	    "qmail-smtpd: pid 4711 Accept::RCPT::Recipients_Cdb P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net "
	    "T:x@example.org\n");
	check_lines(logdialect_ldap, &e, "");
	e = user(LOGEVENT_RCPT, LOGEVENT_AT_RCPT);
	e.is_local = LOCAL_NO;
	e.identity = VIEW("gate 1");
	check_lines(logdialect_chkuser, &e,
	    "CHKUSER relaying rcpt: from <a@example.net:joe:gate_1" CHKUSER_REMOTE
	    "x@example.org> : client allowed to relay\n");
	check_lines(logdialect_sqmail, &e,
	    "qmail-smtpd: pid 4711 Accept::AUTH::plain P:ESMTPSA "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T:x@example.org "
	    "?~ "
	    "'joe'\n");
}

static void
test_accepted_senders(void **state)
{
	struct logevent e = session(LOGEVENT_SENDER, LOGEVENT_AT_MAIL);

	(void)state;
	e.level = 2;
	check_lines(logdialect_chkuser, &e,
	    "CHKUSER accepted sender: from <a@example.net::" CHKUSER_REMOTE
	    "> : sender accepted\n");
	check_lines(logdialect_jms1, &e, "");
	check_lines(logdialect_ldap, &e, "qmail-smtpd 4711: mail from: a@example.net\n");
	e.wants_mail = true;
	check_lines(
	    logdialect_jms1, &e, "qmail-smtpd[4711]: MAIL FROM:<a@example.net>\n");
	e.sender = VIEW("#@[]");
	check_lines(logdialect_chkuser, &e,
	    "CHKUSER accepted doublebounce: from <#@[]::" CHKUSER_REMOTE
	    "> : accepted qmail doublebounce #@[]\n");
	e.sender = VIEW("");
	check_lines(logdialect_chkuser, &e,
	    "CHKUSER accepted sender: from <::" CHKUSER_REMOTE
	    "> : accepted null sender always\n");
}

static void
test_messages(void **state)
{
	struct transaction t = two_recipients();
	struct logevent e = user(LOGEVENT_ACCEPT, LOGEVENT_AT_DATA);
	struct ruling why = ruling("queue", 451, "qq trouble");

	(void)state;
	e.transaction = &t;
	e.qp = 18695;
	e.octets = 245;
	e.level = 2;
	check_lines(logdialect_indimail, &e,
	    "qmail-smtpd: pid 4711 from 192.0.2.7  HELO <helo.example> MAIL from "
	    "<a@example.net> RCPT <x@far.example> AUTH <joe: AUTH PLAIN> Size: 245 "
	    "TLS=TLSv1.3\n"
	    "qmail-smtpd: pid 4711 from 192.0.2.7  HELO <helo.example> MAIL from "
	    "<a@example.net> RCPT <y@example.org> AUTH <joe: AUTH PLAIN: local-rcpt> "
	    "Size: "
	    "245 TLS=TLSv1.3\n");
	check_lines(logdialect_ldap, &e,
	    "qmail-smtpd 4711: message queued: 1700000000 qp 18695 size 245 bytes\n");
	e = session(LOGEVENT_REFUSE, LOGEVENT_AT_DATA);
	e.transaction = &t;
	e.why = &why;
	e.qp = 18695;
	e.octets = 245;
	e.level = 1;
	check_lines(logdialect_indimail, &e,
	    "qmail-smtpd: pid 4711 from 192.0.2.7 qq_trouble (temporary): HELO "
	    "<helo.example> MAIL from <a@example.net> RCPT <x@far.example> AUTH "
	    "<auth-ip/pop> Size: 245 TLS=No qp 18695\n");
	check_lines(logdialect_ldap, &e,
	    "qmail-smtpd 4711: message temporarly not accepted because: qq_trouble\n");
	why.check = "virus";
	check_lines(logdialect_sqmail, &e,
	    "qmail-smtpd: pid 4711 Reject::DATA::Virus_Infected P:ESMTP "
	    "S:192.0.2.7:client.example H:helo.example F:a@example.net T: 'virus'\n");
}

static void
test_connection(void **state)
{
	struct logevent e = session(LOGEVENT_CONNECT, LOGEVENT_ELSEWHERE);

	(void)state;
	e.level = 2;
	check_lines(logdialect_ldap, &e,
	    "qmail-smtpd 4711: connection from 192.0.2.7 (client.example) to "
	    "mx.example.org\n");
	e.level = 1;
	check_lines(logdialect_ldap, &e, "");
	e.kind = LOGEVENT_END;
	e.reason = VIEW("timeout");
	check_lines(logdialect_ldap, &e,
	    "qmail-smtpd 4711: connection timed out, closing connection\n");
	check_lines(logdialect_indimail, &e,
	    "qmail-smtpd: pid 4711 from 192.0.2.7 timeout reached reading data from "
	    "client\n");
}

/* --- whatever a client says ----------------------------------------------------------------------------- */

/* All bytes, and more of them than anybody needs. */
static void
make_hostile(struct str *out)
{
	int i;

	for (i = 0; i < 4096; i++)
		str_append_byte(out, (char)(i % 256));
}

static void
check_tame(logdialect_format *format, const struct logevent *e)
{
	struct str out = { 0 };
	size_t i, start = 0;

	format(e, &out);
	for (i = 0; i < out.len; i++) {
		if (out.at[i] != '\n') {
			assert_in_range((unsigned char)out.at[i], 0x20, 0x7e);
			continue;
		}
		assert_true(i - start < 4096); /* one write to a pipe */
		start = i + 1;
	}
	assert_int_equal(start, out.len);
	str_free(&out);
}

/* An event in which every text is `v`. */
static struct logevent
filled(size_t kind, struct view v)
{
	return (struct logevent) { .kind = (enum logevent_kind)kind,
		.place = kind == LOGEVENT_ACCEPT ? LOGEVENT_AT_DATA : LOGEVENT_AT_RCPT,
		.log = &quiet,
		.remote_host = v,
		.remote_info = v,
		.helo = v,
		.user = v,
		.method = v,
		.proto = v,
		.cipher = v,
		.sender = v,
		.recipient = v,
		.rule = v,
		.check = "dnsbl",
		.result = "failed",
		.login = v,
		.mechanism = v,
		.reason = v,
		.term = v,
		.host = v,
		.verb = v,
		.wants_rule = true,
		.wants_mail = true,
		.wants_rcpt = true,
		.level = 4,
		.identity = v };
}

static void
test_hostile(void **state)
{
	static const char *const names[] = { "project", "chkuser", "indimail", "jms1",
		"ldap", "sagredo", "sqmail" };
	static const char *const checks[] = { "rcpthosts", "badhelo", "badmailfrom",
		"badrcptto", "queue", "databytes", "dnsbl", "spf", "validrcptto_cdb" };
	struct recipient many[40];
	struct transaction t = {
		.open = true, .first = many, .last = &many[39], .count = 40
	};
	struct str bytes = { 0 };
	size_t i, kind, check;

	(void)state;
	make_hostile(&bytes);
	for (i = 0; i < COUNT(many); i++)
		many[i] = (struct recipient) { .next = i + 1 < COUNT(many) ? &many[i + 1]
									   : NULL,
			.address = str_view(&bytes) };
	for (check = 0; check < COUNT(checks); check++) {
		struct ruling why = ruling(checks[check], 553, "no");

		why.reply.text = str_view(&bytes);
		for (kind = LOGEVENT_CONNECT; kind <= LOGEVENT_END; kind++) {
			struct logevent e = filled(kind, str_view(&bytes));

			e.transaction = &t;
			e.why = &why;
			for (i = 0; i < COUNT(names); i++)
				check_tame(logdialect_find(view_of(names[i])), &e);
			e.place = LOGEVENT_AT_DATA;
			for (i = 0; i < COUNT(names); i++)
				check_tame(logdialect_find(view_of(names[i])), &e);
		}
	}
	str_free(&bytes);
}

static void
test_names(void **state)
{
	(void)state;
	assert_ptr_equal(logdialect_find(VIEW("sagredo")), logdialect_sagredo);
	assert_null(logdialect_find(VIEW("Sagredo")));
	assert_null(logdialect_find(VIEW("")));
	assert_null(logdialect_find(VIEW("sagredo2")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sagredo_recipients),
		cmocka_unit_test(test_sagredo_messages),
		cmocka_unit_test(test_sagredo_refusals),
		cmocka_unit_test(test_sagredo_events),
		cmocka_unit_test(test_sagredo_logregex),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_accepted_recipients),
		cmocka_unit_test(test_accepted_senders),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_connection),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
