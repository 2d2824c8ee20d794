/* ipme: this host's addresses, and what the two control files change. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/ipme.h"
#include "lib/fd.h"

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
	char dir[] = "ipme.XXXXXX";

	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("control", 0755) == 0 ? 0 : -1;
}

static bool
has(const char *text)
{
	struct ipme me = { 0 };
	struct ip ip;
	bool yes;

	assert_true(ip_parse(view_of(text), &ip));
	assert_int_equal(ipme_read(&me, NULL), ANSWER_YES);
	yes = ipme_has(&me, &ip);
	ipme_free(&me);
	return yes;
}

static void
interfaces_are_me(void **state)
{
	(void)state;
	assert_true(has("0.0.0.0"));
	assert_true(has("::"));
	assert_true(has("127.0.0.1"));
	assert_false(has("192.0.2.77"));
	assert_false(has("127.0.0.2")); /* an address, not the network around it */
}

static void
files_add_and_remove(void **state)
{
	(void)state;
	put("control/moreipme",
	    "192.0.2.77\n#192.0.2.78\nnonsense\n2001:db8::7\n[192.0.2.79]\n");
	put("control/notipme", "127.0.0.1\n");
	assert_true(has("192.0.2.77"));
	assert_true(has("192.0.2.79"));
	assert_true(has("2001:db8::7"));
	assert_false(has("192.0.2.78"));
	assert_false(has("127.0.0.1"));
}

static void
mapped_is_the_same(void **state)
{
	static const struct ip mapped = { .version = 6,
		.bytes = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 77 } };
	struct ipme me = { 0 };

	(void)state;
	put("control/moreipme", "192.0.2.77\n");
	assert_int_equal(ipme_read(&me, NULL), ANSWER_YES);
	assert_true(ipme_has(&me, &mapped));
	ipme_free(&me);
}

static void
unreadable_is_an_error(void **state)
{
	struct ipme me = { 0 };

	(void)state;
	unlink("control/moreipme");
	assert_int_equal(mkdir("control/moreipme", 0755), 0);
	assert_int_equal(ipme_read(&me, NULL), ANSWER_ERROR);
	assert_int_equal(me.count, 0);
	assert_int_equal(rmdir("control/moreipme"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_are_me),
		cmocka_unit_test(files_add_and_remove),
		cmocka_unit_test(mapped_is_the_same),
		cmocka_unit_test(unreadable_is_an_error),
	};

	return cmocka_run_group_tests(tests, enter_home, NULL);
}
