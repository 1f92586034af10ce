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

/* out = weight*p for finite p.  p + phi(p) = -phi^2(p), as 1 + lambda + lambda^2 = 0. */
ZKR_FUNCTION void CU(mul_by_weight)(G1(xyzz) *out, const G1(affine) *p, const CU(weight) *weight)
{
    G1(affine) image = *p, minus_image2 = *p;
    FE(mul)(&image.x, &p->x, &CU(beta));
    FE(mul)(&minus_image2.x, &image.x, &CU(beta));
    FE(neg)(&minus_image2.y, &p->y);
    G1(xyzz_from_affine)(out, p);
    for (int i = 63; i >= 0; i--) {
        unsigned a = weight->a >> i & 1, b = weight->b >> i & 1;
        G1(xyzz_dbl)(out, out);
        if (a | b) G1(xyzz_add_affine)(out, out, a & b ? &minus_image2 : a ? p : &image);
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
#else
#define G1(name) ZKR_JOIN(GROUP1, name)
/* out[i] = weights[i]*points[i]. */
ZKR_FUNCTION void CU(mul_by_weights)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights, size_t n)
{
    for (size_t i = 0; i < n; i++) CU(mul_by_weight)(&out[i], &points[i], &weights[i]);
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
