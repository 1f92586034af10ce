/* lanes/mul_by_weights.h: eight points of G1, each times its own weight (pairing_groups.h).  Parameters: CURVE, GROUP1, FIELD.
 *
 * The formulas are those of group.h, without branches: a lane whose digit is zero keeps its sum.  Infinity never comes up,
 * as the top digit of a weight is 1, and neither does an addition of equal or opposite points: u + v*lambda is not 0 modulo r
 * for the small u and v that would make one.  Sums stay below these multiples of p: X 6, Y 4, ZZ and ZZZ 2.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)

typedef struct {
    FE(x8) x, y, zz, zzz;
} G1(x8_xyzz);

typedef struct {
    FE(x8) x, y; /* below 2p */
} G1(x8_affine);

ZKR_FUNCTION void G1(x8_dbl)(G1(x8_xyzz) *p)
{
    FE(x8) u, v, w, s, m, t;
    FE(x8_add)(&u, &p->y, &p->y);        /* 8 */
    FE(x8_mul_two)(&v, &u, &u, &m, &p->x, &p->x); /* 1.77, 1.43 */
    FE(x8_mul_two)(&w, &u, &v, &s, &p->x, &v); /* 1.17, 1.13 */
    FE(x8_add)(&t, &m, &m);
    FE(x8_add)(&m, &m, &t);              /* 4.3 */
    FE(x8_mul_two)(&t, &m, &m, &p->y, &p->y, &w); /* 1.22, 1.06 */
    FE(x8_sub)(&t, &t, &s, 2);
    FE(x8_sub)(&p->x, &t, &s, 2);        /* 5.3 */
    FE(x8_sub)(&s, &s, &p->x, 6);        /* 7.2 */
    FE(x8_mul)(&t, &m, &s);              /* 1.37 */
    FE(x8_sub)(&p->y, &t, &p->y, 2);     /* 3.4 */
    FE(x8_mul_two)(&p->zz, &p->zz, &v, &p->zzz, &p->zzz, &w);
}

/* p <- p + q in the lanes of the mask. */
ZKR_FUNCTION void G1(x8_add_affine)(G1(x8_xyzz) *p, const G1(x8_affine) *q, __mmask8 mask)
{
    FE(x8) dx, dy, pp, ppp, u, t, x, y;
    FE(x8_mul_two)(&dx, &q->x, &p->zz, &dy, &q->y, &p->zzz);
    FE(x8_sub)(&dx, &dx, &p->x, 6);      /* 8 */
    FE(x8_sub)(&dy, &dy, &p->y, 4);      /* 6 */
    FE(x8_mul_two)(&pp, &dx, &dx, &t, &dy, &dy); /* 1.77, 1.43 */
    FE(x8_mul_two)(&ppp, &dx, &pp, &u, &p->x, &pp); /* 1.17, 1.13 */
    FE(x8_sub_loose)(&t, &t, &ppp);
    FE(x8_sub_loose)(&t, &t, &u);
    FE(x8_sub_loose)(&t, &t, &u);
    FE(x8_add_multiple_loose)(&t, &t, 4); /* ppp + 2u is below 3.5 */
    FE(x8_carry)(&x, &t);                /* 5.5 */
    FE(x8_sub)(&u, &u, &x, 6);           /* 7.2 */
    FE(x8_mul_two)(&t, &dy, &u, &y, &p->y, &ppp); /* 1.52, 1.06 */
    FE(x8_sub)(&y, &t, &y, 2);           /* 3.6 */
    FE(x8_select)(&p->x, mask, &x, &p->x);
    FE(x8_select)(&p->y, mask, &y, &p->y);
    FE(x8_mul_two)(&pp, &p->zz, &pp, &ppp, &p->zzz, &ppp);
    FE(x8_select)(&p->zz, mask, &pp, &p->zz);
    FE(x8_select)(&p->zzz, mask, &ppp, &p->zzz);
}

/* out[k] = weights[k]*points[k] for eight finite points. */
ZKR_FUNCTION void CU(x8_mul_by_weights)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights)
{
    FIELD x[8], y[8], zz[8], zzz[8], one;
    FE(x8) beta, zero;
    G1(x8_affine) base[4]; /* by the two bits of a digit; base[0] is never added */
    G1(x8_xyzz) sum;
    for (int k = 0; k < 8; k++) {
        x[k] = points[k].x;
        y[k] = points[k].y;
    }
    FE(x8_load)(&base[1].x, x);
    FE(x8_load)(&base[1].y, y);
    FE(x8_from_scalar)(&base[1].x, &base[1].x);
    FE(x8_from_scalar)(&base[1].y, &base[1].y);
    FE(x8_set)(&beta, &CU(beta));
    FE(x8_set_zero)(&zero);
    FE(x8_mul)(&base[2].x, &base[1].x, &beta);
    base[2].y = base[1].y;
    FE(x8_mul)(&base[3].x, &base[2].x, &beta);
    FE(x8_sub)(&base[3].y, &zero, &base[1].y, 2);
    sum.x = base[1].x;
    sum.y = base[1].y;
    FE(set_one)(&one);
    FE(x8_set)(&sum.zz, &one);
    sum.zzz = sum.zz;
    for (int i = 63; i >= 0; i--) {
        __mmask8 a = 0, b = 0;
        for (int k = 0; k < 8; k++) {
            a |= (__mmask8)((weights[k].a >> i & 1) << k);
            b |= (__mmask8)((weights[k].b >> i & 1) << k);
        }
        G1(x8_affine) q;
        FE(x8_select)(&q.x, b, &base[2].x, &base[1].x);
        FE(x8_select)(&q.x, a & b, &base[3].x, &q.x);
        FE(x8_select)(&q.y, a & b, &base[3].y, &base[1].y);
        G1(x8_dbl)(&sum);
        G1(x8_add_affine)(&sum, &q, a | b);
    }
    FE(x8_to_scalar)(&sum.x, &sum.x);
    FE(x8_to_scalar)(&sum.y, &sum.y);
    FE(x8_to_scalar)(&sum.zz, &sum.zz);
    FE(x8_to_scalar)(&sum.zzz, &sum.zzz);
    FE(x8_store)(x, &sum.x);
    FE(x8_store)(y, &sum.y);
    FE(x8_store)(zz, &sum.zz);
    FE(x8_store)(zzz, &sum.zzz);
    for (int k = 0; k < 8; k++) {
        out[k].x = x[k];
        out[k].y = y[k];
        out[k].zz = zz[k];
        out[k].zzz = zzz[k];
    }
}

/* out[i] = weights[i]*points[i]. */
ZKR_FUNCTION void CU(mul_by_weights)(G1(xyzz) *out, const G1(affine) *points, const CU(weight) *weights, size_t n)
{
    for (size_t from = 0; from < n; from += 8) {
        G1(xyzz) products[8];
        G1(affine) p[8];
        CU(weight) w[8];
        size_t count = n - from < 8 ? n - from : 8;
        for (size_t k = 0; k < 8; k++) { /* the last lanes repeat a point */
            p[k] = points[from + (k < count ? k : 0)];
            w[k] = weights[from + (k < count ? k : 0)];
        }
        CU(x8_mul_by_weights)(products, p, w);
        memcpy(out + from, products, count * sizeof *out);
    }
}
#undef G1
