/* policy/program: how a program ends, and what it may say. */
#include "unit/unit.h"

#include <signal.h>

#include "policy/program.h"

static char sh[] = "/bin/sh", dash_c[] = "-c";

/* `script` run by sh as `p` says. */
static enum program_end
run(struct program p, const char *script, struct str *text, int *code)
{
	char *argv[] = { sh, dash_c, strdup(script), NULL };
	struct env_list environment = { 0 };
	enum program_end end;

	env_list_inherit(&environment);
	p.argv = argv;
	p.environment = &environment;
	end = program_run(&p, text, code);
	env_list_free(&environment);
	free(argv[2]);
	return end;
}

static void
ends(void **state)
{
	static const struct {
		const char *script;
		uint64_t seconds;
		enum program_end end;
		int code;
		const char *text;
	} cases[] = {
		{ "echo hello >&4; exit 3", 60, PROGRAM_EXITED, 3, "hello\n" },
		{ "echo hello", 60, PROGRAM_EXITED, 0, "" },
		{ "exec 4>&-; exit 5", 60, PROGRAM_EXITED, 5, "" },
		{ "kill -9 $$", 60, PROGRAM_CRASHED, 0, NULL },
		{ "exec sleep 1000", 0, PROGRAM_LATE, 0, NULL },
		{ "exec 4>&-; exec sleep 1000", 0, PROGRAM_LATE, 0, NULL },
		{ "while :; do echo hello; done >&4", 60, PROGRAM_FLOOD, 0, NULL },
	};
	struct str text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct program p = { .seconds = cases[i].seconds, .text_fd = 4 };
		int code = 0;

		str_clear(&text);
		if (run(p, cases[i].script, &text, &code) != cases[i].end ||
		    code != cases[i].code)
			fail_msg("%s: code %d", cases[i].script, code);
		if (cases[i].text)
			assert_string_equal(str_text(&text), cases[i].text);
	}
	str_free(&text);
}

static void
what_it_leaves_running_is_not_waited_for(void **state)
{
	struct program p = { .seconds = 60, .text_fd = 4 };
	struct str text = { 0 };
	int code = 0;

	(void)state;
	assert_int_equal(
	    run(p, "sleep 1000 >/dev/null 2>&1 & echo $! >&4; exit 7", &text, &code),
	    PROGRAM_EXITED);
	assert_int_equal(code, 7);
	kill((pid_t)strtol(str_text(&text), NULL, 10), SIGKILL);
	str_free(&text);
}

static void
descriptors(void **state)
{
	struct program p = { .seconds = 60,
		.input = VIEW("what it reads\n"),
		.has_input = true,
		.text_fd = 1,
		.is_deaf = true };
	struct str text = { 0 };
	int code = 0;

	(void)state;
	assert_int_equal(run(p, "cat <&3; [ -e /proc/$$/fd/0 ] || exit 9", &text, &code),
	    PROGRAM_EXITED);
	assert_int_equal(code, 9);
	assert_string_equal(str_text(&text), "what it reads\n");
	p = (struct program) { .seconds = 60 };
	assert_int_equal(run(p, "read x || exit 8", NULL, &code), PROGRAM_EXITED);
	assert_int_equal(code, 8);
	str_free(&text);
}

static void
what_is_no_program(void **state)
{
	static char missing[] = "no/such/program";
	char *argv[] = { missing, NULL };
	struct env_list environment = { 0 };
	struct program p = { .argv = argv, .environment = &environment, .seconds = 60 };
	int code;

	(void)state;
	assert_int_equal(program_run(&p, NULL, &code), PROGRAM_NO_PROGRAM);
	env_list_free(&environment);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(what_it_leaves_running_is_not_waited_for),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(what_is_no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
