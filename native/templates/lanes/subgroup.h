/* lanes/subgroup.h: membership of many points in G2, eight at a time.  Parameters: CURVE, GROUP2, FIELD, FIELD2; after lanes/fp2.h and the
 * curve's G2(is_in_subgroup) and G2(seed_multiple_passes).
 *
 * The multiples by the seed run in lanes, with the formulas of group.h and no exceptions; the few additions behind them do not.  An
 * exceptional addition, which points of small order can have and members never, makes ZZ = 0, and it stays 0: such a point is
 * looked at alone.  Bounds: X and Y below 2p, ZZ and ZZZ below 3p; comments give others.
 */
#define G2(name) ZKR_JOIN(GROUP2, name)

typedef struct {
    E2(x8) x, y, zz, zzz;
} G2(x8_xyzz);

ZKR_FUNCTION void G2(x8_mul)(E2(x8) *out, const E2(x8) *a, const E2(x8) *b) { E2(x8_mul)(out, a, b); }

ZKR_FUNCTION void G2(x8_dbl)(G2(x8_xyzz) *p)
{
    E2(x8) u, v, w, s, m, t;
    E2(x8_add)(&u, &p->y, &p->y);      /* 4 */
    E2(x8_sqr)(&v, &u);                /* 2 */
    G2(x8_mul)(&w, &u, &v);
    G2(x8_mul)(&s, &p->x, &v);
    E2(x8_sqr)(&t, &p->x);
    E2(x8_add)(&m, &t, &t);
    E2(x8_add)(&m, &m, &t);            /* 6 */
    G2(x8_mul)(&t, &m, &m);            /* 3 */
    E2(x8_sub)(&t, &t, &s, 3);
    E2(x8_sub)(&t, &t, &s, 3);         /* 9 */
    E2(x8_reduce)(&p->x, &t);
    E2(x8_sub)(&s, &s, &p->x, 2);      /* 5 */
    G2(x8_mul)(&t, &m, &s);
    G2(x8_mul)(&s, &w, &p->y);
    E2(x8_sub)(&t, &t, &s, 3);         /* 6 */
    E2(x8_reduce)(&p->y, &t);
    G2(x8_mul)(&p->zz, &p->zz, &v);
    G2(x8_mul)(&p->zzz, &p->zzz, &w);
}

/* p <- p + (x, y), x and y below 2p. */
ZKR_FUNCTION void G2(x8_add_affine)(G2(x8_xyzz) *p, const E2(x8) *x, const E2(x8) *y)
{
    E2(x8) dx, dy, pp, ppp, q, t;
    G2(x8_mul)(&dx, x, &p->zz);
    E2(x8_sub)(&dx, &dx, &p->x, 2);    /* 5 */
    G2(x8_mul)(&dy, y, &p->zzz);
    E2(x8_sub)(&dy, &dy, &p->y, 2);    /* 5 */
    G2(x8_mul)(&pp, &dx, &dx);
    G2(x8_mul)(&ppp, &dx, &pp);
    G2(x8_mul)(&q, &p->x, &pp);
    G2(x8_mul)(&t, &dy, &dy);
    E2(x8_sub)(&t, &t, &ppp, 3);
    E2(x8_sub)(&t, &t, &q, 3);
    E2(x8_sub)(&t, &t, &q, 3);         /* 12 */
    E2(x8_reduce)(&p->x, &t);
    E2(x8_sub)(&q, &q, &p->x, 2);      /* 5 */
    G2(x8_mul)(&t, &dy, &q);
    G2(x8_mul)(&q, &p->y, &ppp);
    E2(x8_sub)(&t, &t, &q, 3);         /* 6 */
    E2(x8_reduce)(&p->y, &t);
    G2(x8_mul)(&p->zz, &p->zz, &pp);
    G2(x8_mul)(&p->zzz, &p->zzz, &ppp);
}

/* out[k] = seed*points[k] for eight finite points. */
ZKR_FUNCTION void CU(x8_seed_multiples)(G2(xyzz) *out, const G2(affine) *points)
{
    FIELD2 x[8], y[8], zz[8], zzz[8];
    E2(x8) base_x, base_y;
    G2(x8_xyzz) sum;
    for (int k = 0; k < 8; k++) {
        x[k] = points[k].x;
        y[k] = points[k].y;
        E2(set_one)(&zz[k]);
    }
    E2(x8_load)(&base_x, x);
    E2(x8_load)(&base_y, y);
    E2(x8_load)(&sum.zz, zz);
    E2(x8_from_scalar)(&base_x, &base_x);
    E2(x8_from_scalar)(&base_y, &base_y);
    E2(x8_from_scalar)(&sum.zz, &sum.zz);
    sum.x = base_x;
    sum.y = base_y;
    sum.zzz = sum.zz;
    for (int bit = 62 - __builtin_clzll(CU(SEED)); bit >= 0; bit--) {
        G2(x8_dbl)(&sum);
        if (CU(SEED) >> bit & 1) G2(x8_add_affine)(&sum, &base_x, &base_y);
    }
    E2(x8_to_scalar)(&sum.x, &sum.x);
    E2(x8_to_scalar)(&sum.y, &sum.y);
    E2(x8_to_scalar)(&sum.zz, &sum.zz);
    E2(x8_to_scalar)(&sum.zzz, &sum.zzz);
    E2(x8_store)(x, &sum.x);
    E2(x8_store)(y, &sum.y);
    E2(x8_store)(zz, &sum.zz);
    E2(x8_store)(zzz, &sum.zzz);
    for (int k = 0; k < 8; k++) {
        out[k].x = x[k];
        out[k].y = y[k];
        out[k].zz = zz[k];
        out[k].zzz = zzz[k];
    }
}

/* The first of n points of the twist that is not in the subgroup, or n; infinity is in it. */
ZKR_FUNCTION size_t G2(first_outside)(const G2(affine) *points, size_t n)
{
    G2(xyzz) multiples[8];
    G2(affine) eight[8];
    size_t at[8], count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!G2(is_infinity)(&points[i])) {
            at[count] = i;
            eight[count++] = points[i];
        }
        if (count < 8 && i + 1 < n) continue;
        if (count == 0) break;
        for (size_t k = count; k < 8; k++) eight[k] = eight[0]; /* the last lanes repeat a point */
        CU(x8_seed_multiples)(multiples, eight);
        for (size_t k = 0; k < count; k++) {
            int is_member = E2(is_zero)(&multiples[k].zz) ? G2(is_in_subgroup)(&eight[k]) : CU(seed_multiple_passes)(&multiples[k], &eight[k]);
            if (!is_member) return at[k];
        }
        count = 0;
    }
    return n;
}
#undef G2
