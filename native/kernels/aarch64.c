/* aarch64.c: the kernel for 64-bit ARM; every such CPU has what it needs. */
#define ZKR_AARCH64
#define KERNEL aarch64
#define KERNEL_FEATURES NULL
#include "../templates/kernel_body.h"
