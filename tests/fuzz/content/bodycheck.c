/* content/bodycheck, signatures, linepatterns: the files.  The input is a file's lines; each is also what
 * is looked at. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "content/bodycheck.h"
#include "content/linepatterns.h"
#include "lib/fd.h"

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
	char path[] = "/tmp/qferry-fuzz.XXXXXX";
	int fd = mkstemp(path);
	struct bodycheck bodycheck;
	struct signatures signatures;
	struct linepatterns patterns;
	struct log log = { 0 };
	struct view in = { (const char *)data, size }, line;

	if (fd < 0 || fd_write_all(fd, in) < 0)
		abort();
	close(fd);
	if (bodycheck_read(path, &bodycheck, &log, NULL) != ANSWER_YES ||
	    signatures_read(path, SIGNATURES_PLAIN, &signatures, &log, NULL) !=
		ANSWER_YES ||
	    linepatterns_read(path, 0, &patterns, &log, NULL) != ANSWER_YES)
		abort();
	unlink(path);
	look(&bodycheck, &signatures, &patterns, in);
	while (view_cut(in, '\n', &line, &in))
		look(&bodycheck, &signatures, &patterns, line);
	bodycheck_free(&bodycheck);
	signatures_free(&signatures);
	linepatterns_free(&patterns);
	return 0;
}
