/* edwards_multiples.h: multiples of points that are known ahead, on -x^2 + y^2 = 1 + d*x^2*y^2 over FIELD.
 *
 * Extended coordinates (X : Y : Z : T), x = X/Z, y = Y/Z, xy = T/Z, formulas of [HWCD08] section 3: complete when -1 is a
 * square and d is not.  A curve with another a is carried over by x -> x*sqrt(-a) (eddsa.h).  Scalars are below p, in 52 signed
 * digits of 5 bits (signed_digits.h); with the multiples of 2^(20i)*P in a table of 13 rows, k*P is 52 additions and 15
 * doublings ([LL94]), for 20 kB a point.
 */
#define GROUP ZKR_JOIN(FIELD, extended)
#define SCALAR FIELD
#include "signed_digits.h"

enum {
    GR(WINDOW) = 5,
    GR(ENTRIES) = 1 << (GR(WINDOW) - 1),
    GR(STRIDE) = 4, /* windows from one row to the next */
    GR(WINDOWS) = (FE(NUM_BITS) + 2 + GR(WINDOW) - 1) / GR(WINDOW),
    GR(ROWS) = (GR(WINDOWS) + GR(STRIDE) - 1) / GR(STRIDE)
};

typedef struct {
    FIELD x, y, z, t;
} GR(point);

/* What an addition needs of its second point: y + x, y - x, 2dxy, and 2 unless z stands for Z: then all times Z. */
typedef struct {
    FIELD sum, difference, product;
} GR(multiple);

typedef struct {
    GR(multiple) row[GR(ROWS)][GR(ENTRIES)]; /* [i][j] = (j + 1)*2^(WINDOW*STRIDE*i)*P */
} GR(multiples);

typedef struct {
    uint64_t biased[BIASED_LIMBS];
} GR(digits);

ZKR_INLINE void GR(set_identity)(GR(point) *out)
{
    FE(set_zero)(&out->x);
    FE(set_one)(&out->y);
    FE(set_one)(&out->z);
    FE(set_zero)(&out->t);
}

ZKR_INLINE int GR(is_identity)(const GR(point) *p) { return FE(is_zero)(&p->x) && FE(equal)(&p->y, &p->z); }

ZKR_INLINE void GR(negate)(GR(point) *p)
{
    FE(neg)(&p->x, &p->x);
    FE(neg)(&p->t, &p->t);
}

/* 7 products, and one for T when the next step is an addition.  out may be p. */
ZKR_FUNCTION void GR(dbl)(GR(point) *out, const GR(point) *p, int with_t)
{
    FIELD a, b, c, e, f, g, h;
    FE(sqr_hot)(&a, &p->x);
    FE(sqr_hot)(&b, &p->y);
    FE(sqr_hot)(&c, &p->z);
    FE(dbl)(&c, &c);
    FE(add)(&e, &p->x, &p->y);
    FE(sqr_hot)(&e, &e);
    FE(add)(&h, &a, &b);
    FE(sub)(&e, &e, &h); /* 2xy */
    FE(sub)(&g, &b, &a);
    FE(sub)(&f, &g, &c);
    FE(neg)(&h, &h);
    FE(mul_hot)(&out->x, &e, &f);
    FE(mul_hot)(&out->y, &g, &h);
    FE(mul_hot)(&out->z, &f, &g);
    if (with_t) FE(mul_hot)(&out->t, &e, &h);
}

/* p + q, or p - q; twice_z is 2Z of q, NULL for Z = 1.  8 products, 7 for Z = 1.  out may be p. */
ZKR_FUNCTION void GR(add_multiple)(GR(point) *out, const GR(point) *p, const GR(multiple) *q, const FIELD *twice_z,
                                   int is_negative)
{
    FIELD a, b, c, d, e, f, g, h;
    FE(sub)(&a, &p->y, &p->x);
    FE(add)(&b, &p->y, &p->x);
    FE(mul_hot)(&a, &a, is_negative ? &q->sum : &q->difference);
    FE(mul_hot)(&b, &b, is_negative ? &q->difference : &q->sum);
    FE(mul_hot)(&c, &p->t, &q->product);
    if (twice_z != NULL) {
        FE(mul_hot)(&d, &p->z, twice_z);
    } else {
        FE(dbl)(&d, &p->z);
    }
    FE(sub)(&e, &b, &a);
    FE(add)(&h, &b, &a);
    FE(sub)(is_negative ? &g : &f, &d, &c);
    FE(add)(is_negative ? &f : &g, &d, &c);
    FE(mul_hot)(&out->x, &e, &f);
    FE(mul_hot)(&out->y, &g, &h);
    FE(mul_hot)(&out->z, &f, &g);
    FE(mul_hot)(&out->t, &e, &h);
}

