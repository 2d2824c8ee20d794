/* statedriver - a caller of qmail-state for tests, through wire/state.h as the other programs call it.
 *
 *   statedriver [-d MILLISECONDS]     (of each question)
 *
 * Each line of descriptor 0 is one request of one or more operations with ';' between them:
 *
 *   read SPACE KEY                    count SPACE KEY AMOUNT LIMIT WINDOW [sliding]
 *   forget SPACE KEY                  set SPACE KEY VALUE KEEP
 *   seen SPACE KEY DELAY RETRY KEEP   hold SPACE KEY HOLDER LIMIT KEEP
 *   drop SPACE KEY HOLDER             again N  (the next line N times, or until it fails; the last
 *                                              answer is told)
 *
 * A "%" in a key is the number of the repetition.  For each line one of answers, with ';' between them:
 * "found 3 age 0 left 60 VALUE" (standing, count, seconds since first and until the end), or
 * "failed WHY".  "close" gives the helper up and begins anew. */
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/os.h"
#include "wire/state.h"

enum { EXIT_USAGE = 9, INPUT_MAX = 1 << 20, WORDS = 7 };

struct words {
	struct view at[WORDS];
	size_t count;
};

static const struct {
	const char *name;
	enum state_verb verb;
} verbs[] = { { "read", STATE_READ }, { "count", STATE_COUNT }, { "set", STATE_SET },
	{ "forget", STATE_FORGET }, { "seen", STATE_SEEN }, { "hold", STATE_HOLD },
	{ "drop", STATE_DROP } };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "statedriver: out of memory\n", EXIT_USAGE);
}

static struct words
split(struct view line)
{
	struct words w = { .count = 0 };
	struct view word;

	while (w.count < WORDS && line.len > 0) {
		if (!view_cut(line, ' ', &word, &line)) {
			word = line;
			line = VIEW("");
		}
		if (word.len > 0)
			w.at[w.count++] = word;
	}
	return w;
}

static uint64_t
number(const struct words *w, size_t i)
{
	uint64_t n = 0;

	if (i < w->count)
		scan_u64(w->at[i], &n);
	return n;
}

static uint32_t
small(const struct words *w, size_t i)
{
	return (uint32_t)number(w, i);
}

static void
make_key(struct str *key, struct view from, uint64_t round)
{
	size_t i;

	str_clear(key);
	for (i = 0; i < from.len; i++)
		if (from.at[i] == '%')
			fmt_u64(key, round);
		else
			str_append_byte(key, from.at[i]);
}

static struct state_op
make_op(struct view text, struct str *key, uint64_t round)
{
	struct words w = split(text);
	struct state_op op = { .verb = 0 };
	size_t i;

	for (i = 0; w.count > 2 && i < sizeof verbs / sizeof *verbs; i++)
		if (view_equal(w.at[0], view_of(verbs[i].name)))
			op.verb = verbs[i].verb;
	op.space = small(&w, 1);
	if (w.count > 2)
		make_key(key, w.at[2], round);
	op.key = str_view(key);
	op.flags = w.count > 6 ? STATE_SLIDING : 0;
	if (op.verb == STATE_COUNT) {
		op.amount = small(&w, 3);
		op.limit = small(&w, 4);
		op.window = small(&w, 5);
	} else if (op.verb == STATE_SET) {
		op.value = w.count > 3 ? w.at[3] : VIEW("");
		op.keep = small(&w, 4);
	} else if (op.verb == STATE_SEEN) {
		op.window = small(&w, 3);
		op.keep = small(&w, 4);
		op.amount = small(&w, 5);
	} else {
		op.holder = number(&w, 3);
		op.limit = small(&w, 4);
		op.keep = small(&w, 5);
	}
	return op;
}

static void
tell(struct str *out, const struct state_result *r)
{
	static const char *const standings[] = { "absent", "found", "over" };

	str_append_text(out, standings[r->standing]);
	str_append_byte(out, ' ');
	fmt_u64(out, r->count);
	if (r->until > 0) {
		str_append_text(out, " age ");
		fmt_u64(out, r->now - r->first);
		str_append_text(out, " left ");
		fmt_u64(out, r->until - r->now);
	}
	if (r->value_len > 0) {
		str_append_byte(out, ' ');
		str_append(out, (struct view) { r->value, r->value_len });
	}
}

/* One request; what came of it. */
static void
ask(struct state *s, struct view line, uint64_t round, struct deadline deadline,
    struct str *out)
{
	struct state_op ops[STATE_OPS_MAX];
	struct state_result results[STATE_OPS_MAX];
	struct str keys[STATE_OPS_MAX] = { { 0 } };
	struct view text;
	size_t count = 0, i;

	while (line.len > 0 && count < STATE_OPS_MAX) {
		if (!view_cut(line, ';', &text, &line)) {
			text = line;
			line = VIEW("");
		}
		ops[count] = make_op(text, &keys[count], round);
		count++;
	}
	str_clear(out);
	if (state_ask(s, ops, count, deadline, results) < 0) {
		str_append_text(out, "failed ");
		str_append_text(out, s->reason);
		count = 0;
	}
	for (i = 0; i < count; i++) {
		if (i > 0)
			str_append_text(out, "; ");
		tell(out, &results[i]);
	}
	for (i = 0; i < STATE_OPS_MAX; i++)
		str_free(&keys[i]);
}

static void
serve_line(struct state *s, struct view line, uint64_t *rounds, uint64_t ms)
{
	struct words w = split(line);
	struct str out = { 0 };
	uint64_t i;

	if (w.count == 0)
		return;
	if (view_equal(w.at[0], VIEW("again"))) {
		*rounds = number(&w, 1);
		return;
	}
	if (view_equal(w.at[0], VIEW("close"))) {
		state_close(s);
		return;
	}
	for (i = 0; i < *rounds && !view_starts(str_view(&out), VIEW("failed")); i++)
		ask(s, line, i, deadline_in_ms((int64_t)ms), &out);
	*rounds = 1;
	str_append_byte(&out, '\n');
	fd_write_all(1, str_view(&out));
	str_free(&out);
}

int
main(int argc, char **argv)
{
	struct str pending = { 0 };
	struct view line, rest;
	uint64_t ms = 20000, rounds = 1;
	struct state state;
	char block[4096];
	ssize_t got;

	program_start(out_of_memory);
	if (argc == 3 && argv[1][0] == '-' && argv[1][1] == 'd')
		scan_u64(view_of(argv[2]), &ms);
	if (program_enter_home() < 0)
		os_exit_saying(2, "statedriver: no home\n", EXIT_USAGE);
	state_init(&state);
	while ((got = fd_read(0, block, sizeof block)) > 0 && pending.len < INPUT_MAX) {
		str_append(&pending, (struct view) { block, (size_t)got });
		rest = str_view(&pending);
		while (view_cut(rest, '\n', &line, &rest))
			serve_line(&state, line, &rounds, ms);
		str_set(&pending, rest);
	}
	state_close(&state);
	str_free(&pending);
	return 0;
}
