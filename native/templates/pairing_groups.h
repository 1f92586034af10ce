/* pairing_groups.h: what the verification of many proofs does most, one element at a time.  Parameters: CURVE, GROUP1, GROUP2,
 * FIELD, FIELD12; before inclusion pairing.h.  A kernel with vector lanes has a group in each (lanes/miller_groups.h).
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* A block of pairs is cut into groups, each with one chain of squarings: fewer chains in larger groups, or as many as lanes. */
#ifdef ZKR_LANES_PAIRING
enum { CU(GROUPS) = 8, CU(GROUP_PAIRS) = 8 };
#else
enum { CU(GROUPS) = 4, CU(GROUP_PAIRS) = 16 };
#endif
enum { CU(BLOCK_PAIRS) = CU(GROUPS) * CU(GROUP_PAIRS) };

/* A weight (a, b) stands for 2^64 + a + b*lambda, with lambda the eigenvalue of the endomorphism (x, y) -> (beta*x, y) of G1
 * ([GLV01]).  All 2^128 are distinct and non-zero modulo r: a difference u + v*lambda = 0 would make u^2 - uv + v^2, which is
 * below 3*2^130, a multiple of r. */
typedef struct {
    uint64_t a, b;
} CU(weight);

/* What the two bits of a digit stand for: terms[bit of a + 2*bit of b - 1] for finite p: p, phi(p) and p + phi(p), which is
 * -phi^2(p), as 1 + lambda + lambda^2 = 0. */
ZKR_INLINE void CU(weight_terms)(G1(affine) terms[3], const G1(affine) *p)
{
    terms[0] = terms[1] = terms[2] = *p;
    FE(mul)(&terms[1].x, &p->x, &CU(beta));
    FE(mul)(&terms[2].x, &terms[1].x, &CU(beta));
    FE(neg)(&terms[2].y, &p->y);
}

/* *out = the sum of n <= GROUP_PAIRS products weights[i]*points[i] of finite points: one chain of doublings for all ([Str64]). */
ZKR_FUNCTION void CU(sum_by_weights)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights, size_t n)
{
    G1(affine) terms[CU(GROUP_PAIRS)][3];
    G1(xyzz_set_infinity)(out);
    for (size_t k = 0; k < n; k++) {
        CU(weight_terms)(terms[k], &points[k]);
        G1(xyzz_add_affine)(out, out, &points[k]);
    }
    for (int i = 63; i >= 0; i--) {
        G1(xyzz_dbl)(out, out);
        for (size_t k = 0; k < n; k++) {
            unsigned digit = (unsigned)(weights[k].a >> i & 1) | (unsigned)(weights[k].b >> i & 1) << 1;
            if (digit != 0) G1(xyzz_add_affine)(out, out, &terms[k][digit - 1]);
        }
    }
}

/* One group of n <= GROUP_PAIRS finite pairs, each q on the curve: *f the product of their Miller loops, and for each whether q is
 * in the subgroup. */
ZKR_FUNCTION void CU(miller_group)(FIELD12 *f, uint8_t *in_subgroup, const CU(point_pair) *pairs, size_t n)
{
    CU(miller_pair) work[CU(GROUP_PAIRS)];
    for (size_t i = 0; i < n; i++) CU(miller_pair_set)(&work[i], &pairs[i].p, &pairs[i].q);
    CU(miller_loop)(f, work, n, NULL, 0);
    for (size_t i = 0; i < n; i++) in_subgroup[i] = (uint8_t)CU(ends_in_subgroup)(&work[i].t, &work[i].q);
}

#undef G1
#undef G2

#ifdef ZKR_LANES_PAIRING
#include "lanes/mul_by_weights.h"
#include "lanes/table_sum.h"
#include "lanes/miller_groups.h"
#define G1(name) ZKR_JOIN(GROUP1, name)
/* CU(sum_by_weights) with a product in each lane. */
ZKR_FUNCTION void CU(group_sum)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights, size_t n)
{
    G1(xyzz) products[CU(GROUP_PAIRS)];
    CU(mul_by_weights)(products, points, weights, n);
    G1(xyzz_set_infinity)(out);
    for (size_t i = 0; i < n; i++) G1(xyzz_add)(out, out, &products[i]);
}
#undef G1
#else
#define G1(name) ZKR_JOIN(GROUP1, name)
ZKR_INLINE void CU(group_sum)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights, size_t n)
{
    CU(sum_by_weights)(out, points, weights, n);
}

/* out[i] = weights[i]*points[i]. */
ZKR_FUNCTION void CU(mul_by_weights)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights, size_t n)
{
    for (size_t i = 0; i < n; i++) CU(sum_by_weights)(&out[i], &points[i], &weights[i], 1);
}

/* What CU(miller_group) gives, for the groups of per_group pairs that n <= BLOCK_PAIRS pairs make. */
ZKR_FUNCTION void CU(miller_groups)(FIELD12 *f, uint8_t *in_subgroup, const CU(point_pair) *pairs, size_t n, size_t per_group)
{
    CU(affine_pair) work[CU(BLOCK_PAIRS)];
    CU(affine_pairs_set)(work, pairs, n);
    CU(miller_affine)(f, work, n, per_group);
    for (size_t i = 0; i < n; i++) in_subgroup[i] = (uint8_t)CU(affine_in_subgroup)(&work[i]);
}
#undef G1
#endif
