/* tlschoice: the priority of the files and the defaults (outbound 4.2, 4.4); authclear and
 * authmechs, which are asked beside it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "route/authrules.h"
#include "tlspolicy/tlschoice.h"
#include "tlspolicy/tlsdestinations.h"

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, view_of(text)), 0);
	close(fd);
}

static int
enter_home(void **state)
{
	char dir[] = "tlschoice.XXXXXX";

	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("control", 0755) == 0 &&
		mkdir("control/tlshosts", 0755) == 0 &&
		mkdir("control/notlshosts", 0755) == 0
	    ? 0
	    : -1;
}

enum { RELAY = 1, CREDENTIAL = 2, CLEAR = 4, IMPLICIT = 8, ADDRESS = 16 };

/* Files made once:  tlshosts/pem.example.pem, notlshosts/{no,pem}.example, and this tlspolicy. */
static const char policy[] =
    "enc.example:encrypt\nboth.example:may\nno.example:secure ca=x.pem\n"
    "dom.example:secure\n.named.example:secure match=mx.other.example\n"
    "sub.example:secure match=.provider.example\n[192.0.2.1]:none\n"
    "bad.example:nonsense\n";

static const struct {
	const char *name, *server, *host;
	int flags, level;
	const char *policy, *verify, *trust;
	bool wrong_name;
} rows[] = {
	{ "MX", "mx.example", "x.example", 0, TLS_MAY, "may", "mx.example", "", false },
	{ "relay", "r.example", "x.example", RELAY, TLS_MAY, "may", "r.example", "",
	    false },
	{ "relay, credential", "r.example", "x.example", RELAY | CREDENTIAL, TLS_SECURE,
	    "secure", "r.example", "", false },
	{ "... that may go in clear", "r.example", "x.example",
	    RELAY | CREDENTIAL | CLEAR, TLS_MAY, "may", "r.example", "", false },
	{ "tlshosts, before notlshosts", "pem.example", "x.example", 0, TLS_VERIFY,
	    "tlshosts", "pem.example", "control/tlshosts/pem.example.pem", false },
	{ "tlshosts, other case", "PEM.example", "x.example", RELAY, TLS_VERIFY,
	    "tlshosts", "PEM.example", "control/tlshosts/pem.example.pem", false },
	{ "notlshosts is behind tlspolicy", "no.example", "x.example", RELAY, TLS_SECURE,
	    "secure", "no.example", "x.pem", false },
	{ "notlshosts", "no.example", "x.example", 0, TLS_NONE, "none", "no.example", "",
	    false },
	{ "notlshosts, credential", "NO.EXAMPLE", "x.example", CREDENTIAL, TLS_NONE,
	    "none", "NO.EXAMPLE", "", false },
	{ "tlspolicy lowers", "both.example", "x", RELAY | CREDENTIAL, TLS_MAY, "may",
	    "both.example", "", false },
	{ "tlspolicy, relay", "enc.example", "x", RELAY, TLS_ENCRYPT, "encrypt",
	    "enc.example", "", false },
	{ "an MX is not known by its own name", "enc.example", "x", 0, TLS_MAY, "may",
	    "enc.example", "", false },
	{ "domain, MX within", "mx.dom.example", "dom.example", 0, TLS_SECURE, "secure",
	    "mx.dom.example", "", false },
	{ "domain, MX elsewhere", "mx.evil.example", "dom.example", 0, TLS_SECURE,
	    "secure", "mx.evil.example", "", true },
	{ "domain, MX that ends alike", "mxdom.example", "dom.example", 0, TLS_SECURE,
	    "secure", "mxdom.example", "", true },
	{ "match=name", "mx.evil.example", "a.named.example", 0, TLS_SECURE, "secure",
	    "mx.other.example", "", false },
	{ "match=.suffix", "mx1.provider.example", "sub.example", 0, TLS_SECURE, "secure",
	    "mx1.provider.example", "", false },
	{ "match=.suffix, elsewhere", "mx1.evil.example", "sub.example", 0, TLS_SECURE,
	    "secure", "mx1.evil.example", "", true },
	{ "address", "192.0.2.1", "x", RELAY | ADDRESS, TLS_NONE, "none", "192.0.2.1", "",
	    false },
	{ "implicit TLS cannot be none", "192.0.2.1", "x", RELAY | ADDRESS | IMPLICIT,
	    TLS_MAY, "may", "192.0.2.1", "", false },
	{ "tlspolicy, final dots: the domain", "mx.evil.example", "dom.example.", 0,
	    TLS_SECURE, "secure", "mx.evil.example", "", true },
	{ "... the exchanger within", "mx.dom.example", "dom.example.", 0, TLS_SECURE,
	    "secure", "mx.dom.example", "", false },
	{ "... the relay", "enc.example.", "x", RELAY, TLS_ENCRYPT, "encrypt",
	    "enc.example.", "", false },
	{ "tlshosts, final dot", "pem.example.", "x", RELAY, TLS_VERIFY, "tlshosts",
	    "pem.example.", "control/tlshosts/pem.example.pem", false },
	{ "notlshosts, final dot", "mx.example", "pem.example.", 0, TLS_NONE, "none",
	    "mx.example", "", false },
	{ "match=.suffix, and a comma in the name", "evil.example,mx.provider.example",
	    "sub.example", 0, TLS_SECURE, "secure", "evil.example,mx.provider.example",
	    "", true },
	{ "a domain's line does not lower what a credential needs", "r.example",
	    "both.example", RELAY | CREDENTIAL, TLS_SECURE, "secure", "r.example", "",
	    false },
	{ "... but that of a relay without", "r.example", "enc.example", RELAY,
	    TLS_ENCRYPT, "encrypt", "r.example", "", false },
	{ "tlshosts, a link to nowhere", "link.example", "x", 0, TLS_VERIFY, "tlshosts",
	    "link.example", "control/tlshosts/link.example.pem", false },
	{ "a name that is a path", "../tlshosts/pem.example", "x", 0, TLS_MAY, "may",
	    "../tlshosts/pem.example", "", false },
};

