/* signed_digits.h: scalars of GROUP in windows of c bits.  Parameters: GROUP, SCALAR (the scalar field's name).
 *
 * Digits are signed, in [-2^(c-1), 2^(c-1)), and come without carries from s + K, K = sum over the W windows of
 * 2^(cw + c-1): digit_w = ((s + K) >> cw mod 2^c) - 2^(c-1).  With cW >= bits(r) + 2 and c >= 2,
 * s + K < 2^(cW-2) + 2^(cW-1)*4/3 < 2^(cW), so the top digit does not overflow.  [BDLO12] section 4 has the idea with carries.
 */
#ifndef BIASED_LIMBS
#define BIASED_LIMBS (ZKR_JOIN(SCALAR, LIMBS) + 1) /* cW may exceed the limbs of the scalar */
#endif

ZKR_INLINE size_t GR(num_windows)(unsigned window) { return (ZKR_JOIN(SCALAR, NUM_BITS) + 2 + window - 1) / window; }

/* K of the file comment. */
ZKR_FUNCTION void GR(signed_digit_bias)(uint64_t *bias, unsigned window, size_t num_windows)
{
    memset(bias, 0, BIASED_LIMBS * sizeof *bias);
    for (size_t w = 0; w < num_windows; w++) {
        size_t bit = w * window + window - 1;
        bias[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

/* biased = scalar + K; 1 when the scalar is not zero. */
ZKR_INLINE int GR(bias_scalar)(uint64_t *biased, const uint8_t *scalar, const uint64_t *bias)
{
    uint64_t widened[BIASED_LIMBS] = {0}, any = 0;
    memcpy(widened, scalar, sizeof(SCALAR));
    for (size_t i = 0; i < BIASED_LIMBS; i++) any |= widened[i];
    zkr_limbs_add(biased, widened, bias, BIASED_LIMBS);
    return any != 0;
}

/* Digit w, in [-2^(c-1), 2^(c-1)). */
ZKR_INLINE int32_t GR(signed_digit)(const uint64_t *biased, unsigned window, size_t w)
{
    size_t bit = w * window, word = bit / 64, shift = bit % 64;
    uint64_t bits = biased[word] >> shift;
    if (shift + window > 64 && word + 1 < BIASED_LIMBS) bits |= biased[word + 1] << (64 - shift);
    return (int32_t)(bits & ((UINT64_C(1) << window) - 1)) - (int32_t)(1u << (window - 1));
}

