/* lanes/network.h: the networks of butterflies over a block of columns, and inside a group of eight.  Parameter: FIELD.
 *
 * split_levels takes natural order to bit-reversed order, block after block of ever smaller halves; join_levels goes back.
 * All columns of a block share one factor: block b of any level splits by zeta_b = omega_{2m}^rev(b), b < m, whatever the
 * size, since bit i of b contributes a root of order 2^(i+2).  So one table serves all levels and both directions, and the
 * large strides at the top, the expensive ones for the memory, need but a few factors.
 *
 * Below eight elements the lanes of a column are different blocks: a group of eight columns is transposed, lane l of column
 * r becoming element 8l + r, and each level has a factor a lane.
 */
enum { FE(GROUP_FACTORS) = 7 }; /* for blocks of 8: 1; of 4: left, right; of 2: four */

/* The rows of a matrix of 8x8, limb by limb. */
ZKR_INLINE void FE(x8_transpose8)(FE(x8) *x)
{
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    ZKR_UNROLL
    for (int i = 0; i < FE(LIMBS52); i++) {
        __m512i pairs[8], quads[8];
        ZKR_UNROLL
        for (int r = 0; r < 8; r += 2) { /* 2x2 blocks */
            pairs[r] = _mm512_unpacklo_epi64(x[r].limb[i], x[r + 1].limb[i]);
            pairs[r + 1] = _mm512_unpackhi_epi64(x[r].limb[i], x[r + 1].limb[i]);
        }
        ZKR_UNROLL
        for (int r = 0; r < 8; r++) { /* 4x4 */
            if (r & 2) continue;
            quads[r] = _mm512_permutex2var_epi64(pairs[r], low, pairs[r + 2]);
            quads[r + 2] = _mm512_permutex2var_epi64(pairs[r], high, pairs[r + 2]);
        }
        ZKR_UNROLL
        for (int r = 0; r < 4; r++) {
            x[r].limb[i] = _mm512_shuffle_i64x2(quads[r], quads[r + 4], 0x44);
            x[r + 4].limb[i] = _mm512_shuffle_i64x2(quads[r], quads[r + 4], 0xee);
        }
    }
}

/* Butterflies down two or four columns, `quarter` or `half` apart.  The columns are copied first: pointers that may alias would
 * keep every sum from the registers. */
