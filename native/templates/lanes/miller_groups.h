/* lanes/miller_groups.h: the Miller loops of eight groups of pairs (pairing_groups.h), a group a lane.  Parameters: CURVE, GROUP1,
 * GROUP2, FIELD, FIELD2, FIELD12; after lanes/fp12.h and the curve's CU(tail_points), CU(ends_in_subgroup).
 *
 * The formulas are those of miller_lines.h, with 2t scaled by 4 to be rid of halves.  Comments give bounds as multiples of p;
 * points t are below 3, line coefficients below 2, 2 and 6, as lanes/fp12.h asks.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

typedef struct {
    E2(x8) x, y;
} CU(x8_point);

/* One pair of each group. */
typedef struct {
    __mmask8 mask;         /* the groups that have such a pair */
    FE(x8) px, py, minus_px, minus_py;
    CU(x8_point) q, minus_q, tail[CU(TAIL_LINES)];
    E2(x8) x, y, z;        /* t */
} CU(x8_slot);

/* One copy each for all callers. */
ZKR_FUNCTION void CU(x8_mul)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b) { E2(x8_mul)(out, a, b); }
ZKR_FUNCTION void CU(x8_sqr)(E2(x8) *out, const E2(x8) *a) { E2(x8_sqr)(out, a); }

/* t <- 2t and f <- f*(the tangent at p); triple_b is 3b of the twist. */
ZKR_FUNCTION void CU(x8_double_step)(E12(x8) *f, CU(x8_slot) *slot, const E2(x8) *triple_b)
{
    E2(x8) xx, b, c, xy, h, e, t, sum, difference, l0, l3, l4;
    CU(x8_sqr)(&xx, &slot->x);
    CU(x8_sqr)(&b, &slot->y);                   /* 2: Y^2 */
    CU(x8_sqr)(&c, &slot->z);
    CU(x8_mul)(&h, &slot->y, &slot->z);
    E2(x8_add)(&h, &h, &h);                     /* 6: 2YZ */
    CU(x8_mul)(&xy, &slot->x, &slot->y);
    E2(x8_add)(&xy, &xy, &xy);                  /* 6: 2XY */
    CU(x8_mul)(&e, &c, triple_b);               /* 3: 3bZ^2 */
    E2(x8_mul_by_base)(&l0, &h, &slot->minus_py);
    E2(x8_add)(&t, &xx, &xx);
    E2(x8_add)(&t, &t, &xx);                    /* 6: 3X^2 */
    E2(x8_mul_by_base)(&l3, &t, &slot->px);
    E2(x8_sub)(&l4, &e, &b, 2);                 /* 5 */
    E2(x8_add)(&t, &e, &e);
    E2(x8_add)(&t, &t, &e);                     /* 9: 9bZ^2 */
    E2(x8_add)(&sum, &b, &t);                   /* 11 */
    E2(x8_sub)(&difference, &b, &t, 9);         /* 11 */
    CU(x8_mul)(&slot->x, &xy, &difference);     /* 6*11 <= ROOM52 */
    E2(x8_reduce)(&sum, &sum);
    CU(x8_sqr)(&sum, &sum);                     /* 2 */
    CU(x8_sqr)(&e, &e);
    E2(x8_add)(&t, &e, &e);
    E2(x8_add)(&t, &t, &e);                     /* 6 */
    E2(x8_add)(&t, &t, &t);
    E2(x8_add)(&t, &t, &t);                     /* 24: 12*(3bZ^2)^2 */
    E2(x8_sub_loose)(&t, &sum, &t);
    E2(x8_add_multiple_loose)(&t, &t, 12);
    E2(x8_add_multiple_loose)(&t, &t, 12);
    E2(x8_carry)(&t, &t);                       /* 26 */
    E2(x8_reduce)(&slot->y, &t);
    E2(x8_add)(&b, &b, &b);
    E2(x8_add)(&b, &b, &b);                     /* 8 */
    CU(x8_mul)(&slot->z, &b, &h);               /* 8*6 */
    E12(x8_mul_by_line)(f, &l0, &l3, &l4, slot->mask);
}

