/* replay - the main of a fuzz target without libFuzzer: feeds it each file of the directories (or
 * each file) named as arguments, and each of its beginnings up to 64 bytes. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "os/os.h"

enum { SEED_MAX = 4 * 1024 * 1024, CUT_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *path, const char *what)
{
	struct str text = { 0 };

	str_append_text(&text, path);
	str_append_text(&text, what);
	os_exit_saying(2, str_text(&text), 1);
}

/* In a block of its very size, so that a sanitizer sees a read past its end. */
static void
feed(struct view bytes)
{
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);

	if (!copy)
		fail("replay", ": no memory\n");
	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	LLVMFuzzerTestOneInput(copy, bytes.len);
	free(copy);
}

static void
replay_file(const char *path)
{
	struct str bytes = { 0 };
	size_t cut;

	if (fd_read_file(path, &bytes, SEED_MAX) < 0)
		fail(path, ": unreadable\n");
	for (cut = 0; cut < bytes.len && cut < CUT_MAX; cut++)
		feed(view_first(str_view(&bytes), cut));
	feed(str_view(&bytes));
	str_free(&bytes);
}

static unsigned
replay_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct str file = { 0 };
	unsigned count = 0;

	if (!dir)
		fail(path, ": no such directory\n");
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		str_set(&file, view_of(path));
		str_append_byte(&file, '/');
		str_append_text(&file, entry->d_name);
		replay_file(str_text(&file));
		count++;
	}
	closedir(dir);
	str_free(&file);
	return count;
}

int
main(int argc, char **argv)
{
	struct str text = { 0 };
	unsigned count = 0;
	struct stat st;
	int i;

	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st) < 0)
			fail(argv[i], ": not there\n");
		if (S_ISDIR(st.st_mode)) {
			count += replay_directory(argv[i]);
			continue;
		}
		replay_file(argv[i]);
		count++;
	}
	str_append_text(&text, "seeds: ");
	fmt_u64(&text, count);
	str_append_byte(&text, '\n');
	fd_write_all(1, str_view(&text));
	str_free(&text);
	return 0;
}