ZKR_INLINE void GR(to_multiple)(GR(multiple) *out, const GR(point) *p, const FIELD *twice_d)
{
    FE(add)(&out->sum, &p->y, &p->x);
    FE(sub)(&out->difference, &p->y, &p->x);
    FE(mul)(&out->product, &p->t, twice_d);
}

/* 1*P .. ENTRIES*P. */
ZKR_FUNCTION void GR(small_multiples)(GR(point) *out, const GR(point) *p, const FIELD *twice_d)
{
    GR(multiple) step;
    FIELD twice_z;
    out[0] = *p;
    GR(to_multiple)(&step, p, twice_d);
    FE(dbl)(&twice_z, &p->z);
    for (int j = 1; j < GR(ENTRIES); j++) GR(add_multiple)(&out[j], &out[j - 1], &step, &twice_z, 0);
}

/* The table of a public point: ROWS*ENTRIES additions and one inversion.  ZKR_OK or ZKR_ERR_MEMORY. */
ZKR_FUNCTION int GR(multiples_fill_vartime)(GR(multiples) *table, const GR(point) *p, const FIELD *twice_d)
{
    enum { ENTRIES = GR(ENTRIES), ALL = GR(ROWS) * ENTRIES };
    struct {
        GR(point) points[ALL];
        FIELD z[ALL], inverse[ALL];
    } *ws = malloc(sizeof *ws);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    GR(point) power = *p;
    for (int i = 0; i < GR(ROWS); i++) {
        GR(small_multiples)(ws->points + i * ENTRIES, &power, twice_d);
        for (int k = 0; k < GR(WINDOW) * GR(STRIDE); k++) GR(dbl)(&power, &power, 1);
    }
    for (int i = 0; i < ALL; i++) ws->z[i] = ws->points[i].z; /* never zero: the formulas are complete */
    FE(batch_inverse_vartime)(ws->inverse, ws->z, ALL);
    for (int i = 0; i < ALL; i++) {
        GR(point) *point = &ws->points[i];
        FE(mul)(&point->x, &point->x, &ws->inverse[i]);
        FE(mul)(&point->y, &point->y, &ws->inverse[i]);
        FE(mul)(&point->t, &point->t, &ws->inverse[i]);
        GR(to_multiple)(&table->row[i / ENTRIES][i % ENTRIES], point, twice_d);
    }
    free(ws);
    return ZKR_OK;
}

/* The digits of an integer below p; constant time. */
ZKR_INLINE void GR(digits_of)(GR(digits) *out, const uint8_t *scalar)
{
    uint64_t bias[BIASED_LIMBS];
    GR(signed_digit_bias)(bias, GR(WINDOW), GR(WINDOWS));
    (void)GR(bias_scalar)(out->biased, scalar, bias);
}

/* sum += digit * row, for a digit in [-ENTRIES, ENTRIES). */
ZKR_INLINE void GR(add_digit_vartime)(GR(point) *sum, const GR(multiple) *row, int32_t digit)
{
    if (digit != 0) GR(add_multiple)(sum, sum, &row[(digit < 0 ? -digit : digit) - 1], NULL, digit < 0);
}

