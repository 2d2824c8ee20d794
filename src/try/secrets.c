#include "try/secrets.h"

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/eachpath.h"

/* Has everybody this right to what the first `len` octets of the path name? */
static bool
all_may(struct view path, size_t len, mode_t right)
{
	struct str part = { 0 };
	struct stat st;
	bool may;

	str_set(&part, view_first(path, len));
	may = stat(len > 0 ? str_text(&part) : ".", &st) == 0 && (st.st_mode & right);
	str_free(&part);
	return may;
}

bool
secrets_all_may_read(const char *name)
{
	struct view path = view_of(name);
	size_t i;

	if (!all_may(path, path.len, S_IROTH) || !all_may(path, 0, S_IXOTH))
		return false;
	for (i = 0; i < path.len; i++)
		if (path.at[i] == '/' && !all_may(path, i, S_IXOTH))
			return false;
	return true;
}

void
secrets_check_file(struct show *show, const char *path)
{
	if (secrets_all_may_read(path))
		show_warning(show, path,
		    VIEW("a secret that everybody on this machine may read: chmod o-r"));
}

static void
check_one(void *show, const char *path)
{
	secrets_check_file(show, path);
}

void
secrets_check(struct show *show)
{
	secrets_check_file(show, "control/clientcert.pem");
	eachpath("control/oauthtokens", NULL, check_one, show);
	eachpath("control/routes", "password", check_one, show);
	eachpath("control/oauth", "clientsecret", check_one, show);
	eachpath("control/oauth", "refreshtoken", check_one, show);
}
