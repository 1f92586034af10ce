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

/* Every test program runs under the kernel that ZKRELAY_KERNEL names, if it names one: ctest runs it once for each. */
__attribute__((constructor)) static void choose_kernel(void)
{
    const char *name = getenv("ZKRELAY_KERNEL");
    if (name == NULL || zkr_kernel_select(name) == ZKR_OK) return;
    exit(skip(name));
}

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

/* A random canonical element: 253 bits are below every modulus. */
static inline void random_element(uint8_t *out32)
{
    uint64_t words[4];
    for (int i = 0; i < 4; i++) words[i] = random_word();
    words[3] >>= 11;
    memcpy(out32, words, sizeof words);
}

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
