/* limbs_wide.h: products of double width and their reduction, apart, for sums of many products.  Included by limbs.h. */

/* out (2n limbs) = a*b. */
ZKR_INLINE void zkr_limbs_mul_wide(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    uint64_t t[2 * ZKR_MAX_LIMBS] = {0};
    ZKR_UNROLL
    for (int i = 0; i < n; i++) zkr_limbs_add_row(t + i, a, b[i], n);
    ZKR_UNROLL
    for (int i = 0; i < 2 * n; i++) out[i] = t[i];
}

/* out = t*2^(-64n) mod p, in [0, p), for t (2n limbs) < 2^(64n)*p; t is overwritten.  The n Montgomery steps take the low half to
 * at most p, and the high half is below p.  No folds: their excess over 2p would need t smaller. */
ZKR_INLINE void zkr_limbs_mont_reduce(uint64_t *out, uint64_t *t, const uint64_t *reduction, int n)
{
    uint64_t low[ZKR_MAX_LIMBS + 1];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) low[i] = t[i];
    low[n] = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) zkr_limbs_mont_step(low, reduction, reduction[2 * n], n);
    ZKR_ACCUMULATE_ALL(low, t + n, n);
    ZKR_REDUCE_ONCE(out, low, reduction, n);
}
