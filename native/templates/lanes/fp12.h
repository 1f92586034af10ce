/* lanes/fp12.h: eight elements of FIELD12 side by side, as far as a Miller loop needs them.  Parameters: FIELD, FIELD2, FIELD6,
 * FIELD12; after lanes/fp2.h.
 *
 * An element is sum c[i]*w^i with w^6 = xi = 9 + u; c[i + 2j] is the coefficient of v^j*w^i in the tower of fp12.h.  Every output is a
 * sum of products in FIELD2 with one reduction ([AKLGL11] section 5.2): its columns hold three products, below 2^57, and with the
 * sum of the products' bounds alpha*beta at most S <= ROOM52 it comes out below (2 + S/ROOM52)*p and (1 + 2*S/ROOM52)*p, so below 3p.
 */
#define N52 FE(LIMBS52)

typedef struct {
    E2(x8) c[6]; /* tight, below 3p */
} E12(x8);

/* A factor and the sum of its coefficients, tight. */
typedef struct {
    FE(x8) c0, c1, sum;
} E2(x8_factor);

typedef struct {
    __m512i real[2 * N52], imaginary[2 * N52], cross[2 * N52]; /* a0*b0, a1*b1, (a0 + a1)*(b0 + b1) */
} E2(x8_sum);

/* The same element in every lane, in the lanes' form. */
ZKR_INLINE void FE(x8_set)(FE(x8) *out, const FIELD *value)
{
    FIELD copies[8];
    for (int k = 0; k < 8; k++) copies[k] = *value;
    FE(x8_load)(out, copies);
    FE(x8_from_scalar)(out, out);
}

ZKR_INLINE void E2(x8_factor_of)(E2(x8_factor) *out, const E2(x8) *a)
{
    out->c0 = a->c0;
    out->c1 = a->c1;
    FE(x8_add)(&out->sum, &a->c0, &a->c1);
}

ZKR_INLINE void E2(x8_sum_clear)(E2(x8_sum) *t)
{
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) t->real[i] = t->imaginary[i] = t->cross[i] = _mm512_setzero_si512();
}

/* t <- t + a*b. */
ZKR_INLINE void E2(x8_sum_add)(E2(x8_sum) *t, const E2(x8_factor) *a, const E2(x8_factor) *b)
{
    FE(x8_mul_columns)(t->real, &a->c0, &b->c0);
    FE(x8_mul_columns)(t->imaginary, &a->c1, &b->c1);
    FE(x8_mul_columns)(t->cross, &a->sum, &b->sum);
}

ZKR_INLINE void E2(x8_sum_reduce)(E2(x8) *out, const E2(x8_sum) *t)
{
    E2(x8_wide) wide;
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) {
        wide.c0[i] = _mm512_sub_epi64(t->real[i], t->imaginary[i]);
        wide.c1[i] = _mm512_sub_epi64(t->cross[i], _mm512_add_epi64(t->real[i], t->imaginary[i]));
    }
    E2(x8_wide_reduce)(out, &wide, 1, 0);
}

/* xi*a = (9*a0 - a1) + (9*a1 + a0)*u, below 2p, for a below 6p. */
ZKR_INLINE void E2(x8_mul_by_xi)(E2(x8) *out, const E2(x8) *a)
{
    E2(x8) t;
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        __m512i c0 = a->c0.limb[i], c1 = a->c1.limb[i];
        t.c0.limb[i] = _mm512_sub_epi64(_mm512_add_epi64(_mm512_slli_epi64(c0, 3), c0), c1);
        t.c1.limb[i] = _mm512_add_epi64(_mm512_add_epi64(_mm512_slli_epi64(c1, 3), c1), c0);
    }
    FE(x8_add_multiple_loose)(&t.c0, &t.c0, 6);
    E2(x8_carry)(&t, &t);
    E2(x8_reduce)(out, &t);
}

