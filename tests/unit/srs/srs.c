/* srs: what postsrsd 1.10 makes of these senders, and back; what is forged, old or broken; the hash, by
 * RFC 2104, at lengths that no default has. */
#include "srs/srs.h"
#include "unit/unit.h"

enum { DAY = 86400, TODAY = 20785 };

static const int64_t NOW = (int64_t)TODAY * DAY + 3668;
static const struct view secrets[] = { ROW("tops3cr3t"), ROW("older") };

static struct srs
usual(void)
{
	return (struct srs) { .domain = VIEW("srs.example.net"),
		.secrets = secrets,
		.secret_count = 1,
		.max_age = 21,
		.hash_length = 4,
		.hash_min = 4,
		.separator = '=' };
}

/* Sender, and the address for it without "@srs.example.net". */
static const struct {
	const char *sender, *address;
} pairs[] = {
	{ "joe@example.com", "SRS0=DT2X=JR=example.com=joe" },
	{ "Joe.User=x+y@Sub.Example.COM", "SRS0=Hx5w=JR=Sub.Example.COM=Joe.User=x+y" },
	{ "SRS0=HHHH=TT=first.example=ann@second.example",
	    "SRS1=+0jd=second.example==HHHH=TT=first.example=ann" },
	{ "SRS0+HHHH=TT=first.example=ann@second.example",
	    "SRS1=Fvnk=second.example=+HHHH=TT=first.example=ann" },
	{ "a+b@x.example", "SRS0=SHb7=JR=x.example=a+b" },
};

static void
check_reverse(const struct srs *srs, const char *address, int64_t now,
    enum srs_result result, const char *sender)
{
	struct str out = { 0 };

	assert_int_equal(srs_reverse(srs, view_of(address), now, &out), result);
	assert_string_equal(str_text(&out), sender);
	str_free(&out);
}

static void
there_and_back(void **state)
{
	struct srs srs = usual();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pairs); i++) {
		struct str made = { 0 }, expected = { 0 };

		assert_int_equal(
		    srs_forward(&srs, view_of(pairs[i].sender), NOW, &made), SRS_OK);
		str_append_text(&expected, pairs[i].address);
		str_append_text(&expected, "@srs.example.net");
		assert_string_equal(str_text(&made), str_text(&expected));
		check_reverse(&srs, str_text(&made), NOW, SRS_OK, pairs[i].sender);
		str_free(&made);
		str_free(&expected);
	}
}

/* Whoever rewrites SRS1 once more leaves out who did it before. */
static void
a_third_host(void **state)
{
	struct srs srs = usual();
	struct str made = { 0 };

	(void)state;
	assert_int_equal(
	    srs_forward(&srs,
		VIEW("SRS1=HHHH=second.example==HHHH=TT=first.example=ann@third.example"),
		NOW, &made),
	    SRS_OK);
	assert_string_equal(str_text(&made),
	    "SRS1=+0jd=second.example==HHHH=TT=first.example=ann@srs.example.net");
	str_clear(&made);
	/* undone, this would be "SRS0HHHH=...", which is nobody's */
	assert_int_equal(
	    srs_forward(&srs,
		VIEW("SRS1=HHHH=second.example=HHHH=TT=first.example=ann@third.example"),
		NOW, &made),
	    SRS_MALFORMED);
	str_free(&made);
}

static void
what_hosts_on_the_way_do(void **state)
{
	struct srs srs = usual();

	(void)state;
	check_reverse(&srs, "srs0=dt2x=jr=example.com=joe@srs.example.net", NOW, SRS_OK,
	    "joe@example.com");
	/* postsrsd 2 writes '-' for '+' */
	check_reverse(&srs, "SRS1=-0jd=second.example==HHHH=TT=first.example=ann", NOW,
	    SRS_OK, "SRS0=HHHH=TT=first.example=ann@second.example");
	check_reverse(
	    &srs, "SRS0-DT2X=JR=example.com=joe@x", NOW, SRS_OK, "joe@example.com");
	check_reverse(
	    &srs, "SRS0+DT2X=JR=example.com=joe@x", NOW, SRS_OK, "joe@example.com");
}

static void
refused(void **state)
{
	static const struct {
		const char *address;
		enum srs_result result;
	} rows[] = {
		{ "joe@example.com", SRS_NOT_SRS },
		{ "", SRS_NOT_SRS },
		{ "SRS0", SRS_NOT_SRS },
		{ "SRS0x=DT2X=JR=example.com=joe@x", SRS_NOT_SRS },
		{ "SRS2=DT2X=JR=example.com=joe@x", SRS_NOT_SRS },
		{ "SRS0=", SRS_MALFORMED },
		{ "SRS0=DT2X", SRS_MALFORMED },
		{ "SRS0=DT2X=JR=example.com", SRS_MALFORMED },
		{ "SRS0=DT2X=JR=example.com=", SRS_MALFORMED },
		{ "SRS0=DT2X=JR==joe", SRS_MALFORMED },
		{ "SRS1=", SRS_MALFORMED },
		{ "SRS1=+0jd=second.example", SRS_MALFORMED },
		{ "SRS1=+0jd==x", SRS_MALFORMED },
		{ "SRS1=+0jd=second.example=HHHH=TT=first.example=ann", SRS_MALFORMED },
		{ "SRS0=DT2=JR=example.com=joe", SRS_HASH_TOO_SHORT },
		{ "SRS0==JR=example.com=joe", SRS_HASH_TOO_SHORT },
		{ "SRS0=DT2Y=JR=example.com=joe", SRS_FORGED },
		{ "SRS0=DT2X=JQ=example.com=joe", SRS_FORGED },
		{ "SRS0=DT2X=JR=example.com=jo", SRS_FORGED },
		{ "SRS0=DT2X=JR=example.org=joe", SRS_FORGED },
		{ "SRS1=+0jd=second.example==HHHH=TT=first.example=bob", SRS_FORGED },
	};
	struct srs srs = usual();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		check_reverse(&srs, rows[i].address, NOW, rows[i].result, "");
}

