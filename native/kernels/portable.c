/* portable.c: the kernel in C11 with 128-bit integers, for every CPU. */
#define KERNEL portable
#define KERNEL_FEATURES NULL
#include "../templates/kernel_body.h"