#define COLUMNS4(kind)                                                                                                 \
    ZKR_FUNCTION void FE(x8_##kind##4_columns)(FE(x8) *x, size_t quarter, size_t pitch, const FE(known) *twiddles,     \
                                               size_t block)                                                           \
    {                                                                                                                  \
        FE(known_x8) w, left, right;                                                                                   \
        size_t step = quarter * pitch;                                                                                 \
        FE(known_broadcast)(&w, &twiddles[block]);                                                                     \
        FE(known_broadcast)(&left, &twiddles[2 * block]);                                                              \
        FE(known_broadcast)(&right, &twiddles[2 * block + 1]);                                                         \
        for (size_t j = 0; j < quarter; j++, x += pitch) {                                                             \
            FE(x8) x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step];                                        \
            if (block == 0) {                                                                                          \
                FE(x8_##kind##4_first)(&x0, &x1, &x2, &x3, &right);                                                    \
            } else {                                                                                                   \
                FE(x8_##kind##4)(&x0, &x1, &x2, &x3, &w, &left, &right);                                               \
            }                                                                                                          \
            x[0] = x0;                                                                                                 \
            x[step] = x1;                                                                                              \
            x[2 * step] = x2;                                                                                          \
            x[3 * step] = x3;                                                                                          \
        }                                                                                                              \
    }
COLUMNS4(split)
COLUMNS4(join)
#undef COLUMNS4

ZKR_FUNCTION void FE(x8_split2_columns)(FE(x8) *x, size_t half, size_t pitch, const FE(known) *twiddles, size_t block)
{
    FE(known_x8) w;
    FE(known_broadcast)(&w, &twiddles[block]);
    for (size_t j = 0; j < half; j++, x += pitch) {
        FE(x8) x0 = x[0], x1 = x[half * pitch];
        FE(x8_split)(&x0, &x1, &w);
        x[0] = x0;
        x[half * pitch] = x1;
    }
}

ZKR_FUNCTION void FE(x8_join2_columns)(FE(x8) *x, size_t half, size_t pitch, const FE(known) *twiddles, size_t block)
{
    FE(known_x8) w;
    FE(known_broadcast)(&w, &twiddles[block]);
    for (size_t j = 0; j < half; j++, x += pitch) {
        FE(x8) x0 = x[0], x1 = x[half * pitch];
        FE(x8_join)(&x0, &x1, &w, 2 * FE(KNOWN));
        FE(x8_settle)(&x0);
        x[0] = x0;
        x[half * pitch] = x1;
    }
}

/* `log` levels of block number `block`: 2^log columns, `pitch` apart. */
ZKR_FUNCTION void FE(x8_split_levels)(FE(x8) *x, uint32_t log, size_t pitch, const FE(known) *twiddles, size_t block)
{
    for (uint32_t done = 0; done < log;) {
        size_t blocks = (size_t)1 << done, size = ((size_t)1 << (log - done)) * pitch;
        int is_single = done == 0 && log % 2;
        for (size_t i = 0; i < blocks; i++) {
            if (is_single) {
                FE(x8_split2_columns)(x + i * size, (size_t)1 << (log - 1), pitch, twiddles, block);
            } else {
                FE(x8_split4_columns)(x + i * size, (size_t)1 << (log - done - 2), pitch, twiddles, block * blocks + i);
            }
        }
        done += is_single ? 1 : 2;
    }
}

ZKR_FUNCTION void FE(x8_join_levels)(FE(x8) *x, uint32_t log, size_t pitch, const FE(known) *twiddles, size_t block)
{
    for (uint32_t left = log; left > 0;) {
        int is_single = left == 1;
        left -= is_single ? 1 : 2;
        size_t blocks = (size_t)1 << left, size = ((size_t)1 << (log - left)) * pitch;
        for (size_t i = 0; i < blocks; i++) {
            if (is_single) {
                FE(x8_join2_columns)(x, (size_t)1 << (log - 1), pitch, twiddles, block);
            } else {
                FE(x8_join4_columns)(x + i * size, (size_t)1 << (log - left - 2), pitch, twiddles, block * blocks + i);
            }
        }
    }
}

/* The last three levels, in natural columns; the group is left transposed.  Functions of their own: inlined into one loop, gcc 12
 * schedules the whole of it at once and spills; the rows of a quotient cost a quarter more (measured). */
ZKR_FUNCTION void FE(x8_split_group)(FE(x8) *x, const FE(known_x8) *w)
{
    FE(x8_transpose8)(x);
    for (int r = 0; r < 4; r++) FE(x8_split)(&x[r], &x[r + 4], &w[0]);
    FE(x8_split4)(&x[0], &x[1], &x[2], &x[3], &w[1], &w[3], &w[4]);
    FE(x8_split4)(&x[4], &x[5], &x[6], &x[7], &w[2], &w[5], &w[6]);
}

ZKR_FUNCTION void FE(x8_join_group)(FE(x8) *x, const FE(known_x8) *w)
{
    FE(x8_join4)(&x[0], &x[1], &x[2], &x[3], &w[1], &w[3], &w[4]);
    FE(x8_join4)(&x[4], &x[5], &x[6], &x[7], &w[2], &w[5], &w[6]);
    for (int r = 0; r < 4; r++) {
        FE(x8_join)(&x[r], &x[r + 4], &w[0], 2 * FE(KNOWN));
        FE(x8_settle)(&x[r]);
    }
    FE(x8_transpose8)(x);
}
