/* cpu.h: what the CPU at hand can do. */
#ifndef ZKR_CPU_H
#define ZKR_CPU_H

/* Whether this CPU (and its operating system, for wide registers) has the feature, by the name that compilers give it. */
int zkr_cpu_has(const char *feature);

/* Whether this build does the feature's instructions in C: never but in a build for tests (ZKR_EMULATE_AVX512). */
int zkr_cpu_emulates(const char *feature);
#endif
