/* bn_pairing.h: what is a Barreto-Naehrig curve's own in the optimal ate pairing with a D-type twist, and membership in G2.
 * Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD6, FIELD12.
 *
 * e(P, Q) = (f_{6x+2,Q}(P) * l_{[6x+2]Q,pi(Q)}(P) * l_{[6x+2]Q+pi(Q),-pi^2(Q)}(P))^((p^12-1)/r)  ([Ver10]), x > 0.
 * With w^6 = xi the twist's (x, y) lies on the curve at (x*w^2, y*w^3), and a line of slope lambda*w is
 * y_P - lambda*x_P*w + (lambda*x_T - y_T)*w^3.  Hard part of the exponent: bn_hard_part.h.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* pi, the Frobenius endomorphism of the curve carried to the twist ("psi" in [Scott21]). */
ZKR_FUNCTION void CU(twist_frobenius)(G2(affine) *out, const G2(affine) *q)
{
    E2(conjugate)(&out->x, &q->x);
    E2(mul)(&out->x, &out->x, &CU(frobenius1)[2]);
    E2(conjugate)(&out->y, &q->y);
    E2(mul)(&out->y, &out->y, &CU(frobenius1)[3]);
}

ZKR_FUNCTION void CU(twist_frobenius_xyzz)(G2(xyzz) *out, const G2(xyzz) *q)
{
    E2(conjugate)(&out->x, &q->x);
    E2(mul)(&out->x, &out->x, &CU(frobenius1)[2]);
    E2(conjugate)(&out->y, &q->y);
    E2(mul)(&out->y, &out->y, &CU(frobenius1)[3]);
    E2(conjugate)(&out->zz, &q->zz);
    E2(conjugate)(&out->zzz, &q->zzz);
}

/* For a point of the twist and xq = xQ: whether (x+1)Q + psi(xQ) + psi^2(xQ) = psi^3(2xQ), which holds exactly on the subgroup
 * of order r.  The proof is in params/generate.py, which also checks its conditions on the numbers. */
ZKR_FUNCTION int CU(seed_multiple_passes)(const G2(xyzz) *xq, const G2(affine) *q)
{
    G2(xyzz) sum, image;
    G2(xyzz_add_affine)(&sum, xq, q);
    CU(twist_frobenius_xyzz)(&image, xq);
    G2(xyzz_add)(&sum, &sum, &image);
    CU(twist_frobenius_xyzz)(&image, &image);
    G2(xyzz_add)(&sum, &sum, &image);
    CU(twist_frobenius_xyzz)(&image, &image);
    G2(xyzz_dbl)(&image, &image);
    G2(xyzz_neg)(&image, &image);
    G2(xyzz_add)(&sum, &sum, &image);
    return G2(xyzz_is_infinity)(&sum);
}

ZKR_FUNCTION int G2(is_in_subgroup)(const G2(affine) *q)
{
    static const uint64_t seed = CU(SEED);
    G2(xyzz) xq;
    G2(mul_vartime)(&xq, q, &seed, 1);
    return CU(seed_multiple_passes)(&xq, q);
}

/* f <- f * line(p). */
ZKR_INLINE void CU(mul_by_line)(FIELD12 *f, CU(line) *line, const G1(affine) *p)
{
    E2(mul_by_base)(&line->l0, &line->l0, &p->y);
    E2(mul_by_base)(&line->l3, &line->l3, &p->x);
    E12(mul_by_line)(f, f, &line->l0, &line->l3, &line->l4);
}

ZKR_INLINE void CU(add_step_into)(FIELD12 *f, CU(miller_pair) *pair, const G2(affine) *q)
{
    CU(line) line;
    CU(add_step)(&line, &pair->t, q);
    CU(mul_by_line)(f, &line, &pair->p);
}

