/* glv.h: a scalar k as k1 + k2*lambda mod r with |k1|, |k2| < 2^PART_BITS.  Parameters: GROUP, COORD, FIELD, SCALAR.
 *
 * lambda is the eigenvalue of the endomorphism (x, y) -> (beta*x, y) of GROUP; the constants, and the proof of the bound, are
 * those of params/glv.py.  Reference: [GLV01].
 */

/* parts[0] = k1, parts[1] = k2 as two's complement of PART_WORDS words. */
ZKR_INLINE void GR(split_scalar)(uint64_t parts[GR(PARTS)][GR(PART_WORDS)], const uint64_t *k)
{
    enum { LIMBS = ZKR_JOIN(SCALAR, LIMBS), WIDTH = GR(GLV_WORDS), WORDS = GR(PART_WORDS) };
    uint64_t c[2][WORDS];
    for (int row = 0; row < 2; row++) { /* c = floor(k*multiplier/2^(64*LIMBS) + 1/2) */
        uint64_t product[LIMBS + WIDTH] = {0};
        product[LIMBS - 1] = UINT64_C(1) << 63;
        ZKR_UNROLL
        for (int i = 0; i < WIDTH; i++) {
            zkr_u128 carry = 0;
            ZKR_UNROLL
            for (int j = 0; j < LIMBS; j++) {
                carry += (zkr_u128)k[j] * GR(glv_multiplier)[row][i] + product[i + j];
                product[i + j] = (uint64_t)carry;
                carry >>= 64;
            }
            product[i + LIMBS] = (uint64_t)carry;
        }
        for (int i = 0; i < WORDS; i++) c[row][i] = i < WIDTH ? product[LIMBS + i] : 0;
    }
    for (int i = 0; i < WORDS; i++) {
        parts[0][i] = i < LIMBS ? k[i] : 0;
        parts[1][i] = 0;
    }
    for (int row = 0; row < 2; row++) { /* modulo 2^(64*WORDS) */
        ZKR_UNROLL
        for (int i = 0; i < WORDS; i++) {
            zkr_u128 carry1 = 0, carry2 = 0;
            ZKR_UNROLL
            for (int j = 0; i + j < WORDS; j++) {
                carry1 += (zkr_u128)c[row][i] * GR(glv_k1)[row][j] + parts[0][i + j];
                parts[0][i + j] = (uint64_t)carry1;
                carry1 >>= 64;
                carry2 += (zkr_u128)c[row][i] * GR(glv_k2)[row][j] + parts[1][i + j];
                parts[1][i + j] = (uint64_t)carry2;
                carry2 >>= 64;
            }
        }
    }
}

/* The image of p under the endomorphism; infinity stays infinity. */
ZKR_INLINE void GR(endomorphism)(GR(affine) *p)
{
    FIELD beta, *x = (FIELD *)&p->x; /* the coefficients of a coordinate */
    memcpy(&beta, GR(glv_beta), sizeof beta);
    for (size_t i = 0; i < sizeof p->x / sizeof *x; i++) FE(mul)(&x[i], &x[i], &beta);
}
