/* portable.c: the kernel in C11 with 128-bit integers, for every CPU. */
static int is_supported(void) { return 1; }

#define KERNEL portable
#include "../templates/kernel_body.h"
