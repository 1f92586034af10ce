/* check.h: what the C tests share: a check that tells where it failed, repeatable random bytes, edge values of a field. */
#ifndef ZKR_CHECK_H
#define ZKR_CHECK_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkrelay.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                    \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* For ctest: this machine cannot run the test. */
enum { SKIPPED = 77 };

static inline int skip(const char *why)
{
    printf("skipped: %s\n", why);
    return SKIPPED;
}

/* Whether this machine runs the kernel, emulated or not. */
static inline int runs_kernel(const char *name)
{
    for (int i = 0; i < zkr_kernel_count(); i++) {
        if (strcmp(zkr_kernel_name(i), name) == 0) return zkr_kernel_supported(i);
    }
    return 0;
}

#ifndef __AVX512IFMA__ /* what is compiled for these instructions runs after main has asked for them (lanes_main.c) */
/* Every test program runs under the kernel that ZKRELAY_KERNEL names, if it names one: ctest runs it once for each. */
__attribute__((constructor)) static void choose_kernel(void)
{
    const char *name = getenv("ZKRELAY_KERNEL");
    if (name == NULL || zkr_kernel_select(name) == ZKR_OK) return;
    exit(skip(name));
}
#endif

static uint64_t random_state = 0x9e3779b97f4a7c15u;

/* xorshift64*: the same sequence in every run. */
static inline uint64_t random_word(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1du;
}

/* Memory of exactly this size, so that a sanitizer sees one byte too many. */
static inline void *take(size_t size)
{
    void *memory = malloc(size ? size : 1);
    CHECK(memory != NULL);
    return memory;
}

/* Bytes of an element of field number `field`. */
static inline size_t element_bytes(int field) { return field == ZKR_BLS12_381_FP ? 48 : 32; }
enum { MOST_ELEMENT_BYTES = 48 };

/* A random canonical element of `size` bytes: 253 bits are below every 32-byte modulus, 380 below that of 48. */
static inline void random_sized(uint8_t *out, size_t size)
{
    uint64_t words[MOST_ELEMENT_BYTES / 8];
    for (size_t i = 0; i < size / 8; i++) words[i] = random_word();
    words[size / 8 - 1] >>= 11;
    memcpy(out, words, size);
}

static inline void random_element(uint8_t *out32) { random_sized(out32, 32); }

static inline void random_elements(uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) random_element(out + 32 * i);
}

static inline void small_element(uint8_t *out32, uint64_t value)
{
    memset(out32, 0, 32);
    memcpy(out32, &value, sizeof value);
}
#endif
