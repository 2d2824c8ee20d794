/* chkuserform: the form of an address. */
#include "server/chkuserform.h"

#include "unit/unit.h"

static const struct {
	struct view address;
	bool good;
} addresses[] = {
	{ ROW("joe@one.example"), true },
	{ ROW("JOE@ONE.example"), true },
	{ ROW("$%?*^~&/\\#+_-.=@k.st"), true },
	{ ROW("@k.st"), true }, /* no octet of it is wrong */
	{ ROW("joe@xn--bcher-kva.example"), true },
	{ ROW("joe@a--b.example"), true },
	{ ROW("joe@1.2"), false },
	{ ROW("joe@1.23"), true },
	{ ROW("joe@one"), false },
	{ ROW("joe@abcd"), false },
	{ ROW("joe"), false },
	{ ROW(""), false },
	{ ROW("joe@"), false },
	{ ROW("joe@...."), false },
	{ ROW("joe@.one"), false },
	{ ROW("joe@one."), false },
	{ ROW("joe@o..e"), false },
	{ ROW("joe@-o.e"), false },
	{ ROW("joe@o-.e"), false },
	{ ROW("joe@o.-e"), false },
	{ ROW("joe@o.e-"), false },
	{ ROW("joe@o.e-.x"), false },
	{ ROW("joe@o_e.x"), false },
	{ ROW("joe@o.e\0.x"), false },
	{ ROW("j\0e@one.example"), false },
	{ ROW("j e@one.example"), false },
	{ ROW("j@e@one.example"), false },
	{ ROW("j'e@one.example"), false },
	{ ROW("j\"e@one.example"), false },
	{ ROW("j\xc3\xb6@one.example"), false },
};

static void
forms(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(addresses); i++) {
		struct address address = address_of(addresses[i].address);

		if (chkuserform_is_good(&address) != addresses[i].good)
			fail_msg("%zu: %s", i, addresses[i].address.at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(forms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
