/* lanes/inverse.h: eight inverses for one inversion.  Parameter: FIELD, after field.h and lanes/field.h.
 *
 * The lanes are multiplied together by three rotations ([Mon87] across the lanes); the product is inverted by the scalar
 * template.  Six products one after another and one inversion, about a microsecond.
 */
#define N52 FE(LIMBS52)

/* Lanes moved by 4, by 2 and by 1. */
ZKR_INLINE void FE(x8_rotate)(FE(x8) *out, const FE(x8) *a, int by)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        if (by == 4) out->limb[i] = _mm512_shuffle_i64x2(a->limb[i], a->limb[i], 0x4e);
        if (by == 2) out->limb[i] = _mm512_shuffle_i64x2(a->limb[i], a->limb[i], 0xb1);
        if (by == 1) out->limb[i] = _mm512_permutex_epi64(a->limb[i], 0xb1);
    }
}

/* 1/a lane by lane, tight below 2p, for a tight below 4p; 0 and *out untouched when a lane is zero mod p. */
ZKR_FUNCTION int FE(x8_inverse_vartime)(FE(x8) *out, const FE(x8) *a)
{
    FE(x8) turned, pairs, fours, all, others;
    FIELD lanes[8], inverse;
    FE(x8_rotate)(&others, a, 4);
    FE(x8_mul)(&pairs, a, &others);
    FE(x8_rotate)(&turned, &pairs, 2);
    FE(x8_mul)(&fours, &pairs, &turned);
    FE(x8_mul)(&others, &others, &turned);
    FE(x8_rotate)(&turned, &fours, 1);
    FE(x8_mul_two)(&all, &fours, &turned, &others, &others, &turned); /* others: the product of the seven other lanes */
    FE(x8_to_scalar)(&all, &all);
    FE(x8_store)(lanes, &all);
    if (FE(is_zero)(&lanes[0])) return 0;
    FE(inverse_vartime)(&inverse, &lanes[0]);
    for (int k = 0; k < 8; k++) lanes[k] = inverse;
    FE(x8_load)(&all, lanes);
    FE(x8_from_scalar)(&all, &all);
    FE(x8_mul)(out, &all, &others);
    return 1;
}
#undef N52
