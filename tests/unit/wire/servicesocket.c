/* wire/servicesocket: the address of a service, and who is there. */
#include "wire/servicesocket.h"

#include <errno.h>
#include <string.h>

#include "unit/unit.h"

static void
addresses(void **state)
{
	struct sockaddr_un address;

	(void)state;
	assert_int_equal(servicesocket_address("dns", &address), 0);
	assert_int_equal(address.sun_family, AF_UNIX);
	assert_string_equal(address.sun_path, "run/dns/sock");
}

/* The longest that fits has a NUL behind it; another octet leaves all as it was. */
static void
long_names(void **state)
{
	char name[sizeof((struct sockaddr_un *)0)->sun_path] = { 0 };
	size_t most = sizeof name - sizeof "run//sock";
	struct sockaddr_un address;

	(void)state;
	memset(name, 'x', most);
	assert_int_equal(servicesocket_address(name, &address), 0);
	assert_int_equal(strlen(address.sun_path), sizeof address.sun_path - 1);
	name[most] = 'x';
	assert_int_equal(servicesocket_address("dns", &address), 0);
	assert_int_equal(servicesocket_address(name, &address), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_string_equal(address.sun_path, "run/dns/sock");
}

static void
nobody_there(void **state)
{
	struct sockaddr_un address;

	(void)state;
	assert_int_equal(servicesocket_address("absent", &address), 0);
	assert_int_equal(servicesocket_connect(&address), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(long_names),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
