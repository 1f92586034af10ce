/* group.h: points of GROUP: y^2 = x^3 + b over the field COORD (a = 0).  Parameters: GROUP, COORD, the constant GR(b).
 *
 * Affine (x, y), infinity is (0, 0), which is on no such curve as b != 0.  For sums: XYZZ coordinates, x = X/ZZ, y = Y/ZZZ,
 * ZZ^3 = ZZZ^2, infinity is ZZ = 0 ([EFD] g1p/auto-shortw-xyzz).  All additions are complete: equal points,
 * opposite points and infinity are told apart by comparison (hence not constant time).
 */
typedef struct {
    COORD x, y;
} GR(affine);

typedef struct {
    COORD x, y, zz, zzz;
} GR(xyzz);

ZKR_INLINE void GR(load)(GR(affine) *out, const uint8_t *bytes) { memcpy(out, bytes, sizeof *out); }
ZKR_INLINE void GR(store)(uint8_t *bytes, const GR(affine) *p) { memcpy(bytes, p, sizeof *p); }
ZKR_INLINE void GR(set_infinity)(GR(affine) *out) { memset(out, 0, sizeof *out); }
ZKR_INLINE int GR(is_infinity)(const GR(affine) *p) { return CO(is_zero)(&p->x) & CO(is_zero)(&p->y); }
ZKR_INLINE void GR(xyzz_set_infinity)(GR(xyzz) *out) { memset(out, 0, sizeof *out); }
ZKR_INLINE int GR(xyzz_is_infinity)(const GR(xyzz) *p) { return CO(is_zero)(&p->zz); }

ZKR_INLINE void GR(negate)(GR(affine) *out, const GR(affine) *p)
{
    out->x = p->x;
    CO(neg)(&out->y, &p->y);
}

ZKR_INLINE void GR(xyzz_from_affine)(GR(xyzz) *out, const GR(affine) *p)
{
    if (GR(is_infinity)(p)) {
        GR(xyzz_set_infinity)(out);
        return;
    }
    out->x = p->x;
    out->y = p->y;
    CO(set_one)(&out->zz);
    CO(set_one)(&out->zzz);
}

ZKR_FUNCTION void GR(to_affine_vartime)(GR(affine) *out, const GR(xyzz) *p)
{
    COORD inverse, z_inverse;
    if (GR(xyzz_is_infinity)(p)) {
        GR(set_infinity)(out);
        return;
    }
    CO(inverse_vartime)(&inverse, &p->zzz);
    CO(mul)(&out->y, &p->y, &inverse);
    CO(mul)(&z_inverse, &inverse, &p->zz);
    CO(sqr)(&z_inverse, &z_inverse); /* ZZ^2/ZZZ^2 = 1/ZZ */
    CO(mul)(&out->x, &p->x, &z_inverse);
}

/* 2p: 6M + 3S (dbl-2008-s-1); a point of order 2 gives ZZ = 0 by itself. */
ZKR_FUNCTION void GR(xyzz_dbl)(GR(xyzz) *out, const GR(xyzz) *p)
{
    COORD u, v, w, s, m, t;
    CO(dbl)(&u, &p->y);
    CO(sqr_hot)(&v, &u);
    CO(mul_hot)(&w, &u, &v);
    CO(mul_hot)(&s, &p->x, &v);
    CO(sqr_hot)(&t, &p->x);
    CO(dbl)(&m, &t);
    CO(add)(&m, &m, &t);
    CO(mul_hot)(&t, &w, &p->y);
    CO(sqr_hot)(&out->x, &m);
    CO(sub)(&out->x, &out->x, &s);
    CO(sub)(&out->x, &out->x, &s);
    CO(sub)(&s, &s, &out->x);
    CO(mul_hot)(&s, &m, &s);
    CO(sub)(&out->y, &s, &t);
    CO(mul_hot)(&out->zz, &p->zz, &v);
    CO(mul_hot)(&out->zzz, &p->zzz, &w);
}

/* The common tail of both additions: u = x1, s = y1 and the differences p = x2 - x1, r = y2 - y1 over common denominators.
 * X3 = r^2 - p^3 - 2*u*p^2, Y3 = r*(u*p^2 - X3) - s*p^3; gives p^2 and p^3 for the new denominators. */
