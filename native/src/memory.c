/* memory.c: see memory.h. */
#define _DEFAULT_SOURCE /* madvise */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { LINE = 64, LARGE_PAGE = 1 << 21 };

void *zkr_take_memory(size_t size)
{
    size_t alignment = size < 2 * (size_t)LARGE_PAGE ? LINE : LARGE_PAGE;
    if (size > SIZE_MAX - alignment) return NULL;
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    void *memory = aligned_alloc(alignment, rounded ? rounded : alignment);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (memory != NULL && alignment == LARGE_PAGE) (void)madvise(memory, rounded, MADV_HUGEPAGE); /* advice: may be refused */
#endif
    return memory;
}
