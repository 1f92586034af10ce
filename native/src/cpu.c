/* cpu.c: CPU features by name; x86-64 only, as no kernel for another CPU needs more than what all of its kind have. */
#include "cpu.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* Leaf 7, EBX bit 19; asked here, as clang 14 does not know the name. */
static int has_adx(void)
{
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx >> 19 & 1);
}

#define ANSWER(name) \
    if (strcmp(feature, name) == 0) return __builtin_cpu_supports(name) != 0

int zkr_cpu_has(const char *feature)
{
    __builtin_cpu_init();
    if (strcmp(feature, "adx") == 0) return has_adx();
    ANSWER("bmi2");
    ANSWER("avx2");
    ANSWER("avx512f");
    ANSWER("avx512vl");
    ANSWER("avx512dq");
    ANSWER("avx512bw");
    ANSWER("avx512ifma");
    ANSWER("avx512vbmi");
    return 0;
}
#else
int zkr_cpu_has(const char *feature)
{
    (void)feature;
    return 0;
}
#endif

int zkr_cpu_emulates(const char *feature)
{
#ifdef ZKR_EMULATE_AVX512 /* by AVX2: emulation/avx512.h */
    return zkr_cpu_has("avx2") && strncmp(feature, "avx512", strlen("avx512")) == 0;
#else
    (void)feature;
    return 0;
#endif
}
