/* fuzz.h: what the fuzz targets share: numbers out of the fuzzer's bytes, and every kernel held against the first.
 *
 * A target reads arguments that are hostile within the contract of zkrelay.h (lengths tell the truth about the buffers, as
 * the Python border sees to it; all else may be wrong), and calls run_on_all_kernels.  Found: crashes, by the sanitizers, reads
 * and writes out of buffers of just the right size; kernels that differ in status, result or *bad_index; outputs that a failed call
 * has touched.
 */
#ifndef ZKR_FUZZ_H
#define ZKR_FUZZ_H
#include "../src/kernel.h"
#include "../tests/check.h"

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

static inline int feed_field(feed *f) { return (int)feed_below(f, ZKR_NUM_FIELDS); }

/* Of element_bytes(field). */
static inline void feed_element(feed *f, int field, uint8_t *out)
{
    const zkr_field_table *table = zkr_field_of(zkr_current(), field);
    uint64_t limbs[MOST_ELEMENT_BYTES / 8] = {0}, low = feed_byte(f);
    size_t last = (size_t)table->limbs - 1, size = 8 * (last + 1);
    switch (low & 7) {
    case 0: feed_raw(f, out, size); return; /* any bits */
    case 1: memcpy(limbs, table->modulus, size); limbs[0] -= low >> 3; break; /* p, p - 1, .. */
    case 2: memcpy(limbs, table->modulus, size); limbs[0] += low >> 3; break; /* p, p + 1, .. */
    case 3: memset(limbs, 0xff, size); limbs[last] = table->modulus[last] - 1; break;
    case 4: feed_raw(f, out, size); out[size - 1] &= 0x0f; return; /* canonical */
    case 5: limbs[(low >> 3) % (last + 1)] = feed_number(f, 8); limbs[last] >>= 4; break;
    default: limbs[0] = low >> 3;
    }
    memcpy(out, limbs, size);
}

/* As many elements, in memory of just their size. */
static inline uint8_t *feed_elements(feed *f, int field, size_t n)
{
    size_t size = element_bytes(field);
    uint8_t *elements = take(size * n);
    for (size_t i = 0; i < n; i++) feed_element(f, field, elements + size * i);
    return elements;
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
