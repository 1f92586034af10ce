/* edwards.h: scalar products on a twisted Edwards curve a*x^2 + y^2 = 1 + d*x^2*y^2 over FIELD.
 *
 * Projective (X : Y : Z), x = X/Z, y = Y/Z, formulas of [BBJLP08] section 6: complete when a is a square and d is not,
 * so that no input needs a case of its own and the identity is the point (0 : 1 : 1).
 */
typedef struct {
    FIELD x, y, z;
} FE(edwards_point);

typedef struct {
    FIELD a, d;
} FE(edwards_curve);

ZKR_INLINE void FE(edwards_identity)(FE(edwards_point) *out)
{
    FE(set_zero)(&out->x);
    FE(set_one)(&out->y);
    FE(set_one)(&out->z);
}

/* 11 products and the two by a and d. */
ZKR_FUNCTION void FE(edwards_add)(FE(edwards_point) *out, const FE(edwards_point) *p, const FE(edwards_point) *q,
                                  const FE(edwards_curve) *curve)
{
    FIELD a, b, c, d, e, f, g, s, t;
    FE(mul)(&a, &p->z, &q->z);
    FE(sqr)(&b, &a);
    FE(mul)(&c, &p->x, &q->x);
    FE(mul)(&d, &p->y, &q->y);
    FE(mul)(&e, &c, &d);
    FE(mul)(&e, &e, &curve->d);
    FE(sub)(&f, &b, &e);
    FE(add)(&g, &b, &e);
    FE(add)(&s, &p->x, &p->y);
    FE(add)(&t, &q->x, &q->y);
    FE(mul)(&s, &s, &t);
    FE(sub)(&s, &s, &c);
    FE(sub)(&s, &s, &d); /* x1*y2 + y1*x2 */
    FE(mul)(&s, &s, &f);
    FE(mul)(&out->x, &a, &s);
    FE(mul)(&t, &c, &curve->a);
    FE(sub)(&t, &d, &t); /* y1*y2 - a*x1*x2 */
    FE(mul)(&t, &t, &g);
    FE(mul)(&out->y, &a, &t);
    FE(mul)(&out->z, &f, &g);
}

/* 7 products and the one by a. */
ZKR_FUNCTION void FE(edwards_dbl)(FE(edwards_point) *out, const FE(edwards_point) *p, const FE(edwards_curve) *curve)
{
    FIELD b, c, d, e, f, h, j;
    FE(add)(&b, &p->x, &p->y);
    FE(sqr)(&b, &b);
    FE(sqr)(&c, &p->x);
    FE(sqr)(&d, &p->y);
    FE(mul)(&e, &c, &curve->a);
    FE(add)(&f, &e, &d);
    FE(sqr)(&h, &p->z);
    FE(dbl)(&h, &h);
    FE(sub)(&j, &f, &h);
    FE(sub)(&b, &b, &c);
    FE(sub)(&b, &b, &d); /* 2xy */
    FE(mul)(&out->x, &b, &j);
    FE(sub)(&e, &e, &d);
    FE(mul)(&out->y, &f, &e);
    FE(mul)(&out->z, &f, &j);
}

ZKR_FUNCTION void FE(edwards_load)(FE(edwards_point) *out, const uint8_t *point64)
{
    FE(load)(&out->x, point64);
    FE(load)(&out->y, point64 + sizeof(FIELD));
    FE(from_canonical)(&out->x, &out->x);
    FE(from_canonical)(&out->y, &out->y);
    FE(set_one)(&out->z);
}

ZKR_FUNCTION void FE(edwards_load_curve)(FE(edwards_curve) *out, const uint8_t *a, const uint8_t *d)
{
    FE(load)(&out->a, a);
    FE(load)(&out->d, d);
    FE(from_canonical)(&out->a, &out->a);
    FE(from_canonical)(&out->d, &out->d);
}

