#include "lib/eachpath.h"

#include <dirent.h>
#include <stddef.h>

#include "lib/str.h"

static void
make_path(struct str *path, const char *directory, const char *name, const char *below)
{
	str_clear(path);
	str_append_text(path, directory);
	str_append_byte(path, '/');
	str_append_text(path, name);
	if (!below)
		return;
	str_append_byte(path, '/');
	str_append_text(path, below);
}

void
eachpath(const char *directory, const char *below,
    void (*each)(void *context, const char *path), void *context)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	struct str path = { 0 };

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		make_path(&path, directory, entry->d_name, below);
		each(context, str_text(&path));
	}
	closedir(dir);
	str_free(&path);
}
