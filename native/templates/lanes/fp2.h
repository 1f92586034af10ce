/* lanes/fp2.h: eight elements of FIELD2 = FIELD[u]/(u^2 + 1) side by side.  Parameters: FIELD, FIELD2; after lanes/field.h.
 *
 * Bounds are those of lanes/field.h and hold for both coefficients.  A product is three products of columns ([KO63]) and two
 * reductions: differences are taken between columns, which are signed, so only the values must not become negative.
 *
 *   mul     tight inputs below alpha*p and beta*p, alpha*beta <= ROOM52: c0 below (2 + alpha*beta/ROOM52)*p, hence below 3p,
 *           c1 below (1 + 2*alpha*beta/ROOM52)*p, hence below 3p
 *   sqr     tight input below alpha*p, alpha <= 4: c0 below (1 + 2*alpha*(alpha + 4)/ROOM52)*p and c1 below
 *           (1 + 2*alpha^2/ROOM52)*p, hence below 2p for ROOM52 >= 64
 */
#define N52 FE(LIMBS52)

#if FE(LIMBS52) > 5 /* as in lanes/field.h */
#define LANES_PRODUCT ZKR_FUNCTION
#else
#define LANES_PRODUCT ZKR_INLINE
#endif

typedef struct {
    FE(x8) c0, c1;
} E2(x8);

/* Products of FIELD2 before their reduction: sums of them are reduced once. */
typedef struct {
    __m512i c0[2 * N52], c1[2 * N52];
} E2(x8_wide);

ZKR_INLINE void E2(x8_set_zero)(E2(x8) *out)
{
    FE(x8_set_zero)(&out->c0);
    FE(x8_set_zero)(&out->c1);
}

ZKR_INLINE void E2(x8_add_loose)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b)
{
    FE(x8_add_loose)(&out->c0, &a->c0, &b->c0);
    FE(x8_add_loose)(&out->c1, &a->c1, &b->c1);
}

ZKR_INLINE void E2(x8_sub_loose)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b)
{
    FE(x8_sub_loose)(&out->c0, &a->c0, &b->c0);
    FE(x8_sub_loose)(&out->c1, &a->c1, &b->c1);
}

ZKR_INLINE void E2(x8_add_multiple_loose)(E2(x8) *out, const E2(x8) *a, int k)
{
    FE(x8_add_multiple_loose)(&out->c0, &a->c0, k);
    FE(x8_add_multiple_loose)(&out->c1, &a->c1, k);
}

ZKR_INLINE void E2(x8_carry)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8_carry)(&out->c0, &a->c0);
    FE(x8_carry)(&out->c1, &a->c1);
}

ZKR_INLINE void E2(x8_add)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b)
{
    FE(x8_add)(&out->c0, &a->c0, &b->c0);
    FE(x8_add)(&out->c1, &a->c1, &b->c1);
}

ZKR_INLINE void E2(x8_sub)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b, int k)
{
    FE(x8_sub)(&out->c0, &a->c0, &b->c0, k);
    FE(x8_sub)(&out->c1, &a->c1, &b->c1, k);
}

ZKR_INLINE void E2(x8_select)(E2(x8) *out, __mmask8 mask, const E2(x8) *a, const E2(x8) *b)
{
    FE(x8_select)(&out->c0, mask, &a->c0, &b->c0);
    FE(x8_select)(&out->c1, mask, &a->c1, &b->c1);
}

ZKR_INLINE void E2(x8_reduce)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8_reduce)(&out->c0, &a->c0);
    FE(x8_reduce)(&out->c1, &a->c1);
}

ZKR_INLINE void E2(x8_narrow)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8_narrow)(&out->c0, &a->c0);
    FE(x8_narrow)(&out->c1, &a->c1);
}

ZKR_INLINE void E2(x8_canonical)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8_canonical)(&out->c0, &a->c0);
    FE(x8_canonical)(&out->c1, &a->c1);
}

ZKR_INLINE __mmask8 E2(x8_is_zero)(const E2(x8) *a) { return FE(x8_is_zero)(&a->c0) & FE(x8_is_zero)(&a->c1); }

/* --- products --------------------------------------------------------------------------------------------------------- */
/* The columns of a*b.  As values c0 > -alpha*beta*p^2 (x8_wide_reduce adds RR*p) and c1 >= 0; columns below 2^59 in absolute
 * value, so that eight products can be summed. */
