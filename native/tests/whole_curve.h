/* whole_curve.h: points of the whole curve, which a check for the subgroup is there to refuse.  Parameters: FIELD with p = 3 mod 4, FIELD2.
 *
 * FE(point_near)(&x, &y, &b, k) is on y^2 = x^3 + b with x the first of k, k + 1, .. that has a y; over FIELD2, of k + u, k + 1 + u, ..
 * Where the cofactor is not 1, such a point is not in the subgroup, but for one x in as many as the cofactor.
 */
static void FE(number)(FIELD *out, uint64_t k)
{
    FIELD integer = {{k}};
    FE(from_canonical)(out, &integer);
}

static void E2(number)(FIELD2 *out, uint64_t k)
{
    FE(number)(&out->c0, k);
    FE(set_one)(&out->c1);
}

/* a^((p + 1)/4): 1 when that is a root of a. */
static int FE(root)(FIELD *out, const FIELD *a)
{
    enum { LIMBS = FE(LIMBS) };
    uint64_t exponent[LIMBS];
    FIELD square, in = *a;
    for (int i = 0; i < LIMBS; i++) exponent[i] = FE(modulus)[i] >> 2 | (i + 1 < LIMBS ? FE(modulus)[i + 1] << 62 : 0);
    exponent[0] += 1; /* floor(p/4) + 1; no modulus here has ones all through its low limb */
    FE(pow_public)(out, &in, exponent, LIMBS);
    FE(sqr)(&square, out);
    return FE(equal)(&square, &in);
}

/* c0^2 = (a0 +- |a|)/2 with |a|^2 = a0^2 + a1^2, and c1 = a1/(2*c0): 1 when a has a root; a1 is not 0. */
static int E2(root)(FIELD2 *out, const FIELD2 *a)
{
    FIELD norm, square, half;
    FE(sqr)(&norm, &a->c0);
    FE(sqr)(&square, &a->c1);
    FE(add)(&norm, &norm, &square);
    if (!FE(root)(&norm, &norm)) return 0;
    FE(number)(&half, 2);
    FE(inverse)(&half, &half);
    FE(add)(&square, &a->c0, &norm);
    FE(mul)(&square, &square, &half);
    if (!FE(root)(&out->c0, &square)) {
        FE(sub)(&square, &square, &norm);
        if (!FE(root)(&out->c0, &square)) return 0;
    }
    FE(dbl)(&square, &out->c0);
    FE(inverse)(&square, &square);
    FE(mul)(&out->c1, &a->c1, &square);
    return 1;
}

#define POINT_NEAR(field)                                                                                              \
    static void ZKR_JOIN(field, point_near)(field *x, field *y, const field *b, uint64_t k)                            \
    {                                                                                                                  \
        field right;                                                                                                   \
        do {                                                                                                           \
            ZKR_JOIN(field, number)(x, k++);                                                                           \
            ZKR_JOIN(field, sqr_hot)(&right, x);                                                                       \
            ZKR_JOIN(field, mul_hot)(&right, &right, x);                                                               \
            ZKR_JOIN(field, add)(&right, &right, b);                                                                   \
        } while (!ZKR_JOIN(field, root)(y, &right));                                                                   \
    }
POINT_NEAR(FIELD)
POINT_NEAR(FIELD2)
#undef POINT_NEAR