/* The same in constant time: all entries are read. */
ZKR_FUNCTION void GR(add_digit)(GR(point) *sum, const GR(multiple) *row, int32_t digit)
{
    uint64_t negative = 0 - (uint64_t)((uint32_t)digit >> 31);
    uint64_t size = ((uint64_t)(int64_t)digit ^ negative) - negative;
    GR(multiple) entry, negated;
    FE(set_one)(&entry.sum);
    FE(set_one)(&entry.difference);
    FE(set_zero)(&entry.product);
    for (uint64_t j = 0; j < GR(ENTRIES); j++) {
        uint64_t difference = size ^ (j + 1), mask = ((difference | (0 - difference)) >> 63) - 1; /* all ones when equal */
        FE(select)(&entry.sum, mask, &row[j].sum, &entry.sum);
        FE(select)(&entry.difference, mask, &row[j].difference, &entry.difference);
        FE(select)(&entry.product, mask, &row[j].product, &entry.product);
    }
    FE(neg)(&negated.product, &entry.product);
    FE(select)(&negated.sum, negative, &entry.difference, &entry.sum);
    FE(select)(&negated.difference, negative, &entry.sum, &entry.difference);
    FE(select)(&negated.product, negative, &negated.product, &entry.product);
    GR(add_multiple)(sum, sum, &negated, NULL, 0);
    zkr_wipe(&entry, sizeof entry);
    zkr_wipe(&negated, sizeof negated);
}

/* out = scalar*P in constant time, for a secret scalar below p. */
ZKR_FUNCTION void GR(mul_known)(GR(point) *out, const GR(multiples) *table, const uint8_t *scalar)
{
    GR(digits) digits;
    GR(digits_of)(&digits, scalar);
    GR(set_identity)(out);
    for (int s = GR(STRIDE) - 1; s >= 0; s--) {
        for (int k = 0; k < GR(WINDOW) && s < GR(STRIDE) - 1; k++) GR(dbl)(out, out, k == GR(WINDOW) - 1);
        for (int i = 0, w = s; w < GR(WINDOWS); i++, w += GR(STRIDE)) {
            GR(add_digit)(out, table->row[i], GR(signed_digit)(digits.biased, GR(WINDOW), (size_t)w));
        }
    }
    zkr_wipe(&digits, sizeof digits);
}

/* out = s*P + k*Q with one chain of doublings ([Str64]), for public data; one of the two may be without a table: then
 * q_point is Q, and the chain runs through all windows of k. */
ZKR_FUNCTION void GR(double_mul_vartime)(GR(point) *out, const GR(multiples) *p, const uint8_t *s, const GR(multiples) *q,
                                         const GR(point) *q_point, const uint8_t *k, const FIELD *twice_d)
{
    GR(digits) digits_s, digits_k;
    GR(point) points[GR(ENTRIES)];
    GR(multiple) row[GR(ENTRIES)];
    FIELD twice_z[GR(ENTRIES)];
    GR(digits_of)(&digits_s, s);
    GR(digits_of)(&digits_k, k);
    if (q == NULL) {
        GR(small_multiples)(points, q_point, twice_d);
        for (int j = 0; j < GR(ENTRIES); j++) {
            GR(to_multiple)(&row[j], &points[j], twice_d);
            FE(dbl)(&twice_z[j], &points[j].z);
        }
    }
    GR(set_identity)(out);
    int top = q == NULL ? GR(WINDOWS) - 1 : GR(STRIDE) - 1;
    for (int w = top; w >= 0; w--) {
        for (int i = 0; i < GR(WINDOW) && w < top; i++) GR(dbl)(out, out, i == GR(WINDOW) - 1);
        if (q == NULL) {
            int32_t digit = GR(signed_digit)(digits_k.biased, GR(WINDOW), (size_t)w);
            int entry = (digit < 0 ? -digit : digit) - 1;
            if (digit != 0) GR(add_multiple)(out, out, &row[entry], &twice_z[entry], digit < 0);
        }
        if (w >= GR(STRIDE)) continue;
        for (int i = 0, v = w; v < GR(WINDOWS); i++, v += GR(STRIDE)) {
            GR(add_digit_vartime)(out, p->row[i], GR(signed_digit)(digits_s.biased, GR(WINDOW), (size_t)v));
            if (q != NULL) GR(add_digit_vartime)(out, q->row[i], GR(signed_digit)(digits_k.biased, GR(WINDOW), (size_t)v));
        }
    }
}
#undef GROUP
#undef SCALAR