static void
too_long(void **state)
{
	struct srs srs = usual();
	struct str address = { 0 }, out = { 0 };

	(void)state;
	str_append_text(&address, "SRS0=");
	while (address.len <= SRS_ADDRESS_MAX)
		str_append_byte(&address, 'x');
	assert_int_equal(srs_reverse(&srs, str_view(&address), NOW, &out), SRS_TOO_LONG);
	str_cut(&address, SRS_ADDRESS_MAX - 6);
	str_append_text(&address, "@x.org");
	assert_int_equal(srs_forward(&srs, str_view(&address), NOW, &out), SRS_TOO_LONG);
	assert_int_equal(out.len, 0);
	str_free(&address);
	str_free(&out);
}

static void
age(void **state)
{
	const char *address = "SRS0=DT2X=JR=example.com=joe";
	struct srs srs = usual();

	(void)state;
	check_reverse(&srs, address, NOW + 21 * DAY, SRS_OK, "joe@example.com");
	check_reverse(&srs, address, NOW + 22 * DAY, SRS_EXPIRED, "");
	check_reverse(&srs, address, NOW - DAY, SRS_EXPIRED, "");
	/* a stamp comes again */
	check_reverse(
	    &srs, address, NOW + (int64_t)1024 * DAY, SRS_OK, "joe@example.com");
	srs.max_age = 0;
	check_reverse(&srs, address, NOW, SRS_OK, "joe@example.com");
	check_reverse(&srs, address, NOW + DAY, SRS_EXPIRED, "");
}

/* The last and the first day of a round. */
static void
around_the_turn(void **state)
{
	int64_t last = (int64_t)(1024 * 20 - 1) * DAY;
	struct srs srs = usual();
	struct str made = { 0 };

	(void)state;
	assert_int_equal(srs_forward(&srs, VIEW("a@b.example"), last, &made), SRS_OK);
	assert_true(view_contains(str_view(&made), VIEW("=77=b.example=a@")));
	check_reverse(&srs, str_text(&made), last + 5 * DAY, SRS_OK, "a@b.example");
	check_reverse(&srs, str_text(&made), last + 22 * DAY, SRS_EXPIRED, "");
	str_clear(&made);
	assert_int_equal(
	    srs_forward(&srs, VIEW("a@b.example"), last + DAY, &made), SRS_OK);
	assert_true(view_contains(str_view(&made), VIEW("=AA=b.example=a@")));
	str_free(&made);
}

static void
a_new_secret(void **state)
{
	static const struct view turned[] = { ROW("fresh"), ROW("tops3cr3t") };
	const char *address = "SRS0=DT2X=JR=example.com=joe";
	struct srs srs = usual();
	struct str made = { 0 };

	(void)state;
	srs.secrets = turned;
	check_reverse(&srs, address, NOW, SRS_FORGED, "");
	srs.secret_count = 2;
	check_reverse(&srs, address, NOW, SRS_OK, "joe@example.com");
	assert_int_equal(srs_forward(&srs, VIEW("joe@example.com"), NOW, &made), SRS_OK);
	assert_false(view_contains(str_view(&made), VIEW("=DT2X=")));
	check_reverse(&srs, str_text(&made), NOW, SRS_OK, "joe@example.com");
	str_free(&made);
}

/* HMAC-SHA1 of "jrexample.comjoe" in base64 begins so, to the last letter that has bits of its own. */
static void
lengths(void **state)
{
	static const char all[] =
	    "SRS0-DT2Xq8e4OLc/kKCgzQj1Z7RKaC=JR=example.com=joe@srs.example.net";
	struct srs srs = usual();
	struct str made = { 0 };

	(void)state;
	srs.separator = '-';
	srs.hash_length = SRS_HASH_MAX;
	assert_int_equal(srs_forward(&srs, VIEW("joe@example.com"), NOW, &made), SRS_OK);
	assert_string_equal(str_text(&made), all);
	check_reverse(&srs, all, NOW, SRS_OK, "joe@example.com");
	check_reverse(&srs, "SRS0=DT2X=JR=example.com=joe", NOW, SRS_OK,
	    "joe@example.com"); /* hash_min lets it */
	srs.hash_min = 5;
	check_reverse(&srs, "SRS0=DT2X=JR=example.com=joe", NOW, SRS_HASH_TOO_SHORT, "");
	srs.hash_length = srs.hash_min = 4; /* what is behind the fourth does not count */
	check_reverse(&srs, all, NOW, SRS_OK, "joe@example.com");
	str_free(&made);
}

static void
each_has_a_text(void **state)
{
	int i;

	(void)state;
	for (i = SRS_OK; i <= SRS_TOO_LONG; i++)
		assert_true(strlen(srs_text((enum srs_result)i)) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(a_third_host),
		cmocka_unit_test(what_hosts_on_the_way_do),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_long),
		cmocka_unit_test(age),
		cmocka_unit_test(around_the_turn),
		cmocka_unit_test(a_new_secret),
		cmocka_unit_test(lengths),
		cmocka_unit_test(each_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
