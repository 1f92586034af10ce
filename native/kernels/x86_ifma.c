/* x86_ifma.c: the kernel for x86-64 with AVX-512 IFMA (Intel since Ice Lake, AMD since Zen 4): eight elements at a time in
 * 52-bit limbs (templates/lanes/), and the products of x86_adx where there is only one. */
#define ZKR_LANES 8
#ifndef ZKR_WITHOUT_ADX /* an option of CMake, for tests in an emulator */
#define ZKR_ADX
#endif
#define KERNEL x86_ifma
#define KERNEL_FEATURES "bmi2", "adx", "avx512f", "avx512vl", "avx512dq", "avx512bw", "avx512ifma", "avx512vbmi", NULL
#include "../templates/kernel_body.h"
