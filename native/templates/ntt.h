/* ntt.h: number-theoretic transforms over FIELD, in place, 2^log_size elements.
 *
 * Reference: [CT65] and [GS66].  The decimation-in-frequency network takes natural order to bit-reversed order, the
 * decimation-in-time network the other way; together they need no permutation, alone one bit reversal.
 * twiddles[m + j] = omega_{2m}^j for m = 1, 2, 4, .., size/2 and j < m: every stage reads its factors in sequence.
 * The tables are made per call, size elements for each direction; nothing outlives the call.
 */
typedef struct {
    FIELD *values;
    const FIELD *twiddles;
    uint32_t log_size;
    uint32_t log_parts; /* the stages over more than size >> log_parts elements are split by butterflies, the others by block */
    uint32_t stage;
} FE(ntt_job);

/* omega_{2^log_size}, or its inverse. */
ZKR_FUNCTION void FE(ntt_root)(FIELD *out, uint32_t log_size, int inverse)
{
    memcpy(out, FE(root_of_unity), sizeof *out);
    for (uint32_t i = log_size; i < FE(TWO_ADICITY); i++) FE(sqr)(out, out);
    if (inverse) FE(inverse_vartime)(out, out);
}

ZKR_FUNCTION void FE(ntt_twiddles)(FIELD *twiddles, uint32_t log_size, int inverse)
{
    size_t half = ((size_t)1 << log_size) / 2;
    FIELD root;
    if (half == 0) return;
    FE(ntt_root)(&root, log_size, inverse);
    FE(set_one)(&twiddles[half]);
    for (size_t j = 1; j < half; j++) FE(mul)(&twiddles[half + j], &twiddles[half + j - 1], &root);
    for (size_t m = half / 2; m > 0; m /= 2) {
        for (size_t j = 0; j < m; j++) twiddles[m + j] = twiddles[2 * m + 2 * j];
    }
}

/* (a, b) <- (a + b, (a - b)*w) for butterflies [from, to) of the block at `values`. */
ZKR_INLINE void FE(ntt_dif_span)(FIELD *values, const FIELD *twiddles, size_t half, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++) {
        FIELD difference;
        FE(sub)(&difference, &values[j], &values[j + half]);
        FE(add)(&values[j], &values[j], &values[j + half]);
        FE(mul_inline)(&values[j + half], &difference, &twiddles[half + j]);
    }
}

/* (a, b) <- (a + w*b, a - w*b). */
ZKR_INLINE void FE(ntt_dit_span)(FIELD *values, const FIELD *twiddles, size_t half, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++) {
        FIELD product;
        FE(mul_inline)(&product, &values[j + half], &twiddles[half + j]);
        FE(sub)(&values[j + half], &values[j], &product);
        FE(add)(&values[j], &values[j], &product);
    }
}

/* All stages of one block of 2^log elements; large blocks recurse so that a block that fits a cache is finished there. */
ZKR_FUNCTION void FE(ntt_dif_block)(FIELD *values, const FIELD *twiddles, uint32_t log)
{
    if (log == 0) return;
    size_t half = (size_t)1 << (log - 1);
    FE(ntt_dif_span)(values, twiddles, half, 0, half);
    FE(ntt_dif_block)(values, twiddles, log - 1);
    FE(ntt_dif_block)(values + half, twiddles, log - 1);
}

ZKR_FUNCTION void FE(ntt_dit_block)(FIELD *values, const FIELD *twiddles, uint32_t log)
{
    if (log == 0) return;
    size_t half = (size_t)1 << (log - 1);
    FE(ntt_dit_block)(values, twiddles, log - 1);
    FE(ntt_dit_block)(values + half, twiddles, log - 1);
    FE(ntt_dit_span)(values, twiddles, half, 0, half);
}