/* f <- f * line(p) for a line divided by its l0 and a P given as x/y, 1/y. */
ZKR_INLINE void CU(mul_by_fixed_line)(FIELD12 *f, CU(fixed_pair) *pair)
{
    CU(fixed_line) line;
    CU(next_fixed_line)(&line, pair);
    E2(mul_by_base)(&line.l3, &line.l3, &pair->x_over_y);
    E2(mul_by_base)(&line.l4, &line.l4, &pair->inverse_y);
    E12(mul_by_line_1)(f, f, &line.l3, &line.l4);
}

/* What is added behind the loop: pi(Q) and -pi^2(Q). */
enum { CU(TAIL_LINES) = 2 };
ZKR_FUNCTION void CU(tail_points)(G2(affine) *out, const G2(affine) *q)
{
    CU(twist_frobenius)(&out[0], q);
    CU(twist_frobenius)(&out[1], &out[0]);
    G2(negate)(&out[1], &out[1]);
}

/* The lines behind the loop. */
ZKR_FUNCTION void CU(miller_tail)(FIELD12 *f, CU(miller_pair) *pairs, size_t n, CU(fixed_pair) *fixed, size_t num_fixed)
{
    for (size_t k = 0; k < n; k++) {
        G2(affine) q[CU(TAIL_LINES)];
        CU(tail_points)(q, &pairs[k].q);
        for (int i = 0; i < CU(TAIL_LINES); i++) CU(add_step_into)(f, &pairs[k], &q[i]);
    }
    for (size_t k = 0; k < num_fixed; k++) {
        for (int i = 0; i < CU(TAIL_LINES); i++) CU(mul_by_fixed_line)(f, &fixed[k]);
    }
}

/* Whether Q, a point of the twist, is in the subgroup of order r, for t as a Miller loop of Q leaves it.
 *
 * t = (6x+2)Q + psi(Q) - psi^2(Q), and the test is t = -psi^3(Q): a polynomial in psi as above, with conditions that
 * params/generate.py checks in the same way.  On the subgroup the loop meets no exceptional addition, as
 * 6x + 2 < r and none of the sums of powers of p on the way is 0 mod r.  Outside it may; then Z = 0 from there on (the formulas
 * send T + T, and infinity + Q, to (0, 0, 0), which stays), and is refused. */
ZKR_FUNCTION int CU(ends_in_subgroup)(const CU(projective) *t, const G2(affine) *q)
{
    G2(affine) image;
    FIELD2 x, y;
    CU(twist_frobenius)(&image, q);
    CU(twist_frobenius)(&image, &image);
    CU(twist_frobenius)(&image, &image);
    E2(mul)(&x, &image.x, &t->z);
    E2(mul)(&y, &image.y, &t->z);
    E2(neg)(&y, &y);
    return !E2(is_zero)(&t->z) && E2(equal)(&x, &t->x) && E2(equal)(&y, &t->y);
}

#define GT_TYPE FIELD12
#define GT(name) ZKR_JOIN(FIELD12, name)
#include "bn_hard_part.h"
#undef GT_TYPE
#undef GT

#ifdef ZKR_LANES_PAIRING
#define GT_TYPE E12(vector)
#define GT(name) ZKR_JOIN(FIELD12, ZKR_JOIN(vector, name))
#include "bn_hard_part.h"
#undef GT_TYPE
#undef GT
#endif

/* f^((p^12-1)/r): p^6-1, then p^2+1, then the hard part. */
ZKR_FUNCTION void CU(final_exponentiation)(FIELD12 *out, const FIELD12 *in)
{
    FIELD12 f, t;
    E12(inverse_vartime)(&t, in);
    E12(conjugate)(&f, in);
    E12(mul)(&f, &f, &t);
    E12(frobenius)(&t, &f, 2);
    E12(mul)(&f, &f, &t);
#ifdef ZKR_LANES_PAIRING
    E12(vector) v;
    E12(vector_enter)(&v, &f);
    E12(vector_hard_part)(&v, &v);
    E12(vector_leave)(out, &v);
#else
    E12(hard_part)(out, &f);
#endif
}
#undef G1
#undef G2