/* t <- t + q and f <- f*(the chord at p). */
ZKR_FUNCTION void CU(x8_add_step)(E12(x8) *f, CU(x8_slot) *slot, const CU(x8_point) *q)
{
    E2(x8) theta, lambda, c, d, e, g, h, l0, l3, l4;
    CU(x8_mul)(&theta, &q->y, &slot->z);
    E2(x8_sub)(&theta, &slot->y, &theta, 3);
    E2(x8_reduce)(&theta, &theta);              /* 2 */
    CU(x8_mul)(&lambda, &q->x, &slot->z);
    E2(x8_sub)(&lambda, &slot->x, &lambda, 3);
    E2(x8_reduce)(&lambda, &lambda);            /* 2 */
    E2(x8_mul_by_base)(&l0, &lambda, &slot->py);
    E2(x8_mul_by_base)(&l3, &theta, &slot->minus_px);
    CU(x8_mul)(&c, &theta, &q->x);
    CU(x8_mul)(&d, &lambda, &q->y);
    E2(x8_sub)(&l4, &c, &d, 3);                 /* 6 */
    CU(x8_sqr)(&c, &theta);
    CU(x8_sqr)(&d, &lambda);
    CU(x8_mul)(&e, &lambda, &d);                /* 3 */
    CU(x8_mul)(&h, &slot->z, &c);               /* 3 */
    CU(x8_mul)(&g, &slot->x, &d);               /* 3 */
    E2(x8_add)(&h, &e, &h);
    E2(x8_sub)(&h, &h, &g, 3);
    E2(x8_sub)(&h, &h, &g, 3);                  /* 12 */
    CU(x8_mul)(&slot->x, &lambda, &h);
    E2(x8_sub)(&g, &g, &h, 12);                 /* 15 */
    CU(x8_mul)(&g, &theta, &g);                 /* 2*15 */
    CU(x8_mul)(&c, &e, &slot->y);
    E2(x8_sub)(&g, &g, &c, 3);
    E2(x8_reduce)(&slot->y, &g);
    CU(x8_mul)(&slot->z, &slot->z, &e);
    E12(x8_mul_by_line)(f, &l0, &l3, &l4, slot->mask);
}

/* Eight points of G2 in memory -> lanes, below 2. */
ZKR_FUNCTION void CU(x8_enter_point)(CU(x8_point) *out, const G2(affine) *points)
{
    FIELD2 x[8], y[8];
    for (int k = 0; k < 8; k++) {
        x[k] = points[k].x;
        y[k] = points[k].y;
    }
    E2(x8_load)(&out->x, x);
    E2(x8_load)(&out->y, y);
    E2(x8_from_scalar)(&out->x, &out->x);
    E2(x8_from_scalar)(&out->y, &out->y);
}