ZKR_INLINE void GR(xyzz_chord)(GR(xyzz) *out, const COORD *u, const COORD *s, const COORD *p, const COORD *r, COORD *pp,
                               COORD *ppp)
{
    COORD q, t, y;
    CO(sqr_hot)(pp, p);
    CO(mul_hot)(ppp, p, pp);
    CO(mul_hot)(&q, u, pp);
    CO(mul_hot)(&y, s, ppp);
    CO(sqr_hot)(&t, r);
    CO(sub)(&t, &t, ppp);
    CO(sub)(&t, &t, &q);
    CO(sub)(&out->x, &t, &q);
    CO(sub)(&q, &q, &out->x);
    CO(mul_hot)(&q, r, &q);
    CO(sub)(&out->y, &q, &y);
}

/* p + q for affine q: 8M + 2S (madd-2008-s). */
ZKR_FUNCTION void GR(xyzz_add_affine)(GR(xyzz) *out, const GR(xyzz) *p, const GR(affine) *q)
{
    COORD dx, dy, pp, ppp;
    if (GR(is_infinity)(q)) {
        *out = *p;
        return;
    }
    if (GR(xyzz_is_infinity)(p)) {
        GR(xyzz_from_affine)(out, q);
        return;
    }
    CO(mul_hot)(&dx, &q->x, &p->zz);
    CO(sub)(&dx, &dx, &p->x);
    CO(mul_hot)(&dy, &q->y, &p->zzz);
    CO(sub)(&dy, &dy, &p->y);
    if (CO(is_zero)(&dx)) {
        if (CO(is_zero)(&dy)) {
            GR(xyzz_dbl)(out, p);
        } else {
            GR(xyzz_set_infinity)(out);
        }
        return;
    }
    COORD u = p->x, s = p->y;
    GR(xyzz_chord)(out, &u, &s, &dx, &dy, &pp, &ppp);
    CO(mul_hot)(&out->zz, &p->zz, &pp);
    CO(mul_hot)(&out->zzz, &p->zzz, &ppp);
}

/* p + q: 12M + 2S (add-2008-s). */
ZKR_FUNCTION void GR(xyzz_add)(GR(xyzz) *out, const GR(xyzz) *p, const GR(xyzz) *q)
{
    COORD u, s, dx, dy, pp, ppp, zz, zzz;
    if (GR(xyzz_is_infinity)(q)) {
        *out = *p;
        return;
    }
    if (GR(xyzz_is_infinity)(p)) {
        *out = *q;
        return;
    }
    CO(mul_hot)(&u, &p->x, &q->zz);
    CO(mul_hot)(&dx, &q->x, &p->zz);
    CO(sub)(&dx, &dx, &u);
    CO(mul_hot)(&s, &p->y, &q->zzz);
    CO(mul_hot)(&dy, &q->y, &p->zzz);
    CO(sub)(&dy, &dy, &s);
    if (CO(is_zero)(&dx)) {
        if (CO(is_zero)(&dy)) {
            GR(xyzz_dbl)(out, p);
        } else {
            GR(xyzz_set_infinity)(out);
        }
        return;
    }
    CO(mul_hot)(&zz, &p->zz, &q->zz);
    CO(mul_hot)(&zzz, &p->zzz, &q->zzz);
    GR(xyzz_chord)(out, &u, &s, &dx, &dy, &pp, &ppp);
    CO(mul_hot)(&out->zz, &zz, &pp);
    CO(mul_hot)(&out->zzz, &zzz, &ppp);
}

ZKR_INLINE void GR(xyzz_neg)(GR(xyzz) *out, const GR(xyzz) *p)
{
    *out = *p;
    CO(neg)(&out->y, &p->y);
}

/* scalar*p, double and add from the top bit. */
ZKR_FUNCTION void GR(mul_vartime)(GR(xyzz) *out, const GR(affine) *p, const uint64_t *scalar, size_t num_limbs)
{
    GR(xyzz) result;
    GR(xyzz_set_infinity)(&result);
    for (size_t bit = 64 * num_limbs; bit-- > 0;) {
        GR(xyzz_dbl)(&result, &result);
        if (zkr_limb_bit(scalar, bit)) GR(xyzz_add_affine)(&result, &result, p);
    }
    *out = result;
}

ZKR_FUNCTION int GR(is_on_curve)(const GR(affine) *p)
{
    COORD left, right;
    CO(sqr)(&left, &p->y);
    CO(sqr)(&right, &p->x);
    CO(mul)(&right, &right, &p->x);
    CO(add)(&right, &right, &GR(b));
    return CO(equal)(&left, &right);
}
