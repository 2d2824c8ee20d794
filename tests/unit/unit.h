/* unit - what unit tests share: cmocka's headers, a table's size, files in a directory of one's own. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/str.h"
#include "lib/view.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The bytes of a literal, NULs inside it too; ROW() is the same for the initialiser of a table. */
#define BYTES(literal) ((struct view)ROW(literal))
#define ROW(literal)                               \
	{                                          \
		"" literal, sizeof(literal "") - 1 \
	}

#define assert_view_equal(got, expected)                                      \
	do {                                                                  \
		struct view got_ = (got), expected_ = (expected);             \
		assert_int_equal(got_.len, expected_.len);                    \
		if (got_.len)                                                 \
			assert_memory_equal(got_.at, expected_.at, got_.len); \
	} while (0)

/* For a group's set-up: change to a fresh directory with control/ in it.  The harness removes it. */
static inline int
unit_enter_directory(void **state)
{
	const char *base = getenv("TMPDIR");
	struct str path = { 0 };
	int result;

	(void)state;
	str_append_text(&path, base ? base : "/tmp");
	str_append_text(&path, "/unit.XXXXXX");
	result = mkdtemp(path.at) && chdir(path.at) == 0 && mkdir("control", 0755) == 0
	    ? 0
	    : -1;
	str_free(&path);
	return result;
}

static inline void
unit_write_file(const char *path, struct view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes), 0);
	assert_int_equal(close(fd), 0);
}

#endif