/* Pair `index` of every group; groups without one take the first pair, and a mask that keeps it out. */
ZKR_FUNCTION void CU(x8_slot_set)(CU(x8_slot) *slot, const CU(point_pair) *pairs, size_t n, size_t per_group, size_t index)
{
    FIELD px[8], py[8], one;
    G2(affine) q[8], minus_q[8], tail[CU(TAIL_LINES)][8], tail_of_one[CU(TAIL_LINES)];
    FE(x8) zero;
    slot->mask = 0;
    for (size_t k = 0; k < 8; k++) {
        size_t at = k * per_group + index;
        if (at < n) slot->mask |= (__mmask8)(1u << k);
        const CU(point_pair) *pair = &pairs[at < n ? at : 0];
        px[k] = pair->p.x;
        py[k] = pair->p.y;
        q[k] = pair->q;
        G2(negate)(&minus_q[k], &q[k]);
        CU(tail_points)(tail_of_one, &q[k]);
        for (int i = 0; i < CU(TAIL_LINES); i++) tail[i][k] = tail_of_one[i];
    }
    FE(x8_load)(&slot->px, px);
    FE(x8_load)(&slot->py, py);
    FE(x8_from_scalar)(&slot->px, &slot->px);
    FE(x8_from_scalar)(&slot->py, &slot->py);
    FE(x8_set_zero)(&zero);
    FE(x8_sub)(&slot->minus_px, &zero, &slot->px, 2);
    FE(x8_sub)(&slot->minus_py, &zero, &slot->py, 2);
    CU(x8_enter_point)(&slot->q, q);
    CU(x8_enter_point)(&slot->minus_q, minus_q);
    for (int i = 0; i < CU(TAIL_LINES); i++) CU(x8_enter_point)(&slot->tail[i], tail[i]);
    slot->x = slot->q.x;
    slot->y = slot->q.y;
    FE(set_one)(&one);
    FE(x8_set)(&slot->z.c0, &one);
    FE(x8_set_zero)(&slot->z.c1);
}

/* Whether each q was in the subgroup, from where its loop ended. */
ZKR_FUNCTION void CU(x8_slot_subgroup)(uint8_t *in_subgroup, const CU(x8_slot) *slot, const CU(point_pair) *pairs, size_t n,
                                       size_t per_group, size_t index)
{
    FIELD2 x[8], y[8], z[8];
    E2(x8) t;
    E2(x8_to_scalar)(&t, &slot->x);
    E2(x8_store)(x, &t);
    E2(x8_to_scalar)(&t, &slot->y);
    E2(x8_store)(y, &t);
    E2(x8_to_scalar)(&t, &slot->z);
    E2(x8_store)(z, &t);
    for (size_t k = 0; k < 8; k++) {
        size_t at = k * per_group + index;
        CU(projective) end = {x[k], y[k], z[k]};
        if (at < n) in_subgroup[at] = (uint8_t)CU(ends_in_subgroup)(&end, &pairs[at].q);
    }
}

/* CU(miller_group) for the groups of per_group pairs that n <= BLOCK_PAIRS pairs make, n > 0. */
ZKR_FUNCTION void CU(miller_groups)(FIELD12 *f, uint8_t *in_subgroup, const CU(point_pair) *pairs, size_t n, size_t per_group)
{
    CU(x8_slot) slots[CU(GROUP_PAIRS)];
    FIELD12 values[CU(GROUPS)];
    FIELD2 triple, copies[8];
    E2(x8) triple_b;
    E12(x8) product;
    for (size_t j = 0; j < per_group; j++) CU(x8_slot_set)(&slots[j], pairs, n, per_group, j);
    E2(dbl)(&triple, &G2(b));
    E2(add)(&triple, &triple, &G2(b));
    for (int k = 0; k < 8; k++) copies[k] = triple;
    E2(x8_load)(&triple_b, copies);
    E2(x8_from_scalar)(&triple_b, &triple_b);
    E12(x8_set_one)(&product);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        int digit = CU(ate_digits)[i];
        E12(x8_sqr)(&product);
        for (size_t j = 0; j < per_group; j++) {
            CU(x8_double_step)(&product, &slots[j], &triple_b);
            if (digit != 0) CU(x8_add_step)(&product, &slots[j], digit > 0 ? &slots[j].q : &slots[j].minus_q);
        }
    }
    for (size_t j = 0; j < per_group; j++) {
        for (int i = 0; i < CU(TAIL_LINES); i++) CU(x8_add_step)(&product, &slots[j], &slots[j].tail[i]);
        CU(x8_slot_subgroup)(in_subgroup, &slots[j], pairs, n, per_group, j);
    }
    E12(x8_leave)(values, &product);
    for (size_t g = 0; g * per_group < n; g++) f[g] = values[g];
}
#undef G1
#undef G2
