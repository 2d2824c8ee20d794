/* tcpto: the table's bytes after each event of outbound 2.6. */
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

#include "client/tcpto.h"
#include "lib/fd.h"

enum { SIZE4 = TCPTO_RECORDS * 16, SIZE6 = TCPTO_RECORDS * 32, NOW = 0x01020304 };

static const struct tcpto_rules RULES = { 3840, 120 };

static struct ip
v4(uint8_t last)
{
	return (struct ip) { .version = 4, .bytes = { 192, 0, 2, last } };
}

static int
enter_home(void **state)
{
	char dir[] = "tcpto.XXXXXX";

	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("queue", 0755) == 0 &&
		mkdir("queue/lock", 0755) == 0
	    ? 0
	    : -1;
}

static int
empty_tables(void **state)
{
	int fd = open(TCPTO_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int fd6 = open(TCPTO_FILE6, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int ok = ftruncate(fd, SIZE4) == 0 && ftruncate(fd6, SIZE6) == 0;

	(void)state;
	close(fd);
	close(fd6);
	return ok ? 0 : -1;
}

static void
read_table(const char *path, struct str *bytes)
{
	str_clear(bytes);
	assert_int_equal(fd_read_file(path, bytes, 65536), 0);
}

/* The records are `want`, and all that follows is zero. */
static void
table_is(const char *path, size_t size, const void *want, size_t len)
{
	struct str bytes = { 0 };
	size_t i;

	read_table(path, &bytes);
	assert_int_equal(bytes.len, size);
	assert_memory_equal(bytes.at, want, len);
	for (i = len; i < bytes.len; i++)
		assert_int_equal(bytes.at[i], 0);
	str_free(&bytes);
}

static void
a_timeout_is_entered(void **state)
{
	static const unsigned char one[] = { 192, 0, 2, 1, 1, 0, 0, 0, 4, 3, 2, 1 };
	static const unsigned char two[] = { 192, 0, 2, 1, 2, 0, 0, 0, 124, 3, 2, 1 };
	struct ip ip = v4(1);

	(void)state;
	assert_false(tcpto_look_up(&ip, &RULES, NOW).known);
	tcpto_timed_out(&ip, &RULES, NOW);
	table_is(TCPTO_FILE, SIZE4, one, sizeof one);
	tcpto_timed_out(&ip, &RULES, NOW + 119); /* too soon to count */
	table_is(TCPTO_FILE, SIZE4, one, sizeof one);
	assert_true(tcpto_look_up(&ip, &RULES, NOW).known);
	assert_false(tcpto_look_up(&ip, &RULES, NOW).blocked);
	tcpto_timed_out(&ip, &RULES, NOW + 120);
	table_is(TCPTO_FILE, SIZE4, two, sizeof two);
	assert_true(tcpto_look_up(&ip, &RULES, NOW + 120 + 3839).blocked);
	assert_false(tcpto_look_up(&ip, &RULES, NOW + 120 + 3840).blocked);
}

static void
a_connection_clears(void **state)
{
	static const unsigned char cleared[] = { 192, 0, 2, 1, 0, 0, 0, 0, 4, 3, 2, 1 };
	static const unsigned char again[] = { 192, 0, 2, 1, 1, 0, 0, 0, 5, 3, 2, 1 };
	struct ip ip = v4(1), other = v4(9);

	(void)state;
	tcpto_timed_out(&ip, &RULES, NOW);
	tcpto_connected(&other); /* unknown: nothing */
	tcpto_connected(&ip);
	table_is(TCPTO_FILE, SIZE4, cleared, sizeof cleared);
	tcpto_timed_out(&ip, &RULES, NOW + 1); /* count was 0: counts at once */
	table_is(TCPTO_FILE, SIZE4, again, sizeof again);
}

static void
the_count_has_a_maximum(void **state)
{
	static const unsigned char ten[] = { 192, 0, 2, 1, 10 };
	struct ip ip = v4(1);
	struct str bytes = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 15; i++)
		tcpto_timed_out(&ip, &RULES, NOW + 120 * i);
	read_table(TCPTO_FILE, &bytes);
	assert_memory_equal(bytes.at, ten, sizeof ten);
	str_free(&bytes);
}

static void
the_full_table_gives_up_the_oldest(void **state)
{
	struct str bytes = { 0 };
	struct ip ip;
	uint8_t i;

	(void)state;
	for (i = 0; i < TCPTO_RECORDS; i++) {
		ip = v4(i);
		tcpto_timed_out(&ip, &RULES, NOW + 1000 + i);
	}
	/* Record 0 is the oldest, but its second timeout weighs 1024 seconds more. */
	ip = v4(0);
	tcpto_timed_out(&ip, &RULES, NOW + 1120);
	ip = v4(100);
	tcpto_timed_out(&ip, &RULES, NOW + 2000);
	read_table(TCPTO_FILE, &bytes);
	assert_int_equal(bytes.len, SIZE4);
	assert_int_equal((unsigned char)bytes.at[3], 0);
	assert_int_equal((unsigned char)bytes.at[16 + 3], 100);
	assert_int_equal((unsigned char)bytes.at[16 + 4], 1);
	assert_int_equal((unsigned char)bytes.at[32 + 3], 2);
	str_free(&bytes);
}

static void
ipv6_has_its_own_file(void **state)
{
	static const unsigned char one[] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 1, 1, 0, 0, 0, 4, 3, 2, 1 };
	struct ip ip;

	(void)state;
	assert_true(ip_parse(VIEW("2001:db8::1"), &ip));
	tcpto_timed_out(&ip, &RULES, NOW);
	table_is(TCPTO_FILE, SIZE4, "", 0);
	table_is(TCPTO_FILE6, SIZE6, one, sizeof one);
	assert_true(tcpto_look_up(&ip, &RULES, NOW).known);
}

