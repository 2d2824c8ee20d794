/* hello: the server name in a ClientHello, and the path of its certificate. */
#include "tls/hello.h"

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

#define CASE(bytes, name)                          \
	{                                          \
		{ bytes, sizeof(bytes) - 1 }, name \
	}

static void
server_name(void **state)
{
	static const struct {
		struct view extension;
		const char *name; /* NULL: none */
	} cases[] = {
		CASE("\0\x07\0\0\x04name", "name"),
		CASE("\0\x0b\0\0\x04name\0\0\x01x", "name"),
		CASE("", NULL),
		CASE("\0", NULL),
		CASE("\0\0", NULL),
		CASE("\0\x01\0", NULL),
		CASE("\0\x03\0\0\0", NULL),         /* empty */
		CASE("\0\x07\x01\0\x04name", NULL), /* not a host name */
		CASE("\0\x08\0\0\x04name", NULL),   /* the list is longer than it is */
		CASE("\0\x06\0\0\x04name", NULL),
		CASE("\0\x07\0\0\x05name", NULL), /* and so is the name */
		CASE("\0\x07\0\xff\xffname", NULL),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view name = VIEW("untouched");

		assert_int_equal(
		    hello_server_name(cases[i].extension, &name), cases[i].name != NULL);
		assert_true(view_equal(
		    name, cases[i].name ? view_of(cases[i].name) : VIEW("untouched")));
	}
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void
path_for_name(void **state)
{
	static const struct {
		struct view name;
		const char *path;
	} cases[] = {
		CASE("a.example", "control/servercerts/a.example/servercert.pem"),
		CASE("A.Example", "control/servercerts/a.example/servercert.pem"),
		CASE("b.example", NULL),
		CASE("", NULL),
		CASE(".", NULL),
		CASE("..", NULL),
		CASE(".hidden", NULL),
		CASE("../servercerts/a.example", NULL),
		CASE("a.example/", NULL),
		CASE("a.example\0", NULL),
		CASE("a.example\0.b", NULL),
		CASE("a_b-c.example", "control/servercerts/a_b-c.example/servercert.pem"),
	};
	char dir[] = "/tmp/hello.XXXXXX";
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	mkdir("control", 0700);
	mkdir("control/servercerts", 0700);
	mkdir("control/servercerts/a.example", 0700);
	mkdir("control/servercerts/a_b-c.example", 0700);
	make_file("control/servercert.pem");
	make_file("control/servercerts/servercert.pem");
	make_file("control/servercerts/a.example/servercert.pem");
	make_file("control/servercerts/a_b-c.example/servercert.pem");
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str path = { 0 };

		assert_int_equal(
		    context_path_for(cases[i].name, &path), cases[i].path != NULL);
		assert_string_equal(str_text(&path), cases[i].path ? cases[i].path : "");
		str_free(&path);
	}
	unlink("control/servercert.pem");
	unlink("control/servercerts/servercert.pem");
	unlink("control/servercerts/a.example/servercert.pem");
	unlink("control/servercerts/a_b-c.example/servercert.pem");
	rmdir("control/servercerts/a.example");
	rmdir("control/servercerts/a_b-c.example");
	rmdir("control/servercerts");
	rmdir("control");
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_name),
		cmocka_unit_test(path_for_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
