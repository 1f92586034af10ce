/* pairing.h: products of optimal ate pairings.  Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD12; before inclusion
 * miller_lines.h, fixed_lines.h and the curve's own part (bn_pairing.h): CU(mul_by_line), CU(add_step_into),
 * CU(mul_by_fixed_line), CU(tail_points), CU(miller_tail), CU(ends_in_subgroup), CU(final_exponentiation), and the digits of the
 * loop. */
#ifndef ZKR_LANES_PAIRING
#include "miller_affine.h"
#endif
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* The product of the Miller loops of all pairs, plain and with fixed lines, one chain of squarings for all.  A plain pair's t is
 * its q at the beginning, and what CU(ends_in_subgroup) takes at the end. */
#ifdef ZKR_LANES_PAIRING
#include "lanes/miller_vector.h"
#else
ZKR_FUNCTION void CU(miller_loop)(FIELD12 *f, CU(miller_pair) *pairs, size_t n, CU(fixed_pair) *fixed, size_t num_fixed)
{
    CU(line) line;
    E12(set_one)(f);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        int digit = CU(ate_digits)[i];
        E12(sqr)(f, f);
        for (size_t k = 0; k < n; k++) {
            CU(double_step)(&line, &pairs[k].t);
            CU(mul_by_line)(f, &line, &pairs[k].p);
            if (digit != 0) CU(add_step_into)(f, &pairs[k], digit > 0 ? &pairs[k].q : &pairs[k].minus_q);
        }
        for (size_t k = 0; k < num_fixed; k++) {
            CU(mul_by_fixed_line)(f, &fixed[k]);
            if (digit != 0) CU(mul_by_fixed_line)(f, &fixed[k]);
        }
    }
    CU(miller_tail)(f, pairs, n, fixed, num_fixed);
}
#endif

ZKR_INLINE void CU(miller_pair_set)(CU(miller_pair) *pair, const G1(affine) *p, const G2(affine) *q)
{
    pair->p = *p;
    pair->q = *q;
    G2(negate)(&pair->minus_q, q);
    pair->t.x = q->x;
    pair->t.y = q->y;
    E2(set_one)(&pair->t.z);
}

/* The lines of q in the order in which the loop takes them; q is in the subgroup and finite. */
enum { CU(FIXED_LINES) = CU(ATE_LINES) + CU(TAIL_LINES) };
ZKR_FUNCTION void CU(fixed_lines_of)(CU(fixed_line) *out, const G2(affine) *q)
{
    CU(miller_pair) pair;
    CU(line) lines[CU(FIXED_LINES)];
    FIELD2 denominators[CU(FIXED_LINES)], inverses[CU(FIXED_LINES)];
    G2(affine) tail[CU(TAIL_LINES) + 1];
    size_t n = 0;
    memset(&pair, 0, sizeof pair);
    memset(denominators, 0, sizeof denominators);
    CU(miller_pair_set)(&pair, &pair.p, q);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        int digit = CU(ate_digits)[i];
        CU(double_step)(&lines[n++], &pair.t);
        if (digit != 0) CU(add_step)(&lines[n++], &pair.t, digit > 0 ? &pair.q : &pair.minus_q);
    }
    CU(tail_points)(tail, q);
    for (int i = 0; i < CU(TAIL_LINES); i++) CU(add_step)(&lines[n++], &pair.t, &tail[i]);
    for (size_t k = 0; k < n; k++) denominators[k] = lines[k].l0;
    E2(batch_inverse_vartime)(inverses, denominators, n);
    for (size_t k = 0; k < n; k++) {
        E2(mul)(&out[k].l3, &lines[k].l3, &inverses[k]);
        E2(mul)(&out[k].l4, &lines[k].l4, &inverses[k]);
    }
}

/* *f = the product of the Miller loops of n finite pairs of the subgroups. */
ZKR_FUNCTION int CU(miller_product)(FIELD12 *f, const CU(point_pair) *points, size_t n)
{
#ifndef ZKR_LANES_PAIRING
    if (n > CU(MOST_PROJECTIVE)) {
        CU(affine_pair) *pairs = malloc(n * sizeof *pairs);
        if (pairs == NULL) return ZKR_ERR_MEMORY;
        CU(affine_pairs_set)(pairs, points, n);
        CU(miller_affine)(f, pairs, n, n);
        free(pairs);
        return ZKR_OK;
    }
#endif
    CU(miller_pair) *pairs = malloc((n + 1) * sizeof *pairs);
    if (pairs == NULL) return ZKR_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) CU(miller_pair_set)(&pairs[i], &points[i].p, &points[i].q);
    CU(miller_loop)(f, pairs, n, NULL, 0);
    free(pairs);
    return ZKR_OK;
}

/* Product of the pairings of n checked pairs; a pair with infinity contributes 1. */
ZKR_FUNCTION int CU(pairing_product)(FIELD12 *out, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    CU(point_pair) *points = malloc((n + 1) * sizeof *points);
    size_t live = 0;
    if (points == NULL) return ZKR_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        CU(point_pair) *point = &points[live];
        G1(load)(&point->p, g1 + i * sizeof point->p);
        G2(load)(&point->q, g2 + i * sizeof point->q);
        live += !G1(is_infinity)(&point->p) && !G2(is_infinity)(&point->q);
    }
    FIELD12 f;
    int status = CU(miller_product)(&f, points, live);
    if (status == ZKR_OK) CU(final_exponentiation)(out, &f);
    free(points);
    return status;
}

ZKR_FUNCTION int CU(pairing_check_vartime)(int *is_one, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    FIELD12 product, one;
    int status = CU(pairing_product)(&product, g1, g2, n);
    if (status != ZKR_OK) return status;
    E12(set_one)(&one);
    *is_one = E12(equal)(&product, &one);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(pairing_vartime)(uint8_t *out, const uint8_t *g1, const uint8_t *g2)
{
    FIELD12 product;
    int status = CU(pairing_product)(&product, g1, g2, 1);
    if (status != ZKR_OK) return status;
    FE(vec_from_montgomery)(out, (const uint8_t *)&product, sizeof product / sizeof(FIELD));
    return ZKR_OK;
}
#undef G1
#undef G2
