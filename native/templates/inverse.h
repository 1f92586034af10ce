/* inverse.h: inversion in FIELD by division steps, not constant time.  Included by field.h.
 *
 * Reference: [BY19] Bernstein and Yang, "Fast constant-time gcd computation and modular inversion", here with a jump over
 * runs of zero bits.  f and g are signed integers in radix 2^62, x = sum x[i]*2^(62i), limbs below the top in [0, 2^62).
 * A batch of 62 division steps depends on the low 62 bits of f and g only and is a matrix (u v; q r) with
 * |u|+|v| <= 2^62 and |q|+|r| <= 2^62.  Invariant: d*a = f and e*a = g mod p.  Each batch adds at most p/2 to max(|d|,|e|),
 * and 62*20 steps suffice for 384-bit numbers ([BY19] theorem 11.2), so |d| < 11p fits with room to spare.
 */
#define LIMBS62 FE(LIMBS62)
#define MASK62 ((UINT64_C(1) << 62) - 1)

typedef struct {
    int64_t limb[LIMBS62];
} FE(signed62);

typedef struct {
    int64_t u, v, q, r;
} FE(divstep_matrix);

ZKR_INLINE void FE(to_signed62)(FE(signed62) *out, const FIELD *a)
{
    ZKR_UNROLL
    for (int i = 0; i < LIMBS62; i++) {
        int bit = 62 * i, word = bit / 64, shift = bit % 64;
        uint64_t low = a->limb[word] >> shift;
        if (shift > 2 && word + 1 < FE(LIMBS)) low |= a->limb[word + 1] << (64 - shift);
        out->limb[i] = (int64_t)(low & MASK62);
    }
}

/* For 0 <= a < 2^(64*LIMBS). */
ZKR_INLINE void FE(from_signed62)(FIELD *out, const FE(signed62) *a)
{
    ZKR_UNROLL
    for (int i = 0; i < FE(LIMBS); i++) {
        int bit = 64 * i, word = bit / 62, shift = bit % 62;
        uint64_t low = (uint64_t)a->limb[word] >> shift;
        if (word + 1 < LIMBS62) low |= (uint64_t)a->limb[word + 1] << (62 - shift);
        out->limb[i] = low;
    }
}

/* 62 division steps on the low bits f (odd) and g; delta_negated is -delta of the paper. */
ZKR_INLINE int64_t FE(divsteps62)(FE(divstep_matrix) *matrix, int64_t delta_negated, uint64_t f, uint64_t g)
{
    uint64_t u = 1, v = 0, q = 0, r = 1;
    int left = 62;
    for (;;) {
        int zeros = __builtin_ctzll(g | (UINT64_MAX << left)); /* steps that only halve g */
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        delta_negated -= zeros;
        left -= zeros;
        if (left == 0) break;
        if (delta_negated < 0) { /* g is odd and delta > 0: swap with a sign */
            uint64_t t;
            delta_negated = -delta_negated;
            t = f, f = g, g = 0 - t;
            t = u, u = q, q = 0 - t;
            t = v, v = r, r = 0 - t;
        }
        /* f stays for delta_negated + 1 steps: clear up to 6 low bits of g at once by w = -g/f mod 2^bits,
         * where 1/f = f*(2 - f^2) mod 2^6 for odd f. */
        int64_t bits = delta_negated + 1 < left ? delta_negated + 1 : left;
        uint64_t w = (g * f * (f * f - 2)) & ((UINT64_C(1) << (bits < 6 ? bits : 6)) - 1);
        g += f * w;
        q += u * w;
        r += v * w;
    }
    matrix->u = (int64_t)u;
    matrix->v = (int64_t)v;
    matrix->q = (int64_t)q;
    matrix->r = (int64_t)r;
    return delta_negated;
}

/* (f, g) <- matrix*(f, g) / 2^62, exactly. */
ZKR_INLINE void FE(update_fg)(FE(signed62) *f, FE(signed62) *g, const FE(divstep_matrix) *m)
{
    zkr_i128 cf = (zkr_i128)m->u * f->limb[0] + (zkr_i128)m->v * g->limb[0];
    zkr_i128 cg = (zkr_i128)m->q * f->limb[0] + (zkr_i128)m->r * g->limb[0];
    ZKR_UNROLL
    for (int i = 1; i < LIMBS62; i++) {
        cf = (cf >> 62) + (zkr_i128)m->u * f->limb[i] + (zkr_i128)m->v * g->limb[i];
        cg = (cg >> 62) + (zkr_i128)m->q * f->limb[i] + (zkr_i128)m->r * g->limb[i];
        f->limb[i - 1] = (int64_t)((uint64_t)cf & MASK62);
        g->limb[i - 1] = (int64_t)((uint64_t)cg & MASK62);
    }
    f->limb[LIMBS62 - 1] = (int64_t)(cf >> 62);
    g->limb[LIMBS62 - 1] = (int64_t)(cg >> 62);
}

