/* fp2_xi9.h: the product by xi = 9 + u in FIELD2: (9*a0 - a1) + (9*a1 + a0)*u, for a p between 12*2^250 and 12.1*2^250. */

/* 9*a + b for a < p and b <= p, reduced once instead of five times.  t < 10p has n + 1 limbs; with h = floor(t/2^250),
 * q = floor(21*h/256) is at most t/p, as 21*p/2^250 < 256, and above t/p - 2, as t/p < (h + 1)/12 and h <= 120. */
ZKR_INLINE void E2(nine_times_plus)(FIELD *out, const FIELD *a, const FIELD *b)
{
    enum { LIMBS = FE(LIMBS) };
    uint64_t t[LIMBS + 1] = {0}, multiple[LIMBS + 1] = {0};
    memcpy(t, b, sizeof *b);
    zkr_limbs_add_row(t, a->limb, 9, LIMBS);
    uint64_t h = t[LIMBS - 1] >> 58 | t[LIMBS] << 6;
    zkr_limbs_add_row(multiple, FE(modulus), 21 * h >> 8, LIMBS);
    zkr_limbs_sub(t, t, multiple, LIMBS); /* below 2p: n limbs hold it */
    ZKR_REDUCE_ONCE(out->limb, t, FE(modulus), LIMBS);
}

ZKR_INLINE void E2(mul_by_nonresidue)(FIELD2 *out, const FIELD2 *a)
{
    _Static_assert(FE(LIMBS) == 4 && FE(NUM_BITS) == 254, "the bits of t from 250 on are its quotient by p, almost");
    FIELD minus_a1, c0;
    E2(negate_base_lazily)(&minus_a1, &a->c1);
    E2(nine_times_plus)(&c0, &a->c0, &minus_a1);
    E2(nine_times_plus)(&out->c1, &a->c1, &a->c0);
    out->c0 = c0;
}
