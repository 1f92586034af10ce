/* lanes/table_sum.h: the sum of many points of G1 in eight partial sums.  Parameters: GROUP1, FIELD; after mul_by_weights.h.
 *
 * The formulas of lanes/mul_by_weights.h know no exceptions.  Where equal or opposite points meet, ZZ becomes 0, stays 0, and is
 * found at the end: such a sum, which a key would have to be made for, is done again one by one.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)

/* out = sum of (negative[i] ? -points[i] : points[i]) for finite points in memory of any alignment; 1 when no exception was met. */
ZKR_FUNCTION int G1(x8_sum)(G1(xyzz) *out, const uint8_t *const *points, const uint8_t *negative, size_t n)
{
    FIELD x[8], y[8], zz[8], zzz[8], one;
    FE(x8) zero;
    G1(x8_xyzz) sum;
    G1(x8_affine) q;
    G1(xyzz_set_infinity)(out);
    FE(x8_set_zero)(&zero);
    FE(set_one)(&one);
    for (size_t from = 0; from < n; from += 8) {
        __mmask8 present = 0, turned = 0;
        for (size_t k = 0; k < 8; k++) { /* the last lanes repeat a point, and are masked */
            G1(affine) p;
            size_t at = from + k < n ? from + k : from;
            G1(load)(&p, points[at]);
            x[k] = p.x;
            y[k] = p.y;
            if (from + k < n) present |= (__mmask8)(1u << k);
            if (negative[at]) turned |= (__mmask8)(1u << k);
        }
        FE(x8_load)(&q.x, x);
        FE(x8_load)(&q.y, y);
        FE(x8_from_scalar)(&q.x, &q.x);
        FE(x8_from_scalar)(&q.y, &q.y);
        FE(x8) opposite;
        FE(x8_sub)(&opposite, &zero, &q.y, 2);
        FE(x8_select)(&q.y, turned, &opposite, &q.y);
        if (from > 0) {
            G1(x8_add_affine)(&sum, &q, present);
        } else {
            sum.x = q.x;
            sum.y = q.y;
            FE(x8_set)(&sum.zz, &one);
            sum.zzz = sum.zz;
        }
    }
    if (n == 0) return 1;
    FE(x8_to_scalar)(&sum.x, &sum.x);
    FE(x8_to_scalar)(&sum.y, &sum.y);
    FE(x8_to_scalar)(&sum.zz, &sum.zz);
    FE(x8_to_scalar)(&sum.zzz, &sum.zzz);
    FE(x8_store)(x, &sum.x);
    FE(x8_store)(y, &sum.y);
    FE(x8_store)(zz, &sum.zz);
    FE(x8_store)(zzz, &sum.zzz);
    for (size_t k = 0; k < 8 && k < n; k++) {
        G1(xyzz) part = {x[k], y[k], zz[k], zzz[k]};
        if (FE(is_zero)(&part.zz)) return 0;
        G1(xyzz_add)(out, out, &part);
    }
    return 1;
}
#undef G1
