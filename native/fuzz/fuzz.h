/* fuzz.h: what the fuzz targets share: numbers and points out of the fuzzer's bytes, and every kernel held against the first.
 *
 * A target reads arguments that are hostile within the contract of zkrelay.h (lengths tell the truth about the buffers, as
 * the Python border sees to it; all else may be wrong), and calls run_on_all_kernels.  Found: crashes, by the sanitizers, reads
 * and writes out of buffers of just the right size; kernels that differ in status, result or *bad_index; outputs that a failed call
 * has touched.
 */
#ifndef ZKR_FUZZ_H
#define ZKR_FUZZ_H
#include "../src/kernel.h"
#include "../tests/bn254_points.h"

/* What is left of the fuzzer's bytes; behind their end there are zeros. */
typedef struct {
    const uint8_t *at;
    size_t left;
} feed;

static inline uint8_t feed_byte(feed *f)
{
    if (f->left == 0) return 0;
    f->left--;
    return *f->at++;
}

static inline uint64_t feed_number(feed *f, int num_bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < num_bytes; i++) value |= (uint64_t)feed_byte(f) << 8 * i;
    return value;
}

/* 0 <= value < bound <= 256; usually. */
static inline size_t feed_below(feed *f, size_t bound) { return feed_byte(f) % bound; }

static inline void feed_raw(feed *f, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) out[i] = feed_byte(f);
}

static inline void feed_element(feed *f, int field, uint8_t *out32)
{
    const zkr_field_table *table = zkr_current()->fields[field];
    uint64_t limbs[4] = {0}, low = feed_byte(f);
    switch (low & 7) {
    case 0: feed_raw(f, out32, 32); return; /* any 256 bits */
    case 1: memcpy(limbs, table->modulus, sizeof limbs); limbs[0] -= low >> 3; break; /* p, p - 1, .. */
    case 2: memcpy(limbs, table->modulus, sizeof limbs); limbs[0] += low >> 3; break; /* p, p + 1, .. */
    case 3: memset(limbs, 0xff, sizeof limbs); limbs[3] = table->modulus[3] - 1; break;
    case 4: feed_raw(f, out32, 32); out32[31] &= 0x1f; return; /* canonical */
    case 5: limbs[(low >> 3) & 3] = feed_number(f, 8); limbs[3] >>= 3; break;
    default: limbs[0] = low >> 3;
    }
    memcpy(out32, limbs, 32);
}

/* As many elements, in memory of just their size. */
static inline uint8_t *feed_elements(feed *f, int field, size_t n)
{
    uint8_t *elements = take(32 * n);
    for (size_t i = 0; i < n; i++) feed_element(f, field, elements + 32 * i);
    return elements;
}

enum { NUM_POOL = 12 }; /* infinity, P, 2P, 3P, 5P, .., -P, -2P, and some of no pattern */

static inline const uint8_t *pool(size_t index, size_t point_bytes)
{
    static uint8_t g1[NUM_POOL * G1_BYTES], g2[NUM_POOL * G2_BYTES];
    static int made = 0;
    if (!made) {
        uint8_t scalars[NUM_POOL * 32] = {0};
        const uint8_t small[] = {0, 1, 2, 3, 5, 8, 13};
        for (size_t i = 0; i < sizeof small; i++) scalars[32 * i] = small[i];
        random_elements(scalars + 32 * sizeof small, NUM_POOL - sizeof small);
        CHECK(zkr_g1_fixed_base_vartime(0, g1, G1_GENERATOR, scalars, NUM_POOL, 1, NULL) == ZKR_OK);
        CHECK(zkr_g2_fixed_base_vartime(0, g2, G2_GENERATOR, scalars, NUM_POOL, 1, NULL) == ZKR_OK);
        for (size_t i = 1; i < 3; i++) {
            memcpy(g1 + (6 + i) * G1_BYTES, g1 + i * G1_BYTES, G1_BYTES);
            memcpy(g2 + (6 + i) * G2_BYTES, g2 + i * G2_BYTES, G2_BYTES);
            negate_points(g1 + (6 + i) * G1_BYTES, 1, G1_BYTES);
            negate_points(g2 + (6 + i) * G2_BYTES, 1, G2_BYTES);
        }
        made = 1;
    }
    return point_bytes == G1_BYTES ? g1 + index % NUM_POOL * G1_BYTES : g2 + index % NUM_POOL * G2_BYTES;
}

/* n points of the subgroup. */
static inline uint8_t *feed_points(feed *f, size_t point_bytes, size_t n)
{
    uint8_t *points = take(point_bytes * n);
    for (size_t i = 0; i < n; i++) memcpy(points + i * point_bytes, pool(feed_byte(f), point_bytes), point_bytes);
    return points;
}

/* One call of the ABI with a buffer for its outputs and its *bad_index; gives the status. */
typedef int (*fuzz_call)(void *arguments, uint8_t *out, size_t *bad_index);

enum { UNTOUCHED = 0xa5 };
static const size_t NO_INDEX = (size_t)0x5a5a5a5a5a5a5a5a;

/* The call on every kernel that this machine runs: same status, same output, same *bad_index; no output unless ZKR_OK. */
static inline void run_on_all_kernels(fuzz_call call, void *arguments, size_t out_size)
{
    uint8_t *first = take(out_size), *out = take(out_size);
    int first_status = 1;
    size_t first_bad = NO_INDEX;
    for (int k = zkr_kernel_count() - 1; k >= 0; k--) { /* portable is the last of the list */
        size_t bad = NO_INDEX;
        if (!zkr_kernel_supported(k)) continue;
        CHECK(zkr_kernel_select(zkr_kernel_name(k)) == ZKR_OK);
        memset(out, UNTOUCHED, out_size);
        int status = call(arguments, out, &bad);
        CHECK(status <= ZKR_OK);
        if (status != ZKR_OK) {
            for (size_t i = 0; i < out_size; i++) CHECK(out[i] == UNTOUCHED);
        }
        if (first_status == 1) {
            first_status = status;
            first_bad = bad;
            memcpy(first, out, out_size);
        }
        CHECK(status == first_status && bad == first_bad && memcmp(first, out, out_size) == 0);
    }
    free(first);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#endif
