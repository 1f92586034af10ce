/* lanes/matrix.h: a vector of 2^log_size elements as a matrix of columns of eight, and its transform in two sweeps.
 * Parameter: FIELD, after lanes/network.h and lanes/twiddles.h.
 *
 * A row holds up to 2^LOG_ROW consecutive elements.  The top levels of the network combine whole rows: they run down strips,
 * one column wide, that fit the cache; the others stay inside a row.  So memory is read and written twice, whatever the
 * size, as in the six-step method of [Bai90] without its transpositions.  Rows are one column longer than their content:
 * a power of two as pitch would put a strip into few sets of the cache.
 */
typedef struct {
    uint32_t log_rows, log_row; /* log_row counts columns */
    size_t pitch;
} FE(x8_shape);

ZKR_INLINE FE(x8_shape) FE(x8_shape_of)(uint32_t log_size)
{
    uint32_t log_rows = log_size > FE(LOG_ROW) ? log_size - FE(LOG_ROW) : 0, log_row = log_size - log_rows - 3;
    return (FE(x8_shape)){log_rows, log_row, ((size_t)1 << log_row) + (log_rows > 0)};
}

/* Room for `count` vectors, NULL without memory. */
ZKR_INLINE FE(x8) *FE(x8_take)(const FE(x8_shape) *shape, size_t count)
{
    return zkr_take_memory(count * (shape->pitch << shape->log_rows) * sizeof(FE(x8)));
}

/* Sum of a tight a*b and c*d, reduced once: below (alpha*beta + gamma*delta)/ROOM52 + 1. */
ZKR_INLINE void FE(x8_mul_add)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b, const FE(x8) *c, const FE(x8) *d)
{
    __m512i t[2 * FE(LIMBS52)];
    ZKR_UNROLL
    for (int i = 0; i < 2 * FE(LIMBS52); i++) t[i] = _mm512_setzero_si512();
    FE(x8_mul_columns)(t, a, b);
    FE(x8_mul_columns)(t, c, d);
    FE(x8_mont_reduce)(out, t);
}
