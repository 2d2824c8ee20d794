#include "try/secrets.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

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

/* Each entry of `directory`, or, with `file`, that file in each. */
static void
check_entries(struct show *show, const char *directory, const char *file)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	struct str path = { 0 };

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		str_clear(&path);
		str_append_text(&path, directory);
		str_append_byte(&path, '/');
		str_append_text(&path, entry->d_name);
		if (file) {
			str_append_byte(&path, '/');
			str_append_text(&path, file);
		}
		secrets_check_file(show, str_text(&path));
	}
	closedir(dir);
	str_free(&path);
}

void
secrets_check(struct show *show)
{
	secrets_check_file(show, "control/clientcert.pem");
	check_entries(show, "control/oauthtokens", NULL);
	check_entries(show, "control/routes", "password");
	check_entries(show, "control/oauth", "clientsecret");
	check_entries(show, "control/oauth", "refreshtoken");
}
