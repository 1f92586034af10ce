/* lanes/fp12_vector.h: one element of FIELD12 in a vector, a coefficient a lane.  Parameters: FIELD, FIELD2, FIELD6, FIELD12; after
 * lanes/fp12.h and the Frobenius coefficients.
 *
 * Lane k < 6 of an x8 of FIELD2 is the coefficient of w^k, w^6 = xi; lanes 6 and 7 hold nothing of use.  Where a scalar kernel makes 54
 * products for one in FIELD12, six vectors of products in FIELD2 do; what is left between them is moving lanes.
 * Elements are tight and at most 3p; in sums of six products S = 6*(3*3) of lanes/fp12.h.
 */
#define N52 FE(LIMBS52)

typedef E2(x8) E12(vector);

ZKR_FUNCTION void E12(vector_enter)(E12(vector) *out, const FIELD12 *a)
{
    FIELD2 by_power[8] = {a->c0.c0, a->c1.c0, a->c0.c1, a->c1.c1, a->c0.c2, a->c1.c2};
    E2(x8_load)(out, by_power);
    E2(x8_from_scalar)(out, out);
}

ZKR_FUNCTION void E12(vector_leave)(FIELD12 *out, const E12(vector) *a)
{
    FIELD2 by_power[8];
    E12(vector) t;
    E2(x8_to_scalar)(&t, a);
    E2(x8_store)(by_power, &t);
    out->c0.c0 = by_power[0];
    out->c1.c0 = by_power[1];
    out->c0.c1 = by_power[2];
    out->c1.c1 = by_power[3];
    out->c0.c2 = by_power[4];
    out->c1.c2 = by_power[5];
}

/* t += (lane `lane` of a)*(b times w^power): lane k takes coefficient k - power of b, and of xi*b where that is negative. */
ZKR_INLINE void FE(x8_turned_columns)(__m512i *t, const FE(x8) *a, int lane, const FE(x8) *b, const FE(x8) *xi_b, int power)
{
    const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    /* indices of permutex2var: below 8 from b, the others from xi_b */
    const __m512i shifted = _mm512_sub_epi64(lanes, _mm512_set1_epi64(power));
    const __m512i index = _mm512_mask_add_epi64(shifted, _mm512_movepi64_mask(shifted), shifted, _mm512_set1_epi64(8 + 6));
    FE(x8) turned;
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) turned.limb[i] = _mm512_permutex2var_epi64(b->limb[i], index, xi_b->limb[i]);
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        __m512i digit = _mm512_set1_epi64(((const long long *)&a->limb[i])[lane]);
        ZKR_UNROLL
        for (int j = 0; j < N52; j++) {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], digit, turned.limb[j]);
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], digit, turned.limb[j]);
        }
    }
}

ZKR_FUNCTION void E12(vector_mul)(E12(vector) *out, const E12(vector) *a, const E12(vector) *b)
{
    E12(vector) t;
    E2(x8_factor) left, right, turned;
    E2(x8_sum) sum;
    E2(x8_factor_of)(&left, a);
    E2(x8_factor_of)(&right, b);
    E2(x8_mul_by_xi)(&t, b);
    E2(x8_factor_of)(&turned, &t);
    E2(x8_sum_clear)(&sum);
    for (int i = 0; i < 6; i++) FE(x8_turned_columns)(sum.real, &left.c0, i, &right.c0, &turned.c0, i);
    for (int i = 0; i < 6; i++) FE(x8_turned_columns)(sum.imaginary, &left.c1, i, &right.c1, &turned.c1, i);
    for (int i = 0; i < 6; i++) FE(x8_turned_columns)(sum.cross, &left.sum, i, &right.sum, &turned.sum, i);
    E2(x8_sum_reduce)(out, &sum);
}

/* a^(p^6): odd powers of w change their sign. */
ZKR_INLINE void E12(vector_conjugate)(E12(vector) *out, const E12(vector) *a)
{
    E2(x8) zero, negated;
    E2(x8_set_zero)(&zero);
    E2(x8_sub)(&negated, &zero, a, 3);
    E2(x8_select)(out, 0x2a, &negated, a);
}

