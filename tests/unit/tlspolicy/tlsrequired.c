#include "unit/unit.h"

#include "tlspolicy/tlsrequired.h"

static const struct {
	const char *header;
	bool no;
} rows[] = {
	{ "TLS-Required: No\n", true },
	{ "Subject: x\nTLS-Required: No\n\nbody\n", true },
	{ "tls-required:no\r\n\r\n", true },
	{ "TLS-Required : No \t\n", true },
	{ "TLS-Required: Yes\n", false },
	{ "TLS-Required:\n", false },
	{ "TLS-Required: No more\n", false },
	{ "X-TLS-Required: No\n", false },
	{ "Subject: x\n TLS-Required: No\n", false }, /* the end of the line before */
	{ "Subject: x\n\nTLS-Required: No\n", false },
	{ "Subject: x\r\n\r\nTLS-Required: No\n", false },
	{ "TLS-Required: No", false }, /* not whole */
	{ "", false },
};

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		print_message("%s\n", rows[i].header);
		assert_int_equal(tlsrequired_in(view_of(rows[i].header)), rows[i].no);
	}
}

/* From where the file stands, and it stays there. */
static void
test_file(void **state)
{
	int fd, ends[2];

	(void)state;
	unit_write_file("message", VIEW("TLS-Required: No\n\nSubject: x\n\n"));
	fd = open("message", O_RDONLY);
	assert_true(tlsrequired_is_no(fd));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	assert_int_equal(lseek(fd, 18, SEEK_SET), 18);
	assert_false(tlsrequired_is_no(fd));
	close(fd);
	assert_false(tlsrequired_is_no(-1));
	assert_int_equal(fd_pipe(ends), 0);
	assert_false(tlsrequired_is_no(ends[0]));
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
		cmocka_unit_test(test_file) };

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
