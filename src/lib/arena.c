#include "lib/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "lib/mem.h"

/* Most transactions are content with little: a large first block would be fresh pages for it. */
#ifdef SANITIZE
enum { FIRST_BLOCK = 1, BLOCK = 1 };
#else
enum { FIRST_BLOCK = 960, BLOCK = 4096 };
#endif

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

void *
arena_alloc(struct arena *a, size_t len)
{
	size_t size;
	void *mem;

	if (len > SIZE_MAX / 2)
		mem_exhausted();
	len = (len + alignof(max_align_t) - 1) / alignof(max_align_t) *
	    alignof(max_align_t);
	if (!a->blocks || a->blocks->size - a->used < len) {
		struct arena_block *block;

		size = a->blocks ? BLOCK : FIRST_BLOCK;
		if (size < len)
			size = len;
		block = mem_alloc(sizeof *block + size);
		block->size = size;
		block->next = a->blocks;
		a->blocks = block;
		a->used = 0;
	}
	mem = a->blocks->bytes + a->used;
	a->used += len;
	return mem;
}

struct view
arena_copy(struct arena *a, struct view v)
{
	char *copy = arena_alloc(a, v.len + 1);

	if (v.len)
		memcpy(copy, v.at, v.len);
	copy[v.len] = '\0';
	return (struct view) { copy, v.len };
}

static void
free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		mem_free(block);
		block = next;
	}
}

void
arena_reset(struct arena *a)
{
	if (!a->blocks)
		return;
#ifdef SANITIZE
	arena_free(a);
#else
	free_blocks(a->blocks->next);
	a->blocks->next = NULL;
	a->used = 0;
#endif
}

void
arena_free(struct arena *a)
{
	free_blocks(a->blocks);
	*a = (struct arena) { 0 };
}