/* a^(p^power) for power 1, 2, 3 (fp12.h). */
ZKR_FUNCTION void E12(vector_frobenius)(E12(vector) *out, const E12(vector) *a, int power)
{
    const FIELD2 *factor = power == 1 ? CU(frobenius1) : power == 2 ? CU(frobenius2) : CU(frobenius3);
    FIELD2 factors[8];
    E2(x8) t, f;
    memset(factors, 0, sizeof factors);
    memcpy(factors, factor, 6 * sizeof *factor);
    E2(x8_load)(&f, factors);
    E2(x8_from_scalar)(&f, &f);
    t = *a;
    if (power % 2) E2(x8_conjugate)(&t, a, 3);
    E2(x8_mul)(out, &t, &f);
}

ZKR_INLINE void FE(x8_permute)(FE(x8) *out, __mmask8 mask, const FE(x8) *a, __m512i index)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = _mm512_maskz_permutexvar_epi64(mask, index, a->limb[i]);
}

ZKR_INLINE void E2(x8_permute)(E2(x8) *out, __mmask8 mask, const E2(x8) *a, __m512i index)
{
    FE(x8_permute)(&out->c0, mask, &a->c0, index);
    FE(x8_permute)(&out->c1, mask, &a->c1, index);
}

/* Lane by lane from s = (x + y)*(x + xi*y) and m = x*y of three squares (x + y*z)^2, z^2 = xi, and the element a: 3*t - 2*a in
 * the even lanes and 3*t + 2*a in the odd ones, with t as below.  Loose; above -21p and below 24p. */
ZKR_INLINE void FE(x8_triple_combine)(FE(x8) *out, const FE(x8) *s_or_2m, const FE(x8) *m, const FE(x8) *xi_m, const FE(x8) *a)
{
    const __mmask8 even = 0x15, odd = 0x2a, one = 0x02;
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        __m512i t = s_or_2m->limb[i], twice_a = _mm512_add_epi64(a->limb[i], a->limb[i]);
        t = _mm512_mask_sub_epi64(t, even, t, _mm512_add_epi64(m->limb[i], xi_m->limb[i]));
        t = _mm512_mask_mov_epi64(t, one, xi_m->limb[i]);
        t = _mm512_mask_add_epi64(t, odd, t, t);
        t = _mm512_add_epi64(t, _mm512_add_epi64(t, t));
        t = _mm512_mask_sub_epi64(t, even, t, twice_a);
        out->limb[i] = _mm512_mask_add_epi64(t, odd, t, twice_a);
    }
}

/* a^2 for a of order dividing p^4 - p^2 + 1 ([GS10] section 3.2).  With z = w^3 the pairs (c[k], c[k+3]) are elements x + y*z of
 * FIELD4 and their squares are (s - m - xi*m) + 2*m*z: s of the three pairs in lanes 0, 1, 2 of one product, m in lanes 3, 4, 5.  The
 * real parts go to the powers 0, 2, 4, the others to 3, 5 and, times xi, to 1. */
ZKR_FUNCTION void E12(vector_cyclotomic_sqr)(E12(vector) *out, const E12(vector) *a)
{
    const __m512i half_turn = _mm512_setr_epi64(3, 4, 5, 0, 1, 2, 6, 7);
    const __m512i s_and_m = _mm512_setr_epi64(0, 0, 1, 3, 2, 4, 6, 7), to_even = _mm512_setr_epi64(3, 5, 4, 0, 5, 0, 6, 7);
    E2(x8) y, xi_y, left, right, product, xi_product, s, m, xi_m, t;
    E2(x8_permute)(&y, 0xff, a, half_turn);
    E2(x8_mul_by_xi)(&xi_y, &y);
    E2(x8_add)(&left, a, &y);
    E2(x8_add)(&right, a, &xi_y);
    E2(x8_select)(&left, 0x07, &left, a);  /* 6 */
    E2(x8_select)(&right, 0x07, &right, &y); /* 5 */
    E2(x8_mul)(&product, &left, &right);    /* 3 */
    E2(x8_mul_by_xi)(&xi_product, &product);
    E2(x8_permute)(&s, 0x3d, &product, s_and_m);
    E2(x8_permute)(&m, 0x15, &product, to_even);
    E2(x8_permute)(&xi_m, 0x17, &xi_product, to_even);
    FE(x8_triple_combine)(&t.c0, &s.c0, &m.c0, &xi_m.c0, &a->c0);
    FE(x8_triple_combine)(&t.c1, &s.c1, &m.c1, &xi_m.c1, &a->c1);
    E2(x8_add_multiple_loose)(&t, &t, 12);
    E2(x8_add_multiple_loose)(&t, &t, 12);
    E2(x8_carry)(&t, &t);
    E2(x8_reduce)(out, &t);
}
#undef N52
