/* fp2_xi9.h: the product by xi = 9 + u in FIELD2, (9*a0 - a1) + (9*a1 + a0)*u, for a p between 12*2^250 and 12.1*2^250: small
 * multiples are summed in n + 1 limbs and reduced once. */
_Static_assert(FE(LIMBS) == 4 && FE(NUM_BITS) == 254, "the bits of a sum from 250 on are its quotient by p, almost");

/* t mod p for t < 64p.  With h = floor(t/2^250), q = floor(21*h/256) is at most t/p, as 21*p/2^250 < 256; and t/p - q < 2, as
 * t/p < (h + 1)/12.09 and h < 775, where (h + 1)/12.09 - 21*h/256 is below 1. */
ZKR_INLINE void E2(reduce_small)(FIELD *out, uint64_t *t)
{
    enum { LIMBS = FE(LIMBS) };
    uint64_t multiple[LIMBS + 1] = {0}, h = t[LIMBS - 1] >> 58 | t[LIMBS] << 6;
    zkr_limbs_add_row(multiple, FE(modulus), 21 * h >> 8, LIMBS);
    zkr_limbs_sub(t, t, multiple, LIMBS); /* below 2p: n limbs hold it */
    ZKR_REDUCE_ONCE(out->limb, t, FE(modulus), LIMBS);
}

/* 9*a + b < 10p for a < p and b <= p. */
ZKR_INLINE void E2(nine_times_plus)(FIELD *out, const FIELD *a, const FIELD *b)
{
    uint64_t t[FE(LIMBS) + 1] = {0};
    memcpy(t, b, sizeof *b);
    zkr_limbs_add_row(t, a->limb, 9, FE(LIMBS));
    E2(reduce_small)(out, t);
}

ZKR_INLINE void E2(mul_by_nonresidue)(FIELD2 *out, const FIELD2 *a)
{
    FIELD minus_a1, c0;
    E2(negate_base_lazily)(&minus_a1, &a->c1);
    E2(nine_times_plus)(&c0, &a->c0, &minus_a1);
    E2(nine_times_plus)(&out->c1, &a->c1, &a->c0);
    out->c0 = c0;
}

/* 3*(a + b) + 27*c + 2*(p - z) <= 35p, for a, c, z < p and b <= p. */
ZKR_INLINE void E2(triple_sum)(FIELD *out, const FIELD *a, const FIELD *b, const FIELD *c, const FIELD *z)
{
    uint64_t t[FE(LIMBS) + 1] = {0};
    FIELD sum, minus_z;
    E2(add_base_lazily)(&sum, a, b);
    E2(negate_base_lazily)(&minus_z, z);
    zkr_limbs_add_row(t, sum.limb, 3, FE(LIMBS));
    zkr_limbs_add_row(t, c->limb, 27, FE(LIMBS));
    zkr_limbs_add_row(t, minus_z.limb, 2, FE(LIMBS));
    E2(reduce_small)(out, t);
}

/* 3*(a + xi*b) - 2*z. */
ZKR_INLINE void E2(triple_twisted)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b, const FIELD2 *z)
{
    FIELD minus_b1, c0;
    E2(negate_base_lazily)(&minus_b1, &b->c1);
    E2(triple_sum)(&c0, &a->c0, &minus_b1, &b->c0, &z->c0);
    E2(triple_sum)(&out->c1, &a->c1, &b->c0, &b->c1, &z->c1);
    out->c0 = c0;
}
