#include "local/copy.h"

#include <string.h>
#include <sys/types.h>

#include "lib/fd.h"

enum { BLOCK = 65536 };

enum copy_result
copy_verbatim(int fd, struct writer *w)
{
	char block[BLOCK];
	ssize_t n;

	while ((n = fd_read(fd, block, sizeof block)) > 0)
		writer_put(w, (struct view) { block, (size_t)n });
	return n < 0 ? COPY_UNREADABLE : COPY_DONE;
}

/* Where in a line we are.  The '>' that start a line go out as they come; of "From " behind them
 * nothing goes out until it is whole, because the additional '>' stands before it. */
struct line_state {
	enum { ANGLES, FROM, INSIDE } where;
	size_t matched; /* bytes of "From " held back, in FROM */
};

static const char from_[] = "From ";
enum { FROM_LEN = sizeof from_ - 1 };

static void
release(struct line_state *s, struct writer *w)
{
	writer_put(w, (struct view) { from_, s->matched });
	s->matched = 0;
	s->where = INSIDE;
}

static void
start_of_line(struct line_state *s, struct writer *w, char c)
{
	if (s->where == ANGLES && c == '>') {
		writer_byte(w, c);
		return;
	}
	s->where = FROM;
	if (c == from_[s->matched]) {
		if (++s->matched < FROM_LEN)
			return;
		writer_byte(w, '>');
		release(s, w);
		return;
	}
	release(s, w);
	writer_byte(w, c);
	if (c == '\n')
		s->where = ANGLES;
}

/* The rest of a line, up to and with its LF, goes out at once. */
static void
put_block(struct line_state *s, struct writer *w, struct view block)
{
	while (block.len > 0) {
		size_t n;

		if (s->where != INSIDE) {
			start_of_line(s, w, block.at[0]);
			block = view_from(block, 1);
			continue;
		}
		n = view_index(block, '\n');
		if (n < block.len) {
			n++;
			s->where = ANGLES;
		}
		writer_put(w, view_first(block, n));
		block = view_from(block, n);
	}
}

enum copy_result
copy_mbox(int fd, struct writer *w)
{
	struct line_state state = { ANGLES, 0 };
	char block[BLOCK], last = '\n';
	ssize_t n;

	while ((n = fd_read(fd, block, sizeof block)) > 0) {
		put_block(&state, w, (struct view) { block, (size_t)n });
		last = block[n - 1];
	}
	if (n < 0)
		return COPY_UNREADABLE;
	if (state.where == FROM)
		release(&state, w);
	if (last != '\n')
		writer_byte(w, '\n');
	return COPY_DONE;
}