static enum answer
choose(const char *server, const char *host, int flags, struct tlschoice *c)
{
	struct tlschoice_question q = {
		.server = view_of(server),
		.host = view_of(host),
		.is_ip = flags & ADDRESS,
		.is_relay = flags & RELAY,
		.has_credential = flags & CREDENTIAL,
		.clear_allowed = flags & CLEAR,
		.implicit = flags & IMPLICIT,
	};
	struct control_list destinations = { 0 };
	enum answer answer;

	assert_int_not_equal(tlsdestinations_read(&destinations, NULL), ANSWER_ERROR);
	q.destinations = &destinations;
	answer = tlschoice_make(&q, c, NULL);
	control_list_free(&destinations);
	return answer;
}

static void
make_files(void)
{
	put("control/tlshosts/pem.example.pem", "");
	unlink("control/tlshosts/link.example.pem");
	assert_int_equal(symlink("nowhere", "control/tlshosts/link.example.pem"), 0);
	put("control/notlshosts/no.example", "");
	put("control/notlshosts/pem.example", "");
	put("control/tlspolicy", policy);
}

static void
priorities(void **state)
{
	size_t i;

	(void)state;
	make_files();
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tlschoice c = { 0 };

		assert_int_equal(
		    choose(rows[i].server, rows[i].host, rows[i].flags, &c), ANSWER_YES);
		if ((int)c.level != rows[i].level || c.wrong_name != rows[i].wrong_name ||
		    strcmp(c.policy, rows[i].policy) != 0)
			fail_msg("%s: %s%s", rows[i].name, c.policy,
			    c.wrong_name ? ", wrong name" : "");
		assert_string_equal(str_text(&c.name), rows[i].verify);
		assert_string_equal(str_text(&c.trust), rows[i].trust);
		tlschoice_free(&c);
	}
}