/* f <- f*(l0 + l3*w + l4*w^3) in the lanes of the mask, for l0, l3 below 2p and l4 below 6p: S = 3*(2 + 2 + 6). */
ZKR_FUNCTION void E12(x8_mul_by_line)(E12(x8) *f, const E2(x8) *l0, const E2(x8) *l3, const E2(x8) *l4, __mmask8 mask)
{
    E2(x8_factor) factor[6], line[3], turned[3]; /* turned: times xi, as w^6 = xi */
    E2(x8) t;
    for (int k = 0; k < 6; k++) E2(x8_factor_of)(&factor[k], &f->c[k]);
    E2(x8_factor_of)(&line[0], l0);
    E2(x8_factor_of)(&line[1], l3);
    E2(x8_factor_of)(&line[2], l4);
    E2(x8_mul_by_xi)(&t, l3);
    E2(x8_factor_of)(&turned[1], &t);
    E2(x8_mul_by_xi)(&t, l4);
    E2(x8_factor_of)(&turned[2], &t);
    for (int k = 0; k < 6; k++) {
        E2(x8_sum) sum;
        E2(x8_sum_clear)(&sum);
        E2(x8_sum_add)(&sum, &factor[k], &line[0]);
        E2(x8_sum_add)(&sum, &factor[(k + 5) % 6], k >= 1 ? &line[1] : &turned[1]);
        E2(x8_sum_add)(&sum, &factor[(k + 3) % 6], k >= 3 ? &line[2] : &turned[2]);
        E2(x8_sum_reduce)(&t, &sum);
        E2(x8_select)(&f->c[k], mask, &t, &f->c[k]);
    }
}

/* f <- f^2.  c[k] = sum of f[i]*f[j] over i + j = k, and of f[i]*xi*f[j] over i + j = k + 6; pairs i < j count twice.  S is
 * largest for k = 5, with three doubled products: 3*(3*6). */
ZKR_FUNCTION void E12(x8_sqr)(E12(x8) *f)
{
    E2(x8_factor) factor[6], twice[6], turned[6], twice_turned[6];
    for (int k = 0; k < 6; k++) {
        E2(x8) t, d;
        E2(x8_factor_of)(&factor[k], &f->c[k]);
        E2(x8_add)(&d, &f->c[k], &f->c[k]);
        E2(x8_factor_of)(&twice[k], &d);
        E2(x8_mul_by_xi)(&t, &f->c[k]);
        E2(x8_factor_of)(&turned[k], &t);
        E2(x8_add)(&d, &t, &t);
        E2(x8_factor_of)(&twice_turned[k], &d);
    }
    for (int k = 0; k < 6; k++) {
        E2(x8_sum) sum;
        E2(x8_sum_clear)(&sum);
        for (int i = 0; i < 6; i++) {
            int j = (k + 6 - i) % 6, turn = i + j >= 6;
            if (i > j) continue;
            E2(x8_sum_add)(&sum, &factor[i], i == j ? (turn ? &turned[j] : &factor[j]) : (turn ? &twice_turned[j] : &twice[j]));
        }
        E2(x8_sum_reduce)(&f->c[k], &sum);
    }
}

ZKR_FUNCTION void E12(x8_set_one)(E12(x8) *f)
{
    FIELD one;
    memset(f, 0, sizeof *f);
    FE(set_one)(&one);
    FE(x8_set)(&f->c[0].c0, &one);
}

/* To the scalar tower. */
ZKR_FUNCTION void E12(x8_leave)(FIELD12 *out, const E12(x8) *f)
{
    for (int i = 0; i < 6; i++) {
        FIELD2 values[8];
        E2(x8) t;
        E2(x8_to_scalar)(&t, &f->c[i]);
        E2(x8_store)(values, &t);
        for (int k = 0; k < 8; k++) {
            FIELD6 *half = i % 2 ? &out[k].c1 : &out[k].c0;
            FIELD2 *place = i / 2 == 0 ? &half->c0 : i / 2 == 1 ? &half->c1 : &half->c2;
            *place = values[k];
        }
    }
}
#undef N52