ZKR_INLINE void E2(x8_mul_wide)(E2(x8_wide) *out, const E2(x8) *a, const E2(x8) *b)
{
    __m512i imaginary[2 * N52];
    FE(x8) sum_a, sum_b;
    FE(x8_add)(&sum_a, &a->c0, &a->c1);
    FE(x8_add)(&sum_b, &b->c0, &b->c1);
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) out->c0[i] = out->c1[i] = imaginary[i] = _mm512_setzero_si512();
    FE(x8_mul_columns)(out->c0, &a->c0, &b->c0);
    FE(x8_mul_columns)(imaginary, &a->c1, &b->c1);
    FE(x8_mul_columns)(out->c1, &sum_a, &sum_b);
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) {
        out->c1[i] = _mm512_sub_epi64(out->c1[i], _mm512_add_epi64(out->c0[i], imaginary[i]));
        out->c0[i] = _mm512_sub_epi64(out->c0[i], imaginary[i]);
    }
}

ZKR_INLINE void E2(x8_wide_add)(E2(x8_wide) *out, const E2(x8_wide) *a, const E2(x8_wide) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) {
        out->c0[i] = _mm512_add_epi64(a->c0[i], b->c0[i]);
        out->c1[i] = _mm512_add_epi64(a->c1[i], b->c1[i]);
    }
}

ZKR_INLINE void E2(x8_wide_sub)(E2(x8_wide) *out, const E2(x8_wide) *a, const E2(x8_wide) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) {
        out->c0[i] = _mm512_sub_epi64(a->c0[i], b->c0[i]);
        out->c1[i] = _mm512_sub_epi64(a->c1[i], b->c1[i]);
    }
}

/* (t + RR*(k0 + k1*u)*p)/RR mod p for t with both values in [-k*RR*p, g*RR*p): below (g + k + 1)*p.  t is overwritten. */
ZKR_INLINE void E2(x8_wide_reduce_loose)(E2(x8) *out, E2(x8_wide) *t, int k0, int k1)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        long long p = (long long)FE(modulus52)[i];
        if (k0 != 0) t->c0[N52 + i] = _mm512_add_epi64(t->c0[N52 + i], _mm512_set1_epi64(k0 * p));
        if (k1 != 0) t->c1[N52 + i] = _mm512_add_epi64(t->c1[N52 + i], _mm512_set1_epi64(k1 * p));
    }
    FE(x8_mont_reduce_two_loose)(&out->c0, t->c0, &out->c1, t->c1);
}

ZKR_INLINE void E2(x8_wide_reduce)(E2(x8) *out, E2(x8_wide) *t, int k0, int k1)
{
    E2(x8) loose;
    E2(x8_wide_reduce_loose)(&loose, t, k0, k1);
    E2(x8_carry)(out, &loose);
}

LANES_PRODUCT void E2(x8_mul_loose)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b)
{
    E2(x8_wide) t;
    E2(x8_mul_wide)(&t, a, b);
    E2(x8_wide_reduce_loose)(out, &t, 1, 0);
}

ZKR_INLINE void E2(x8_mul)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b)
{
    E2(x8) loose;
    E2(x8_mul_loose)(&loose, a, b);
    E2(x8_carry)(out, &loose);
}

/* (a0 + a1)*(a0 - a1) + 2*a0*a1*u, for alpha <= 4: 4p are added to the difference. */
LANES_PRODUCT void E2(x8_sqr_loose)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8) sum, difference, twice;
    FE(x8_add)(&sum, &a->c0, &a->c1);
    FE(x8_sub)(&difference, &a->c0, &a->c1, 4);
    FE(x8_add)(&twice, &a->c1, &a->c1);
    FE(x8_mul_two_loose)(&out->c1, &a->c0, &twice, &out->c0, &sum, &difference);
}

ZKR_INLINE void E2(x8_sqr)(E2(x8) *out, const E2(x8) *a)
{
    E2(x8) loose;
    E2(x8_sqr_loose)(&loose, a);
    E2(x8_carry)(out, &loose);
}

/* The names that templates over either field use: a product here keeps the units busy by itself. */
LANES_PRODUCT void E2(x8_mul_two_loose)(E2(x8) *out0, const E2(x8) *a0, const E2(x8) *b0, E2(x8) *out1, const E2(x8) *a1,
                                     const E2(x8) *b1)
{
    E2(x8) first;
    E2(x8_mul_loose)(&first, a0, b0);
    E2(x8_mul_loose)(out1, a1, b1);
    *out0 = first;
}