/* For z = 1. */
ZKR_FUNCTION int FE(edwards_is_on_curve)(const FE(edwards_point) *p, const FE(edwards_curve) *curve)
{
    FIELD xx, yy, left, right, one;
    FE(set_one)(&one);
    FE(sqr)(&xx, &p->x);
    FE(sqr)(&yy, &p->y);
    FE(mul)(&left, &curve->a, &xx);
    FE(add)(&left, &left, &yy);
    FE(mul)(&right, &xx, &yy);
    FE(mul)(&right, &right, &curve->d);
    FE(add)(&right, &right, &one);
    return FE(equal)(&left, &right);
}

/* Affine, canonical, constant time. */
ZKR_FUNCTION void FE(edwards_store)(uint8_t *out64, const FE(edwards_point) *p)
{
    FIELD inverse, x, y;
    FE(inverse)(&inverse, &p->z);
    FE(mul)(&x, &p->x, &inverse);
    FE(mul)(&y, &p->y, &inverse);
    FE(to_canonical)(&x, &x);
    FE(to_canonical)(&y, &y);
    FE(store)(out64, &x);
    FE(store)(out64 + sizeof x, &y);
    zkr_wipe(&inverse, sizeof inverse);
}

/* Double and add always, 256 steps whatever the scalar; the sum is kept or dropped by a mask. */
ZKR_FUNCTION int FE(edwards_mul)(uint8_t *out64, const uint8_t *scalar32, const uint8_t *point64, const uint8_t *a,
                                 const uint8_t *d)
{
    FE(edwards_curve) curve;
    FE(edwards_point) point, sum, result;
    FE(edwards_load_curve)(&curve, a, d);
    FE(edwards_load)(&point, point64);
    if (!FE(edwards_is_on_curve)(&point, &curve)) return ZKR_ERR_NOT_ON_CURVE;
    FE(edwards_identity)(&result);
    for (int bit = 255; bit >= 0; bit--) {
        uint64_t mask = 0 - (uint64_t)(scalar32[bit / 8] >> (bit % 8) & 1);
        FE(edwards_dbl)(&result, &result, &curve);
        FE(edwards_add)(&sum, &result, &point, &curve);
        FE(select)(&result.x, mask, &sum.x, &result.x);
        FE(select)(&result.y, mask, &sum.y, &result.y);
        FE(select)(&result.z, mask, &sum.z, &result.z);
    }
    FE(edwards_store)(out64, &result);
    zkr_wipe(&sum, sizeof sum);
    zkr_wipe(&result, sizeof result);
    return ZKR_OK;
}

/* s*P + k*Q with one chain of doublings ([Str64], known as Shamir's trick), for public data. */
ZKR_FUNCTION int FE(edwards_double_mul_vartime)(uint8_t *out64, const uint8_t *s32, const uint8_t *p64, const uint8_t *k32,
                                                const uint8_t *q64, const uint8_t *a, const uint8_t *d)
{
    FE(edwards_curve) curve;
    FE(edwards_point) table[4], result; /* table[i] = (i & 1)*P + (i >> 1)*Q, table[0] unused */
    FE(edwards_load_curve)(&curve, a, d);
    FE(edwards_load)(&table[1], p64);
    FE(edwards_load)(&table[2], q64);
    if (!FE(edwards_is_on_curve)(&table[1], &curve) || !FE(edwards_is_on_curve)(&table[2], &curve)) return ZKR_ERR_NOT_ON_CURVE;
    FE(edwards_add)(&table[3], &table[1], &table[2], &curve);
    FE(edwards_identity)(&result);
    for (int bit = 255; bit >= 0; bit--) {
        int index = (s32[bit / 8] >> (bit % 8) & 1) | (k32[bit / 8] >> (bit % 8) & 1) << 1;
        FE(edwards_dbl)(&result, &result, &curve);
        if (index) FE(edwards_add)(&result, &result, &table[index], &curve);
    }
    FE(edwards_store)(out64, &result);
    return ZKR_OK;
}
