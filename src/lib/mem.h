/* mem - an allocator that does not return without memory: it calls the handler instead. */
#ifndef LIB_MEM_H
#define LIB_MEM_H

#include <stddef.h>

/* What to do when there is no memory: set once by main (smtpd says 421, queue exits 51).  The
 * handler must not return and must not allocate.  Without one the process exits 111. */
void mem_on_exhausted(void (*handler)(void));

void *mem_alloc(size_t len); /* never NULL; not zeroed; len 0 is allowed */
void *mem_alloc_zeroed(size_t count, size_t size); /* the product is checked */
void *mem_resize(void *old, size_t len);           /* as realloc */
void mem_free(void *mem);                          /* NULL is allowed */

/* From now on mem_free() does nothing: the end of the process frees all, for less. */
void mem_process_ends(void);

/* For buffers that are larger than what is mostly used of them: pages of their own, zeroed, of which
 * those that are never touched cost nothing. */
void *mem_pages(size_t len);
void mem_pages_free(void *mem, size_t len);

/* Call the handler: for a library that reports its own exhaustion. */
_Noreturn void mem_exhausted(void);

#endif