ZKR_INLINE void E2(x8_mul_two)(E2(x8) *out0, const E2(x8) *a0, const E2(x8) *b0, E2(x8) *out1, const E2(x8) *a1, const E2(x8) *b1)
{
    E2(x8) first;
    E2(x8_mul)(&first, a0, b0);
    E2(x8_mul)(out1, a1, b1);
    *out0 = first;
}

LANES_PRODUCT void E2(x8_sqr_two_loose)(E2(x8) *out0, const E2(x8) *a0, E2(x8) *out1, const E2(x8) *a1)
{
    E2(x8) first;
    E2(x8_sqr_loose)(&first, a0);
    E2(x8_sqr_loose)(out1, a1);
    *out0 = first;
}

ZKR_INLINE void E2(x8_mul_by_base)(E2(x8) *out, const E2(x8) *a, const FE(x8) *b)
{
    FE(x8_mul_two)(&out->c0, &a->c0, b, &out->c1, &a->c1, b);
}

/* The Frobenius map a^p, tight: -c1 + k*p for c1 below k*p. */
ZKR_INLINE void E2(x8_conjugate)(E2(x8) *out, const E2(x8) *a, int k)
{
    FE(x8) zero;
    FE(x8_set_zero)(&zero);
    out->c0 = a->c0;
    FE(x8_sub)(&out->c1, &zero, &a->c1, k);
}

/* --- memory: elements c0, c1 of LIMBS words each, 64-bit words ----------------------------------------------------------- */
ZKR_INLINE void E2(x8_load)(E2(x8) *out, const FIELD2 *elements)
{
    FIELD part[2][8];
    for (int k = 0; k < 8; k++) {
        part[0][k] = elements[k].c0;
        part[1][k] = elements[k].c1;
    }
    FE(x8_load)(&out->c0, part[0]);
    FE(x8_load)(&out->c1, part[1]);
}

ZKR_INLINE void E2(x8_store)(FIELD2 *elements, const E2(x8) *a)
{
    FIELD part[2][8];
    FE(x8_store)(part[0], &a->c0);
    FE(x8_store)(part[1], &a->c1);
    for (int k = 0; k < 8; k++) {
        elements[k].c0 = part[0][k];
        elements[k].c1 = part[1][k];
    }
}

ZKR_INLINE void E2(x8_from_scalar)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8_from_scalar)(&out->c0, &a->c0);
    FE(x8_from_scalar)(&out->c1, &a->c1);
}

ZKR_INLINE void E2(x8_to_scalar)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8_to_scalar)(&out->c0, &a->c0);
    FE(x8_to_scalar)(&out->c1, &a->c1);
}

/* Eight elements, each at its own address + offset. */
ZKR_INLINE void E2(x8_gather)(E2(x8) *out, const uint8_t *const *addresses, size_t offset)
{
    FE(x8_gather)(&out->c0, addresses, offset);
    FE(x8_gather)(&out->c1, addresses, offset + sizeof(FIELD));
}

ZKR_INLINE void E2(x8_scatter)(uint8_t *const *addresses, size_t offset, const E2(x8) *a)
{
    FE(x8_scatter)(addresses, offset, &a->c0);
    FE(x8_scatter)(addresses, offset + sizeof(FIELD), &a->c1);
}

/* Lane-wise mask ? -a + k*p : a, loose. */
ZKR_INLINE void E2(x8_negate_where_loose)(E2(x8) *out, const E2(x8) *a, __mmask8 mask, int k)
{
    FE(x8_negate_where_loose)(&out->c0, &a->c0, mask, k);
    FE(x8_negate_where_loose)(&out->c1, &a->c1, mask, k);
}

ZKR_INLINE void E2(x8_set_one)(E2(x8) *out)
{
    FE(x8_set_one)(&out->c0);
    FE(x8_set_zero)(&out->c1);
}

/* 1/a = conjugate(a)/(a0^2 + a1^2) lane by lane, tight below 2p, for a tight below 4p; 0 when a lane is zero mod p. */
ZKR_FUNCTION int E2(x8_inverse_vartime)(E2(x8) *out, const E2(x8) *a)
{
    FE(x8) norm, squares[2];
    E2(x8) conjugate;
    FE(x8_sqr)(&squares[0], &a->c0);
    FE(x8_sqr)(&squares[1], &a->c1);
    FE(x8_add)(&norm, &squares[0], &squares[1]); /* below (2 + 2*16/ROOM52)*p */
    if (!FE(x8_inverse_vartime)(&norm, &norm)) return 0;
    E2(x8_conjugate)(&conjugate, a, 4);
    E2(x8_mul_by_base)(out, &conjugate, &norm);
    return 1;
}
#undef N52
#undef LANES_PRODUCT