/* One row of (d, e) <- matrix*(d, e) / 2^62 mod p: adds k*p, |k| <= 2^61, so that the division is exact. */
ZKR_INLINE void FE(update_row)(FE(signed62) *out, int64_t x, int64_t y, const FE(signed62) *d, const FE(signed62) *e)
{
    zkr_i128 sum = (zkr_i128)x * d->limb[0] + (zkr_i128)y * e->limb[0];
    uint64_t k_low = (0 - (uint64_t)sum * FE(INVERSE62)) & MASK62;
    int64_t k = (int64_t)k_low - (int64_t)((k_low >> 61) << 62);
    sum += (zkr_i128)k * FE(modulus62)[0];
    ZKR_UNROLL
    for (int i = 1; i < LIMBS62; i++) {
        sum = (sum >> 62) + (zkr_i128)x * d->limb[i] + (zkr_i128)y * e->limb[i] + (zkr_i128)k * FE(modulus62)[i];
        out->limb[i - 1] = (int64_t)((uint64_t)sum & MASK62);
    }
    out->limb[LIMBS62 - 1] = (int64_t)(sum >> 62);
}

/* a <- a + sign*p. */
ZKR_INLINE void FE(add_multiple62)(FE(signed62) *a, int64_t sign)
{
    int64_t carry = 0;
    for (int i = 0; i < LIMBS62; i++) {
        int64_t sum = a->limb[i] + sign * FE(modulus62)[i] + carry;
        carry = sum >> 62;
        a->limb[i] = i < LIMBS62 - 1 ? (int64_t)((uint64_t)sum & MASK62) : sum;
    }
}

/* out = a^-1, 0 for 0.  About 20 products' time. */
ZKR_FUNCTION void FE(inverse_vartime)(FIELD *out, const FIELD *a)
{
    FE(signed62) f, g, d = {{0}}, e = {{1}};
    memcpy(f.limb, FE(modulus62), sizeof f.limb);
    FE(to_signed62)(&g, a);
    int64_t delta_negated = -1, any = 0;
    for (int i = 0; i < LIMBS62; i++) any |= g.limb[i];
    while (any) {
        FE(divstep_matrix) m;
        FE(signed62) new_d, new_e;
        /* 62 steps read 62 bits; f's and g's low limbs hold exactly those. */
        delta_negated = FE(divsteps62)(&m, delta_negated, (uint64_t)f.limb[0], (uint64_t)g.limb[0]);
        FE(update_row)(&new_d, m.u, m.v, &d, &e);
        FE(update_row)(&new_e, m.q, m.r, &d, &e);
        d = new_d;
        e = new_e;
        FE(update_fg)(&f, &g, &m);
        any = 0;
        for (int i = 0; i < LIMBS62; i++) any |= g.limb[i];
    }
    if (f.limb[LIMBS62 - 1] < 0) { /* f = -1: the inverse is -d */
        int64_t carry = 0;
        for (int i = 0; i < LIMBS62; i++) {
            int64_t negated = carry - d.limb[i];
            carry = negated >> 62;
            d.limb[i] = i < LIMBS62 - 1 ? (int64_t)((uint64_t)negated & MASK62) : negated;
        }
    }
    while (d.limb[LIMBS62 - 1] < 0) FE(add_multiple62)(&d, 1);
    FE(signed62) reduced = d;
    for (FE(add_multiple62)(&reduced, -1); reduced.limb[LIMBS62 - 1] >= 0; FE(add_multiple62)(&reduced, -1)) d = reduced;
    /* a = x*R gave x^-1*R^-1; times R^3 in Montgomery form that is x^-1*R. */
    FIELD inverse, radix3;
    FE(from_signed62)(&inverse, &d);
    memcpy(&radix3, FE(radix3), sizeof radix3);
    FE(mul)(out, &inverse, &radix3);
}
#undef LIMBS62
#undef MASK62
