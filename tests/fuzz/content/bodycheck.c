/* content/bodycheck, signatures, linepatterns: the files.  The input is a file's lines; each is also what
 * is looked at. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "content/bodycheck.h"
#include "content/linepatterns.h"
#include "lib/fd.h"
#include "lib/fmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const struct bodycheck *b, const struct signatures *s, const struct linepatterns *p,
    struct view text)
{
	enum linepatterns_mode mode = LINE_OF_HEADER;
	int in_header;

	for (in_header = 0; in_header < 2; in_header++) {
		bodycheck_find(b, text, in_header);
		signatures_find(s, text, in_header);
		linepatterns_take(p, &mode, text, true);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("rules", MFD_CLOEXEC);
	struct str name = { 0 };
	const char *path;
	struct bodycheck bodycheck;
	struct signatures signatures;
	struct linepatterns patterns;
	struct log log = { 0 };
	struct view in = { (const char *)data, size }, line;

	if (fd < 0 || fd_write_all(fd, in) < 0)
		abort();
	str_append_text(&name, "/proc/self/fd/");
	fmt_u64(&name, (uint64_t)fd);
	path = str_text(&name);
	if (bodycheck_read(path, &bodycheck, &log, NULL) != ANSWER_YES ||
	    signatures_read(path, SIGNATURES_PLAIN, &signatures, &log, NULL) !=
		ANSWER_YES ||
	    linepatterns_read(path, 0, &patterns, &log, NULL) != ANSWER_YES)
		abort();
	fd_close(&fd);
	str_free(&name);
	look(&bodycheck, &signatures, &patterns, in);
	while (view_cut(in, '\n', &line, &in))
		look(&bodycheck, &signatures, &patterns, line);
	bodycheck_free(&bodycheck);
	signatures_free(&signatures);
	linepatterns_free(&patterns);
	return 0;
}