static void
no_table_is_an_empty_one(void **state)
{
	struct ip ip = v4(1);

	(void)state;
	unlink(TCPTO_FILE);
	tcpto_timed_out(&ip, &RULES, NOW);
	tcpto_connected(&ip);
	assert_false(tcpto_look_up(&ip, &RULES, NOW).known);
	assert_int_equal(access(TCPTO_FILE, F_OK), -1);
	close(open(TCPTO_FILE, O_WRONLY | O_CREAT, 0644)); /* of length 0 */
	tcpto_timed_out(&ip, &RULES, NOW);
	table_is(TCPTO_FILE, 0, "", 0);
}

static void
penalty_zero_switches_it_off(void **state)
{
	static const struct tcpto_rules off = { 0, 120 };
	struct ip ip = v4(1);

	(void)state;
	tcpto_timed_out(&ip, &off, NOW);
	table_is(TCPTO_FILE, SIZE4, "", 0);
	tcpto_timed_out(&ip, &RULES, NOW);
	tcpto_timed_out(&ip, &RULES, NOW + 500);
	assert_false(tcpto_look_up(&ip, &off, NOW + 501).blocked);
}

static void
the_penalty_varies(void **state)
{
	(void)state;
	assert_int_equal(tcpto_usual_rules(0).penalty, 60 * 64);
	assert_int_equal(tcpto_usual_rules(0xffffffff).penalty, 91 * 64);
	assert_int_equal(tcpto_usual_rules(32).penalty, 60 * 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_timeout_is_entered, empty_tables),
		cmocka_unit_test_setup(a_connection_clears, empty_tables),
		cmocka_unit_test_setup(the_count_has_a_maximum, empty_tables),
		cmocka_unit_test_setup(the_full_table_gives_up_the_oldest, empty_tables),
		cmocka_unit_test_setup(ipv6_has_its_own_file, empty_tables),
		cmocka_unit_test_setup(no_table_is_an_empty_one, empty_tables),
		cmocka_unit_test_setup(penalty_zero_switches_it_off, empty_tables),
		cmocka_unit_test(the_penalty_varies),
	};

	return cmocka_run_group_tests(tests, enter_home, NULL);
}