/* Part `part` of 2^log_parts of the butterflies of stage `stage`, whose 2^stage blocks are cut evenly. */
#define NTT_STAGE_PART(kind)                                                                                           \
    static int FE(ntt_##kind##_stage_part)(void *context, size_t worker, size_t part)                                  \
    {                                                                                                                  \
        const FE(ntt_job) *job = context;                                                                              \
        (void)worker;                                                                                                  \
        size_t half = (size_t)1 << (job->log_size - 1 - job->stage);                                                   \
        uint32_t log_cuts = job->log_parts - job->stage;                                                               \
        size_t block = part >> log_cuts, cut = part & (((size_t)1 << log_cuts) - 1), step = half >> log_cuts;          \
        FE(ntt_##kind##_span)(job->values + 2 * half * block, job->twiddles, half, cut * step, (cut + 1) * step);      \
        return ZKR_OK;                                                                                                 \
    }                                                                                                                  \
    static int FE(ntt_##kind##_block_part)(void *context, size_t worker, size_t part)                                  \
    {                                                                                                                  \
        const FE(ntt_job) *job = context;                                                                              \
        (void)worker;                                                                                                  \
        uint32_t log = job->log_size - job->log_parts;                                                                 \
        FE(ntt_##kind##_block)(job->values + (part << log), job->twiddles, log);                                       \
        return ZKR_OK;                                                                                                 \
    }
NTT_STAGE_PART(dif)
NTT_STAGE_PART(dit)
#undef NTT_STAGE_PART

ZKR_FUNCTION uint32_t FE(ntt_log_parts)(uint32_t log_size, int threads)
{
    uint32_t log_parts = 0;
    if (threads == 1 || log_size < 12) return 0;
    while ((1 << log_parts) < 2 * threads && log_parts < log_size / 2) log_parts++;
    return log_parts;
}

/* Natural -> bit-reversed. */
ZKR_FUNCTION int FE(ntt_dif)(FIELD *values, const FIELD *twiddles, uint32_t log_size, int threads)
{
    FE(ntt_job) job = {values, twiddles, log_size, FE(ntt_log_parts)(log_size, threads), 0};
    int status = ZKR_OK;
    for (; job.stage < job.log_parts && status == ZKR_OK; job.stage++) {
        status = zkr_parallel(threads, (size_t)1 << job.log_parts, FE(ntt_dif_stage_part), &job, NULL);
    }
    if (status != ZKR_OK) return status;
    return zkr_parallel(threads, (size_t)1 << job.log_parts, FE(ntt_dif_block_part), &job, NULL);
}

/* Bit-reversed -> natural. */
ZKR_FUNCTION int FE(ntt_dit)(FIELD *values, const FIELD *twiddles, uint32_t log_size, int threads)
{
    FE(ntt_job) job = {values, twiddles, log_size, FE(ntt_log_parts)(log_size, threads), 0};
    int status = zkr_parallel(threads, (size_t)1 << job.log_parts, FE(ntt_dit_block_part), &job, NULL);
    for (job.stage = job.log_parts; job.stage > 0 && status == ZKR_OK;) {
        job.stage--;
        status = zkr_parallel(threads, (size_t)1 << job.log_parts, FE(ntt_dit_stage_part), &job, NULL);
    }
    return status;
}

ZKR_INLINE size_t FE(ntt_reversed)(size_t index, uint32_t log_size)
{
    size_t reversed = 0;
    for (uint32_t i = 0; i < log_size; i++) reversed |= (index >> i & 1) << (log_size - 1 - i);
    return reversed;
}

ZKR_FUNCTION void FE(ntt_permute)(FIELD *values, uint32_t log_size)
{
    size_t n = (size_t)1 << log_size, reversed = 0;
    for (size_t i = 0; i < n; i++) {
        if (i < reversed) {
            FIELD swapped = values[i];
            values[i] = values[reversed];
            values[reversed] = swapped;
        }
        reversed ^= n - (n >> 1 >> __builtin_ctzll(i + 1)); /* from i to i + 1 the trailing ones and the zero above them change */
    }
}

/* values[i] *= factor*ratio^i. */
ZKR_FUNCTION void FE(ntt_scale_geometric)(FIELD *values, size_t n, const FIELD *factor, const FIELD *ratio)
{
    FIELD power = *factor;
    for (size_t i = 0; i < n; i++) {
        FE(mul)(&values[i], &values[i], &power);
        FE(mul)(&power, &power, ratio);
    }
}

/* 1/2^log_size. */
ZKR_FUNCTION void FE(ntt_inverse_size)(FIELD *out, uint32_t log_size)
{
    FIELD size;
    FE(set_one)(&size);
    for (uint32_t i = 0; i < log_size; i++) FE(dbl)(&size, &size);
    FE(inverse_vartime)(out, &size);
}

ZKR_FUNCTION int FE(scalar_ntt)(uint8_t *inout, uint32_t log_size, int inverse, const uint8_t *shift32, int threads)
{
    size_t n = (size_t)1 << log_size;
    FIELD *values = zkr_take_memory(2 * n * sizeof *values), shift, one, factor;
    if (values == NULL) return ZKR_ERR_MEMORY;
    FIELD *twiddles = values + n;
    FE(set_one)(&one);
    if (shift32 != NULL) FE(load)(&shift, shift32);
    memcpy(values, inout, n * sizeof *values);
    FE(ntt_twiddles)(twiddles, log_size, inverse);
    if (shift32 != NULL && !inverse) FE(ntt_scale_geometric)(values, n, &one, &shift);
    int status = FE(ntt_dif)(values, twiddles, log_size, threads);
    if (status == ZKR_OK) {
        FE(ntt_permute)(values, log_size);
        if (inverse) {
            FE(ntt_inverse_size)(&factor, log_size);
            if (shift32 != NULL) {
                FE(inverse_vartime)(&shift, &shift);
            } else {
                shift = one;
            }
            FE(ntt_scale_geometric)(values, n, &factor, &shift);
        }
        memcpy(inout, values, n * sizeof *values);
    }
    free(values);
    return status;
}

#ifdef ZKR_LANES
#include "lanes/twiddles.h"
#include "lanes/matrix.h"
#include "lanes/ntt.h"
#else
ZKR_FUNCTION int FE(ntt)(uint8_t *inout, uint32_t log_size, int inverse, const uint8_t *shift32, int threads)
{
    return FE(scalar_ntt)(inout, log_size, inverse, shift32, threads);
}
#endif