/* What no row above shows: names, files and rules of a choice. */
static void
from_tlspolicy(void **state)
{
	struct tlschoice c = { 0 };

	(void)state;
	put("control/tlspolicy",
	    "r.example:secure match=a.example,.r.example,b.example sni=s.example "
	    "protocols=TLSv1.3\n"
	    "n.example:encrypt sni=-\n"
	    "also.example:secure match=mx.also.example,.provider.example\n"
	    "f.example:fingerprint fp=00112233445566778899AABBCCDDEEFF00112233\n"
	    "d.example:dane-only\n");
	assert_int_equal(choose("r.example", "x", RELAY, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.name), "a.example");
	assert_string_equal(str_text(&c.also), "b.example,r.example");
	assert_string_equal(str_text(&c.sni), "s.example");
	assert_int_equal(c.rules.lowest, TLS_1_3);
	tlschoice_free(&c);
	/* A comma in what the DNS calls an exchanger must not become two names, one of them anybody's. */
	assert_int_equal(
	    choose("evil.example,mx.provider.example", "also.example", 0, &c),
	    ANSWER_YES);
	assert_string_equal(str_text(&c.name), "mx.also.example");
	assert_string_equal(str_text(&c.also), "");
	tlschoice_free(&c);
	assert_int_equal(choose("n.example", "x", RELAY, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.sni), "");
	assert_string_equal(str_text(&c.name), "n.example");
	tlschoice_free(&c);
	assert_int_equal(choose("f.example", "x", RELAY, &c), ANSWER_YES);
	assert_string_equal(
	    str_text(&c.fingerprints), "00112233445566778899aabbccddeeff00112233");
	tlschoice_free(&c);
}

/* Outbound 4.2: keys, files and names do in A-labels too, where the route or the recipient's domain is
 * written in U-labels. */
