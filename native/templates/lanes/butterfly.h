/* lanes/butterfly.h: the butterflies of the transforms on columns of eight, and how far their values may grow.
 * Parameter: FIELD, after lanes/known.h.
 *
 * split takes a polynomial modulo X^2m - w^2 to the ones modulo X^m - w and X^m + w: (a, b) <- (a + w*b, a - w*b) [CT65].
 * join is its transpose: (a, b) <- (a + b, w*(a - b)) [GS66].  w is the same for a whole block.
 *
 * Values in memory are loose: a number is carried only before it is multiplied.  With K = KNOWN, the bound of a product:
 *   split4   below (2 + 3K)*p -> below max(8, 2 + 2K)*p; only the first quarter is reduced, and nothing grows with depth
 *   split2   below (2 + 2K)*p -> below (2 + 3K)*p
 *   join4, join2   below 2K*p -> below 2K*p; the largest sum is 8K*p
 * The least ROOM52 that this takes is 8K + 4 (84 for K = 10, 20 for K = 2).  Limbs stay below 2^58 in absolute value.
 */
#define K52 FE(KNOWN)
_Static_assert(FE(ROOM52) >= 8 * FE(KNOWN) + 4, "the sums of join4 fit");

/* a <- below 2p: x8_reduce without the last carry, so that a's limbs stay below 2^54 in absolute value. */
ZKR_INLINE void FE(x8_settle)(FE(x8) *a)
{
    enum { TOP = FE(LIMBS52) - 1 };
    const __m512i zero = _mm512_setzero_si512();
    __m512i product[TOP + 1];
    FE(x8_carry)(a, a);
    __m512i q = _mm512_madd52hi_epu64(zero, a->limb[TOP], _mm512_set1_epi64((long long)FE(ROOM52)));
    ZKR_UNROLL
    for (int i = 0; i <= TOP; i++) product[i] = zero;
    ZKR_UNROLL
    for (int i = 0; i <= TOP; i++) {
        __m512i p = _mm512_set1_epi64((long long)FE(modulus52)[i]);
        product[i] = _mm512_madd52lo_epu64(product[i], q, p);
        if (i < TOP) product[i + 1] = _mm512_madd52hi_epu64(product[i + 1], q, p);
    }
    ZKR_UNROLL
    for (int i = 0; i <= TOP; i++) a->limb[i] = _mm512_sub_epi64(a->limb[i], product[i]);
}

/* out = w*a, a loose. */
ZKR_INLINE void FE(x8_mul_loose)(FE(x8) *out, const FE(x8) *a, const FE(known_x8) *w)
{
    FE(x8) tight;
    FE(x8_carry)(&tight, a);
    FE(x8_mul_known)(out, &tight, w);
}

/* a - b + k*p, loose. */
ZKR_INLINE void FE(x8_sub_above)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b, int k)
{
    FE(x8_sub_loose)(out, a, b);
    FE(x8_add_multiple_loose)(out, out, k);
}

/* (a + w*b, a - w*b) */
ZKR_INLINE void FE(x8_split)(FE(x8) *a, FE(x8) *b, const FE(known_x8) *w)
{
    FE(x8) product;
    FE(x8_mul_loose)(&product, b, w);
    FE(x8_sub_above)(b, a, &product, K52);
    FE(x8_add_loose)(a, a, &product);
}

/* (a + b, w*(a - b)); a and b below k*p. */
ZKR_INLINE void FE(x8_join)(FE(x8) *a, FE(x8) *b, const FE(known_x8) *w, int k)
{
    FE(x8) difference;
    FE(x8_sub_above)(&difference, a, b, k);
    FE(x8_add_loose)(a, a, b);
    FE(x8_mul_loose)(b, &difference, w);
}

/* Two levels: w for the first, left and right for the halves. */
ZKR_INLINE void FE(x8_split4)(FE(x8) *x0, FE(x8) *x1, FE(x8) *x2, FE(x8) *x3, const FE(known_x8) *w, const FE(known_x8) *left,
                              const FE(known_x8) *right)
{
    FE(x8_settle)(x0); /* below 2p; x1 below 2 + 3K */
    FE(x8_split)(x0, x2, w); /* below 2 + K */
    FE(x8_split)(x1, x3, w); /* below 2 + 4K <= 42 */
    FE(x8_split)(x0, x1, left);
    FE(x8_split)(x2, x3, right); /* all below 2 + 2K */
}

ZKR_INLINE void FE(x8_join4)(FE(x8) *x0, FE(x8) *x1, FE(x8) *x2, FE(x8) *x3, const FE(known_x8) *w, const FE(known_x8) *left,
                             const FE(known_x8) *right)
{
    FE(x8_join)(x0, x1, left, 2 * K52);  /* x0 below 4K, x1 below K */
    FE(x8_join)(x2, x3, right, 2 * K52);
    FE(x8_join)(x0, x2, w, 4 * K52);     /* x0 below 8K, x2 below K */
    FE(x8_join)(x1, x3, w, K52);         /* x1 below 2K, x3 below K */
    FE(x8_settle)(x0);
}

/* Block 0, where w = left = 1 and right is a square root of -1. */
ZKR_INLINE void FE(x8_split4_first)(FE(x8) *x0, FE(x8) *x1, FE(x8) *x2, FE(x8) *x3, const FE(known_x8) *right)
{
    FE(x8) sum, other;
    FE(x8_settle)(x0);
    FE(x8_settle)(x1);
    FE(x8_settle)(x2);
    FE(x8_settle)(x3);
    FE(x8_add_loose)(&sum, x0, x2); /* below 4p */
    FE(x8_add_loose)(&other, x1, x3);
    FE(x8_sub_above)(x2, x0, x2, 2); /* below 4p */
    FE(x8_sub_above)(x3, x1, x3, 2);
    FE(x8_add_loose)(x0, &sum, &other); /* below 8p */
    FE(x8_sub_above)(x1, &sum, &other, 4);
    FE(x8_split)(x2, x3, right); /* below 4 + K */
}

ZKR_INLINE void FE(x8_join4_first)(FE(x8) *x0, FE(x8) *x1, FE(x8) *x2, FE(x8) *x3, const FE(known_x8) *right)
{
    FE(x8) sum, difference;
    FE(x8_join)(x2, x3, right, 2 * K52); /* x2 below 4K, x3 below K */
    FE(x8_add_loose)(&sum, x0, x1);
    FE(x8_sub_above)(&difference, x0, x1, 2 * K52); /* both below 4K */
    FE(x8_add_loose)(x0, &sum, x2);
    FE(x8_sub_above)(x2, &sum, x2, 4 * K52); /* below 8K */
    FE(x8_add_loose)(x1, &difference, x3);
    FE(x8_sub_above)(x3, &difference, x3, K52); /* below 5K */
    FE(x8_settle)(x0);
    FE(x8_settle)(x1);
    FE(x8_settle)(x2);
    FE(x8_settle)(x3);
}

#undef K52
