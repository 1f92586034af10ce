/* x86_ifma.c: the kernel for x86-64 with AVX-512 IFMA (Intel since Ice Lake, AMD since Zen 4): eight elements at a time in
 * 52-bit limbs (templates/lanes/), and the products of x86_adx where there is only one. */
static int is_supported(void)
{
    return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("adx") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vbmi");
}

#define ZKR_LANES 8
#define KERNEL x86_ifma
#include "../templates/kernel_body.h"
