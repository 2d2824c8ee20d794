/* tlsdane: what the DNS makes of the level, without a connection (outbound 4.5).  All of it, with
 * certificates, is in programs/dane.t. */
#include "unit/unit.h"

#include "tlspolicy/tlsdane.h"
#include "wire/tlsa.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char zone[] = "_25._tcp.ee.example tlsa 030101" DIGEST "\n"
			   "_25._tcp.pkix.example tlsa 010101" DIGEST "\n"
			   "_25._tcp.both.example tlsa 010101" DIGEST "\n"
			   "_25._tcp.both.example tlsa 030101" DIGEST "\n"
			   "_25._tcp.insecure.example TLSA 030101" DIGEST "\n"
			   "_25._tcp.fails.example TLSA FAIL\n"
			   "_25._tcp.nodata.example txt x\n"
			   "_465._tcp.port.example tlsa 030101" DIGEST "\n";

enum { SECURE = 1, CREDENTIAL = 2, CLEAR = 4, ADDRESS = 8, ONLY = 16, IMPLICIT = 32 };

static const struct {
	const char *name, *server, *canonical;
	int flags;
	enum answer answer;
	int level;
	const char *type;           /* of the refusal */
	const char *base, *refusal; /* NULL: none */
	size_t records;
} rows[] = {
	{ "records", "ee.example", "ee.example", SECURE, ANSWER_YES, TLS_DANE, NULL,
	    "ee.example", NULL, 1 },
	{ "AD is missing on the way", "ee.example", "ee.example", 0, ANSWER_NO, TLS_DANE,
	    NULL, "ee.example", NULL, 0 },
	{ "... and they are required", "ee.example", "ee.example", ONLY, ANSWER_YES,
	    TLS_DANE_ONLY, "dane-required", "ee.example",
	    "ee.example was found by DNS answers that are not authentic", 0 },
	{ "AD is missing with them", "insecure.example", "insecure.example", SECURE,
	    ANSWER_NO, TLS_DANE, NULL, "insecure.example", NULL, 0 },
	{ "no such name", "none.example", "none.example", SECURE, ANSWER_NO, TLS_DANE,
	    NULL, "none.example", NULL, 0 },
	{ "none there", "nodata.example", "nodata.example", SECURE, ANSWER_NO, TLS_DANE,
	    NULL, "nodata.example", NULL, 0 },
	{ "... and required", "nodata.example", "nodata.example", SECURE | ONLY,
	    ANSWER_YES, TLS_DANE_ONLY, "dane-required", "nodata.example",
	    "nodata.example has no TLSA records", 0 },
	{ "an address", "192.0.2.1", "", SECURE | ADDRESS, ANSWER_NO, TLS_DANE, NULL,
	    "192.0.2.1", NULL, 0 },
	{ "the lookup fails", "fails.example", "fails.example", SECURE, ANSWER_YES,
	    TLS_DANE, "dnssec-invalid", "fails.example",
	    "the TLSA records of fails.example cannot be looked up", 0 },
	{ "none is usable", "pkix.example", "pkix.example", SECURE, ANSWER_YES,
	    TLS_ENCRYPT, NULL, "pkix.example", NULL, 0 },
	{ "... but required", "pkix.example", "pkix.example", SECURE | ONLY, ANSWER_YES,
	    TLS_DANE_ONLY, "tlsa-invalid", "pkix.example",
	    "no TLSA record of pkix.example is usable", 0 },
	{ "... and a credential", "pkix.example", "pkix.example", SECURE | CREDENTIAL,
	    ANSWER_YES, TLS_SECURE, NULL, "pkix.example", NULL, 0 },
	{ "... that may go in clear", "pkix.example", "pkix.example",
	    SECURE | CREDENTIAL | CLEAR, ANSWER_YES, TLS_ENCRYPT, NULL, "pkix.example",
	    NULL, 0 },
	{ "usable, and a credential", "ee.example", "ee.example", SECURE | CREDENTIAL,
	    ANSWER_YES, TLS_DANE_ONLY, NULL, "ee.example", NULL, 1 },
	{ "one of two is usable: both go on", "both.example", "both.example", SECURE,
	    ANSWER_YES, TLS_DANE, NULL, "both.example", NULL, 2 },
	{ "alias: what it stands for", "none.example", "ee.example", SECURE, ANSWER_YES,
	    TLS_DANE, NULL, "ee.example", NULL, 1 },
	{ "alias: both have some", "both.example", "ee.example", SECURE, ANSWER_YES,
	    TLS_DANE, NULL, "ee.example", NULL, 1 },
	{ "alias: the name itself", "ee.example", "none.example", SECURE, ANSWER_YES,
	    TLS_DANE, NULL, "ee.example", NULL, 1 },
	{ "alias: what it stands for fails", "ee.example", "fails.example", SECURE,
	    ANSWER_YES, TLS_DANE, "dnssec-invalid", "ee.example",
	    "the TLSA records of fails.example cannot be looked up", 0 },
	{ "another port", "port.example", "port.example", SECURE, ANSWER_NO, TLS_DANE,
	    NULL, "port.example", NULL, 0 },
	{ "the port", "port.example", "PORT.example", SECURE | IMPLICIT, ANSWER_YES,
	    TLS_DANE, NULL, "port.example", NULL, 1 },
};

static struct tlschoice_question
question(size_t i, struct resolver *resolver)
{
	int flags = rows[i].flags;

	return (struct tlschoice_question) {
		.server = view_of(rows[i].server),
		.host = VIEW("dest.example"),
		.is_ip = flags & ADDRESS,
		.has_credential = flags & CREDENTIAL,
		.clear_allowed = flags & CLEAR,
		.dns = { .secure = flags & SECURE,
		    .asked = view_of(rows[i].server),
		    .canonical = view_of(rows[i].canonical),
		    .domain = VIEW("next.example"),
		    .port = flags & IMPLICIT ? 465 : 25,
		    .resolver = resolver,
		    .end = deadline_never() },
	};
}