static void
by_a_labels(void **state)
{
	struct tlschoice_question mx = {
		.server = VIEW("mx.xn--bcher-kva.example"),
		.host = VIEW("b\xc3\xbc" "cher.example"),
		.domain = VIEW("xn--bcher-kva.example"),
		.message = -1,
	}, relay = {
		.server = VIEW("b\xc3\xbc" "cher.example"),
		.host = VIEW("x"),
		.is_relay = true,
		.message = -1,
		.dns = { .asked = VIEW("xn--bcher-kva.example") },
	};
	struct tlschoice c = { 0 };

	(void)state;
	put("control/tlspolicy",
	    "b\xc3\xbc"
	    "cher.example:secure\n");
	assert_int_equal(tlschoice_make(&mx, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_SECURE);
	assert_false(c.wrong_name);
	tlschoice_free(&c);
	put("control/tlspolicy", "xn--bcher-kva.example:encrypt\n");
	assert_int_equal(tlschoice_make(&mx, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_ENCRYPT);
	tlschoice_free(&c);
	assert_int_equal(tlschoice_make(&relay, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_ENCRYPT);
	tlschoice_free(&c);
	unlink("control/tlspolicy");
	put("control/notlshosts/xn--bcher-kva.example", "");
	assert_int_equal(tlschoice_make(&mx, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_NONE);
	tlschoice_free(&c);
	assert_int_equal(tlschoice_make(&relay, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_NONE);
	tlschoice_free(&c);
	put("control/tlshosts/xn--bcher-kva.example.pem", "");
	assert_int_equal(tlschoice_make(&relay, &c, NULL), ANSWER_YES);
	assert_string_equal(c.policy, "tlshosts");
	tlschoice_free(&c);
	unlink("control/tlshosts/xn--bcher-kva.example.pem");
	unlink("control/notlshosts/xn--bcher-kva.example");
}

static void
from_a_named_route(void **state)
{
	struct tlschoice_question q = {
		.server = VIEW("enc.example"),
		.is_relay = true,
		.route_policy = VIEW("chain ca=x.pem"),
		.route_from = { "control/routes/r/tls:1" },
	};
	struct tlschoice c = { 0 };

	(void)state;
	make_files();
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_CHAIN);
	assert_string_equal(str_text(&c.trust), "x.pem");
	assert_string_equal(c.from.text, "control/routes/r/tls:1");
	tlschoice_free(&c);
	q.server = VIEW("pem.example");
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_string_equal(c.policy, "tlshosts");
	tlschoice_free(&c);
	q.server = VIEW("enc.example");
	q.route_policy = VIEW("chains");
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_ERROR);
}

static void
from_tlsdestinations(void **state)
{
	struct tlschoice c = { 0 };

	(void)state;
	make_files();
	put("control/tlsdestinations",
	    "dest.example:/ca/|HIGH|2;s2465\n%pin.example:="
	    "00112233445566778899aabbccddeeff00112233\n%nopin.example:/ca\n"
	    "*:/ca\nno.example:/ca\n");
	assert_int_equal(choose("mx.example", "dest.example", 0, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_CHAIN);
	assert_string_equal(c.policy, "tlsdestinations");
	assert_string_equal(str_text(&c.trust), "/ca/");
	assert_string_equal(str_text(&c.ciphers), "HIGH");
	assert_int_equal(c.rules.depth, 2);
	assert_string_equal(c.from.text, "control/tlsdestinations:1");
	tlschoice_free(&c);
	assert_int_equal(choose("pin.example", "x", RELAY, &c), ANSWER_YES);
	assert_string_equal(c.policy, "fingerprint");
	tlschoice_free(&c);
	assert_int_equal(choose("nopin.example", "x", RELAY, &c), ANSWER_ERROR);
	/* Before notlshosts, behind tlspolicy. */
	assert_int_equal(choose("no.example", "x", 0, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_CHAIN);
	tlschoice_free(&c);
	assert_int_equal(choose("enc.example", "x", RELAY, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_ENCRYPT);
	tlschoice_free(&c);
	/* "*" lowers what credentials would want (outbound 4.4). */
	assert_int_equal(choose("r.example", "x", RELAY | CREDENTIAL, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_MAY);
	tlschoice_free(&c);
	unlink("control/tlsdestinations");
}

static void
notlshosts_as_indimail_has_it(void **state)
{
	struct tlschoice c = { 0 };

	(void)state;
	make_files();
	put("control/notlshosts/rcpt.example", "");
	/* The recipient's domain, if its exchanger is asked. */
	assert_int_equal(choose("mx.example", "rcpt.example", 0, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_NONE);
	tlschoice_free(&c);
	assert_int_equal(choose("mx.example", "rcpt.example", RELAY, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_MAY);
	tlschoice_free(&c);
	/* One file with all names. */
	unlink("control/notlshosts/rcpt.example");
	unlink("control/notlshosts/no.example");
	unlink("control/notlshosts/pem.example");
	assert_int_equal(rmdir("control/notlshosts"), 0);
	put("control/notlshosts", "# comment\nhost.example\n");
	assert_int_equal(choose("HOST.example", "x", RELAY, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_NONE);
	assert_string_equal(c.from.text, "control/notlshosts:2");
	tlschoice_free(&c);
	assert_int_equal(choose("a.host.example", "x", 0, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_MAY);
	tlschoice_free(&c);
	unlink("control/notlshosts");
	assert_int_equal(mkdir("control/notlshosts", 0755), 0);
}

static void
trustanchors(void **state)
{
	struct tlschoice c = { 0 };

	(void)state;
	make_files();
	put("control/trustanchors", "");
	assert_int_equal(choose("dom.example", "dom.example", 0, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.trust), "control/trustanchors");
	tlschoice_free(&c);
	assert_int_equal(choose("no.example", "x", RELAY, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.trust), "x.pem");
	tlschoice_free(&c);
	/* Where it proves nothing it is not loaded. */
	assert_int_equal(choose("mx.example", "x", 0, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.trust), "");
	tlschoice_free(&c);
	unlink("control/trustanchors");
}

static void
own_certificate_is(
    const char *sender, const char *cert, const char *key, const char *password)
{
	struct tlschoice_question q = {
		.server = VIEW("mx.example"), .host = VIEW("x"), .sender = view_of(sender)
	};
	struct tlschoice c = { 0 };

	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_string_equal(str_text(&c.cert), cert);
	assert_string_equal(str_text(&c.key), key);
	assert_string_equal(str_text(&c.key_password), password);
	assert_int_equal(
	    c.rules.needs_cert, *cert && strcmp(cert, "control/clientcert.pem") != 0);
	tlschoice_free(&c);
}

static void
domaincerts(void **state)
{
	struct tlschoice_question bad = { .server = VIEW("mx.example"),
		.sender = VIEW("joe@bad.example") };
	struct tlschoice c = { 0 };

	(void)state;
	make_files();
	put("control/domaincerts",
	    "a.example:/a.pem\n.a.example:/sub.pem|/sub.key\nB.example:/b.pem|/b.key|p|w "
	    "d\nc.example:/c.pem||pw\n");
	own_certificate_is("joe@a.example", "/a.pem", "", "");
	own_certificate_is("joe@x.a.example", "/sub.pem", "/sub.key", "");
	own_certificate_is("joe@b.example", "/b.pem", "/b.key", "p|w d");
	own_certificate_is("joe@c.example", "/c.pem", "", "pw");
	own_certificate_is("joe@d.example", "", "", "");
	put("control/clientcert.pem", "");
	own_certificate_is("joe@d.example", "control/clientcert.pem", "", "");
	put("control/domaincerts", "*:/all.pem\nbad.example:|x\n");
	own_certificate_is("", "/all.pem", "", "");
	assert_int_equal(tlschoice_make(&bad, &c, NULL), ANSWER_ERROR);
	unlink("control/clientcert.pem");
	unlink("control/domaincerts");
}

static void
origins(void **state)
{
	static const struct {
		const char *server, *host;
		int flags;
		const char *from;
	} said[] = {
		{ "mx.example", "x", 0, "" },
		{ "pem.example", "x", 0, "control/tlshosts/pem.example.pem" },
		{ "enc.example", "x", RELAY, "control/tlspolicy:1" },
		{ "no.example", "x", 0, "control/notlshosts/no.example" },
	};
	size_t i;

	(void)state;
	make_files();
	for (i = 0; i < sizeof said / sizeof *said; i++) {
		struct tlschoice c = { 0 };

		assert_int_equal(
		    choose(said[i].server, said[i].host, said[i].flags, &c), ANSWER_YES);
		assert_string_equal(c.from.text, said[i].from);
		tlschoice_free(&c);
	}
}

static void
exhaustivelist(void **state)
{
	struct tlschoice c = { 0 };

	(void)state;
	make_files();
	put("control/tlshosts/exhaustivelist", "");
	assert_int_equal(choose("mx.example", "x", 0, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_NONE);
	tlschoice_free(&c);
	assert_int_equal(choose("pem.example", "x", 0, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_VERIFY);
	tlschoice_free(&c);
	assert_int_equal(choose("enc.example", "x", RELAY, &c), ANSWER_YES);
	assert_int_equal(c.level, TLS_ENCRYPT);
	tlschoice_free(&c);
	unlink("control/tlshosts/exhaustivelist");
}

static void
ciphers_and_certificate(void **state)
{
	struct tlschoice c = { 0 };

	(void)state;
	put("control/tlspolicy", "r.example:may ciphers=OWN\n");
	put("control/tlsclientciphers", "ONE\n#no\nTWO\n");
	put("control/clientcert.pem", "");
	assert_int_equal(choose("mx.example", "x", 0, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.ciphers), "ONE:TWO");
	assert_string_equal(str_text(&c.cert), "control/clientcert.pem");
	tlschoice_free(&c);
	assert_int_equal(choose("r.example", "x", RELAY, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.ciphers), "OWN");
	tlschoice_free(&c);
	unlink("control/tlsclientciphers");
	unlink("control/clientcert.pem");
}

static void
what_cannot_be_read_is_an_error(void **state)
{
	struct tlschoice c = { 0 };
	struct authrules_mechanisms m;

	(void)state;
	make_files();
	assert_int_equal(choose("bad.example", "x", RELAY, &c), ANSWER_ERROR);
	assert_int_equal(choose("good.example", "x", RELAY, &c), ANSWER_YES);
	tlschoice_free(&c);
	unlink("control/tlspolicy");
	assert_int_equal(mkdir("control/tlspolicy", 0755), 0);
	assert_int_equal(choose("good.example", "x", RELAY, &c), ANSWER_ERROR);
	assert_int_equal(rmdir("control/tlspolicy"), 0);
	assert_int_equal(mkdir("control/authclear", 0755), 0);
	assert_int_equal(mkdir("control/authmechs", 0755), 0);
	assert_int_equal(authrules_clear_allowed(VIEW("r"), NULL), ANSWER_ERROR);
	assert_int_equal(
	    authrules_mechanisms(VIEW("r"), VIEW(""), &m, NULL), ANSWER_ERROR);
	assert_int_equal(rmdir("control/authclear"), 0);
	assert_int_equal(rmdir("control/authmechs"), 0);
}

static void
names_that_may_be_paths(void **state)
{
	(void)state;
	assert_true(tlschoice_is_file_name(VIEW("mx-1.Example_x.org")));
	assert_false(tlschoice_is_file_name(VIEW("")));
	assert_false(tlschoice_is_file_name(VIEW("..")));
	assert_false(tlschoice_is_file_name(VIEW("a/b")));
	assert_false(tlschoice_is_file_name(VIEW("a\0b")));
	assert_false(tlschoice_is_file_name(VIEW("a'b")));
}

static void
authclear(void **state)
{
	(void)state;
	assert_int_equal(authrules_clear_allowed(VIEW("r.net"), NULL), ANSWER_NO);
	put("control/authclear", "R.net\n[192.0.2.1]\n");
	assert_int_equal(authrules_clear_allowed(VIEW("r.net"), NULL), ANSWER_YES);
	assert_int_equal(authrules_clear_allowed(VIEW("192.0.2.1"), NULL), ANSWER_YES);
	assert_int_equal(authrules_clear_allowed(VIEW("a.r.net"), NULL), ANSWER_NO);
	put("control/authclear", "x\n*\n");
	assert_int_equal(authrules_clear_allowed(VIEW("r.net"), NULL), ANSWER_YES);
	unlink("control/authclear");
}

static void
mechanisms_are(const char *relay, const enum sasl_mechanism *want, size_t count)
{
	struct authrules_mechanisms m;

	assert_int_equal(
	    authrules_mechanisms(view_of(relay), VIEW(""), &m, NULL), ANSWER_YES);
	assert_int_equal(m.count, count);
	assert_memory_equal(m.list, want, count * sizeof *want);
}

static void
authmechs(void **state)
{
	static const enum sasl_mechanism ours[] = { SASL_OAUTHBEARER, SASL_XOAUTH2,
		SASL_SCRAM_SHA_256, SASL_CRAM_MD5, SASL_PLAIN, SASL_LOGIN },
					 two[] = { SASL_LOGIN, SASL_PLAIN },
					 one[] = { SASL_PLAIN };

	(void)state;
	unlink("control/authmechs");
	mechanisms_are("r.net", ours, 6);
	put("control/authmechs",
	    "R.net:login  SCRAM-SHA-1\tPLAIN LOGIN\n:PLAIN\nnone.net:GSSAPI\nno "
	    "colon\n");
	mechanisms_are("r.net", two, 2);
	mechanisms_are("other.net", one, 1);
	mechanisms_are("none.net", ours, 0);
	unlink("control/authmechs");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(priorities),
		cmocka_unit_test(from_tlspolicy),
		cmocka_unit_test(by_a_labels),
		cmocka_unit_test(from_a_named_route),
		cmocka_unit_test(from_tlsdestinations),
		cmocka_unit_test(notlshosts_as_indimail_has_it),
		cmocka_unit_test(trustanchors),
		cmocka_unit_test(domaincerts),
		cmocka_unit_test(origins),
		cmocka_unit_test(exhaustivelist),
		cmocka_unit_test(ciphers_and_certificate),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
		cmocka_unit_test(names_that_may_be_paths),
		cmocka_unit_test(authclear),
		cmocka_unit_test(authmechs),
	};

	return cmocka_run_group_tests(tests, enter_home, NULL);
}
