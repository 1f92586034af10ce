/* memory.h: working memory of the transforms and sums. */
#ifndef ZKR_MEMORY_H
#define ZKR_MEMORY_H
#include <stddef.h>

/* Memory at a multiple of 64 bytes, for free(); NULL without memory.  From 4 MiB on in large pages where the system has them:
 * 512 times fewer page faults, which cost more than the transform of what lies in them. */
void *zkr_take_memory(size_t size);
#endif
