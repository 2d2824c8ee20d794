/* arena, mem: alignment, copies, resets, and what happens when there is no memory. */
#include <stdalign.h>
#include <sys/wait.h>

#include "lib/arena.h"
#include "lib/mem.h"
#include "os/os.h"
#include "unit/unit.h"

static void
objects_are_aligned_and_apart(void **state)
{
	struct arena a = { 0 };
	char *last = NULL;
	size_t len;

	(void)state;
	for (len = 0; len < 300; len += 7) {
		char *mem = arena_alloc(&a, len);

		assert_int_equal((uintptr_t)mem % alignof(max_align_t), 0);
		memset(mem, 'x', len);
		if (len > 7)
			assert_int_equal(last[0], 'x');
		last = mem;
	}
	memset(arena_alloc(&a, 100000), 'y', 100000); /* larger than a block */
	arena_reset(&a);
	memset(arena_alloc(&a, 10), 'z', 10);
	arena_free(&a);
	assert_null(a.blocks);
	arena_reset(&a);
	arena_free(&a);
}

static void
copies_end_in_nul(void **state)
{
	struct arena a = { 0 };
	struct view copy = arena_copy(&a, BYTES("a\0b"));
	struct view empty = arena_copy(&a, (struct view) { NULL, 0 });

	(void)state;
	assert_view_equal(copy, BYTES("a\0b"));
	assert_int_equal(copy.at[3], '\0');
	assert_int_equal(empty.len, 0);
	assert_int_equal(empty.at[0], '\0');
	arena_free(&a);
}

static void
pages_are_zeroed_and_go(void **state)
{
	enum { LEN = 100000 };
	char *mem = mem_pages(LEN);

	(void)state;
	assert_int_equal(mem[0], 0);
	assert_int_equal(mem[LEN - 1], 0);
	memset(mem, 'x', LEN);
	mem_pages_free(mem, LEN);
}

static void
leave_with_51(void)
{
	_exit(51);
}

/* The exit code of a child that runs `act`. */
static int
exit_of(void (*act)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
exhaust(void)
{
	mem_exhausted();
}

static void
exhaust_with_a_handler(void)
{
	mem_on_exhausted(leave_with_51);
	mem_exhausted();
}

static void
ask_for_half_of_everything(void)
{
	struct arena a = { 0 };

	mem_on_exhausted(leave_with_51);
	arena_alloc(&a, SIZE_MAX - 1);
}

static void
reserve_half_of_everything(void)
{
	struct str s = { 0 };

	mem_on_exhausted(leave_with_51);
	str_reserve(&s, SIZE_MAX - 1);
}

static void
say_and_leave(void)
{
	os_exit_saying(-1, "nobody hears it", 7);
}

static void
exhaustion_does_not_return(void **state)
{
	(void)state;
	assert_int_equal(exit_of(exhaust), 111);
	assert_int_equal(exit_of(exhaust_with_a_handler), 51);
	assert_int_equal(exit_of(ask_for_half_of_everything), 51);
	assert_int_equal(exit_of(reserve_half_of_everything), 51);
	assert_int_equal(exit_of(say_and_leave), 7);
}

static void
nothing_is_something(void **state)
{
	char *mem = mem_alloc(0);
	unsigned char *zeroed = mem_alloc_zeroed(4, 2);

	(void)state;
	assert_non_null(mem);
	mem = mem_resize(mem, 10);
	mem_free(mem_resize(mem, 0));
	mem_free(NULL);
	assert_int_equal(zeroed[0] | zeroed[7], 0);
	mem_free(zeroed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_aligned_and_apart),
		cmocka_unit_test(copies_end_in_nul),
		cmocka_unit_test(pages_are_zeroed_and_go),
		cmocka_unit_test(exhaustion_does_not_return),
		cmocka_unit_test(nothing_is_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
