#include "lib/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/os.h"

/* The one process-wide hook of the suite: written once, by main, before anything allocates. */
static void (*exhausted_handler)(void);

void
mem_on_exhausted(void (*handler)(void))
{
	exhausted_handler = handler;
}

/* Set by main alone, when nothing but freeing is left to be done. */
static bool ending;

void
mem_process_ends(void)
{
#ifndef SANITIZE /* who looks for leaks wants to see them freed */
	ending = true;
#endif
}

void
mem_exhausted(void)
{
	if (exhausted_handler)
		exhausted_handler();
	_exit(111);
}

void *
mem_alloc(size_t len)
{
	void *mem = malloc(len ? len : 1);

	if (!mem)
		mem_exhausted();
	return mem;
}

void *
mem_alloc_zeroed(size_t count, size_t size)
{
	void *mem = calloc(count ? count : 1, size ? size : 1);

	if (!mem)
		mem_exhausted();
	return mem;
}

void *
mem_resize(void *old, size_t len)
{
	void *mem = realloc(old, len ? len : 1);

	if (!mem)
		mem_exhausted();
	return mem;
}

void
mem_free(void *mem)
{
	if (!ending)
		free(mem);
}

void *
mem_pages(size_t len)
{
#ifdef SANITIZE
	return mem_alloc_zeroed(1, len);
#else
	void *mem = os_pages(len);

	if (!mem)
		mem_exhausted();
	return mem;
#endif
}

void
mem_pages_free(void *mem, size_t len)
{
#ifdef SANITIZE
	(void)len;
	mem_free(mem);
#else
	if (!ending)
		os_pages_free(mem, len);
#endif
}
