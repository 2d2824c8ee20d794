/* spfdriver - SPF checks for tests, over a table of DNS records, one command a line on descriptor 0:
 *
 *   zone NAME TYPE DATA     a record, in the form of resolver_table()
 *   forget                  no records
 *   receiver NAME, explanation TEXT, rules TERMS, guess TERMS    of what follows
 *   check IP HELO SENDER    HELO and SENDER as hexadecimal digits, "-" if empty
 *
 * Each check is answered by a line "RESULT EXPLANATION" on descriptor 1. */
#include <unistd.h>

#include "lib/fd.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "lib/scan.h"
#include "os/os.h"
#include "policy/spf/evaluate.h"

enum { EXIT_MEMORY = 2, EXIT_INPUT = 3, LINE_MAX_OCTETS = 65536, BUFFER = 65536 };

struct driver {
	struct str zone, receiver, explanation, rules, guess;
	struct str helo, sender;
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "spfdriver: out of memory\n", EXIT_MEMORY);
}

static void
set_from_hex(struct str *out, struct view hex)
{
	size_t i;

	str_clear(out);
	for (i = 0; i + 1 < hex.len; i += 2)
		str_append_byte(out,
		    (char)(scan_hex_digit(hex.at[i]) << 4 |
			scan_hex_digit(hex.at[i + 1])));
}

static void
say(const struct spf_verdict *verdict)
{
	struct str line = { 0 };

	str_append_text(&line, spf_result_text(verdict->result));
	str_append_byte(&line, ' ');
	str_append(&line, verdict->explanation);
	str_append_byte(&line, '\n');
	fd_write_all(STDOUT_FILENO, str_view(&line));
	str_free(&line);
}

static void
check(struct driver *d, struct view arguments)
{
	struct resolver *resolver = resolver_table(str_text(&d->zone));
	struct view ip = arguments, helo = VIEW(""), sender = VIEW("");
	struct spf_question question = { 0 };
	struct spf_verdict verdict;
	struct arena mem = { 0 };

	view_cut(ip, ' ', &ip, &helo);
	view_cut(helo, ' ', &helo, &sender);
	set_from_hex(&d->helo, helo);
	set_from_hex(&d->sender, sender);
	if (!ip_parse(ip, &question.ip))
		_exit(EXIT_INPUT);
	question.helo = str_view(&d->helo);
	question.sender = str_view(&d->sender);
	question.receiver = str_view(&d->receiver);
	question.explanation = str_view(&d->explanation);
	question.local_rules = str_view(&d->rules);
	question.guess = str_view(&d->guess);
	spf_evaluate(resolver, &question, deadline_never(), &mem, &verdict);
	say(&verdict);
	arena_free(&mem);
	resolver_free(resolver);
}

static void
run(struct driver *d, struct view line)
{
	struct view word = line, rest = VIEW("");

	view_cut(line, ' ', &word, &rest);
	if (view_equal(word, VIEW("zone"))) {
		str_append(&d->zone, rest);
		str_append_byte(&d->zone, '\n');
	} else if (view_equal(word, VIEW("forget"))) {
		str_clear(&d->zone);
	} else if (view_equal(word, VIEW("receiver"))) {
		str_set(&d->receiver, rest);
	} else if (view_equal(word, VIEW("explanation"))) {
		str_set(&d->explanation, rest);
	} else if (view_equal(word, VIEW("rules"))) {
		str_set(&d->rules, rest);
	} else if (view_equal(word, VIEW("guess"))) {
		str_set(&d->guess, rest);
	} else if (view_equal(word, VIEW("check"))) {
		check(d, rest);
	} else {
		_exit(EXIT_INPUT);
	}
}

int
main(void)
{
	static char buffer[BUFFER];
	struct driver d = { 0 };
	struct str line = { 0 };
	struct reader reader;

	program_start(out_of_memory);
	reader_init(&reader, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	while (reader_line(&reader, &line, LINE_MAX_OCTETS) == READER_OK) {
		run(&d, view_trim_right(str_view(&line)));
		str_clear(&line);
	}
	str_free(&line);
	str_free(&d.zone);
	str_free(&d.receiver);
	str_free(&d.explanation);
	str_free(&d.rules);
	str_free(&d.guess);
	str_free(&d.helo);
	str_free(&d.sender);
	return 0;
}