static size_t
count(const struct str *list)
{
	struct view rest = str_view(list);
	struct tlsa one;
	size_t n = 0;

	while (tlsa_next(&rest, &one))
		n++;
	return n;
}

static void
settled(void **state)
{
	struct resolver *resolver = resolver_table(zone);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct tlschoice_question q = question(i, resolver);
		struct tlschoice c = { 0 };

		str_set(&c.name, q.server);
		tlschoice_set(&c, rows[i].flags & ONLY ? TLS_DANE_ONLY : TLS_DANE, NULL);
		if (tlsdane_settle(&q, &c) != rows[i].answer ||
		    (int)c.level != rows[i].level || count(&c.tlsa) != rows[i].records ||
		    strcmp(str_text(&c.name), rows[i].base) != 0)
			fail_msg("%s: level %d, %zu records, name %s", rows[i].name,
			    (int)c.level, count(&c.tlsa), str_text(&c.name));
		assert_string_equal(c.refusal_type ? c.refusal_type : "",
		    rows[i].type ? rows[i].type : "");
		assert_string_equal(
		    str_text(&c.refusal), rows[i].refusal ? rows[i].refusal : "");
		if (rows[i].answer == ANSWER_YES && c.level != TLS_SECURE &&
		    c.level != TLS_ENCRYPT)
			assert_string_equal(c.policy, "dane");
		assert_string_equal(c.report_type ? c.report_type : "",
		    rows[i].answer == ANSWER_YES ? "tlsa" : "");
		tlschoice_free(&c);
	}
	resolver_free(resolver);
}

/* The certificate of a trust anchor's may show the next-hop domain and the exchanger, too. */
static void
names(void **state)
{
	struct resolver *resolver = resolver_table(zone);
	struct tlschoice_question q = question(0, resolver);
	struct tlschoice c = { .level = TLS_DANE };

	(void)state;
	q.dns.asked = VIEW("mx.example");
	assert_int_equal(tlsdane_settle(&q, &c), ANSWER_YES);
	assert_string_equal(str_text(&c.name), "ee.example");
	assert_string_equal(str_text(&c.also), "next.example,mx.example");
	tlschoice_free(&c);
	resolver_free(resolver);
}

/* For reports; and in whatever order the resolver has them, it is the same set. */
static void
policy_strings(void **state)
{
	static const char *const zones[] = {
		"_25._tcp.ee.example tlsa 030101" DIGEST "\n"
		"_25._tcp.ee.example tlsa 02000130\n",
		"_25._tcp.ee.example tlsa 02000130\n"
		"_25._tcp.ee.example tlsa 030101" DIGEST "\n",
	};
	struct tlschoice got[COUNT(zones)] = { { .level = TLS_DANE },
		{ .level = TLS_DANE } };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(zones); i++) {
		struct resolver *resolver = resolver_table(zones[i]);
		struct tlschoice_question q = question(0, resolver);

		assert_int_equal(tlsdane_settle(&q, &got[i]), ANSWER_YES);
		assert_string_equal(
		    str_text(&got[i].report_policy), "2 0 1 30;3 1 1 " DIGEST);
		resolver_free(resolver);
	}
	assert_view_equal(str_view(&got[0].tlsa), str_view(&got[1].tlsa));
	for (i = 0; i < COUNT(zones); i++)
		tlschoice_free(&got[i]);
}

/* Outbound 4.7: "TLS-Required: No" drops it, but not what the admin says, nor a credential. */
static void
not_required(void **state)
{
	struct resolver *resolver = resolver_table(zone);
	struct tlschoice_question q = question(0, resolver);
	struct tlschoice c = { 0 };

	(void)state;
	unit_write_file("message", VIEW("TLS-Required: No\n\nbody\n"));
	q.message = -1;
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_DANE);
	tlschoice_free(&c);
	q.message = open("message", O_RDONLY | O_CLOEXEC);
	assert_true(q.message >= 0);
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_MAY);
	assert_null(c.report_type);
	tlschoice_free(&c);
	unit_write_file("control/tlspolicy", VIEW("dest.example:dane-only\n"));
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_DANE_ONLY);
	tlschoice_free(&c);
	assert_int_equal(unlink("control/tlspolicy"), 0);
	q.has_credential = q.is_relay = true;
	assert_int_equal(tlschoice_make(&q, &c, NULL), ANSWER_YES);
	assert_int_equal(c.level, TLS_SECURE);
	tlschoice_free(&c);
	close(q.message);
	resolver_free(resolver);
}

static void
too_many(void **state)
{
	struct str lines = { 0 };
	struct tlschoice c = { .level = TLS_DANE };
	struct tlschoice_question q;
	struct resolver *resolver;
	size_t i;

	(void)state;
	for (i = 0; i <= TLSA_RECORDS_MAX; i++)
		str_append_text(&lines, "_25._tcp.ee.example tlsa 030101" DIGEST "\n");
	resolver = resolver_table(str_text(&lines));
	q = question(0, resolver);
	assert_int_equal(tlsdane_settle(&q, &c), ANSWER_YES);
	assert_string_equal(
	    str_text(&c.refusal), "the TLSA records of ee.example are too many");
	tlschoice_free(&c);
	resolver_free(resolver);
	str_free(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settled),
		cmocka_unit_test(names),
		cmocka_unit_test(policy_strings),
		cmocka_unit_test(not_required),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
