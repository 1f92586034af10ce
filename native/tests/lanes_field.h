/* lanes_field.h: the lanes of FIELD (templates/lanes/field.h) against its scalar template.  Parameter: FIELD.
 *
 * Inputs are integers v = a + k*p over all multiples k that a function's contract allows, a among the edges of [0, p) and
 * random ones, so that each bound is met from below; a result is checked for its bound, its tightness and its residue.
 */
enum { FE(L52) = FE(LIMBS52), FE(L64) = FE(LIMBS), FE(CASES) = 24 };

typedef struct {
    uint64_t lane[8][FE(LIMBS52)];
} FE(lanes);

static FE(x8) FE(set_lanes)(const FE(lanes) *a)
{
    uint64_t words[FE(L52)][8];
    FE(x8) out;
    for (int i = 0; i < FE(L52); i++) {
        for (int k = 0; k < 8; k++) words[i][k] = a->lane[k][i];
        out.limb[i] = _mm512_loadu_si512(words[i]);
    }
    return out;
}

static FE(lanes) FE(get_lanes)(const FE(x8) *a)
{
    uint64_t words[8];
    FE(lanes) out;
    for (int i = 0; i < FE(L52); i++) {
        _mm512_storeu_si512(words, a->limb[i]);
        for (int k = 0; k < 8; k++) {
            CHECK(words[k] >> 52 == 0);
            out.lane[k][i] = words[k];
        }
    }
    return out;
}

/* limbs52 = a + multiple*p, a canonical in 64-bit words. */
static void FE(widen)(uint64_t *limbs52, const FIELD *a, uint64_t multiple)
{
    zkr_u128 carry = 0;
    for (int i = 0; i < FE(L52); i++) {
        int word = 52 * i / 64, shift = 52 * i % 64;
        uint64_t bits = word < FE(L64) ? a->limb[word] >> shift : 0;
        if (shift > 12 && word + 1 < FE(L64)) bits |= a->limb[word + 1] << (64 - shift);
        carry += (zkr_u128)FE(modulus52)[i] * multiple + (bits & ((UINT64_C(1) << 52) - 1));
        limbs52[i] = (uint64_t)carry & ((UINT64_C(1) << 52) - 1);
        carry >>= 52;
    }
    CHECK(carry == 0);
}

/* limbs52 < numerator*p, or <= 0 multiples left over: subtracts p until it is canonical, and tells how often. */
static unsigned FE(narrow)(FIELD *a, const uint64_t *limbs52)
{
    uint64_t value[FE(L52)], difference[FE(L52)];
    memcpy(value, limbs52, sizeof value);
    for (unsigned times = 0;; times++) {
        int64_t borrow = 0;
        for (int i = 0; i < FE(L52); i++) {
            int64_t limb = (int64_t)value[i] - (int64_t)FE(modulus52)[i] + borrow;
            borrow = limb >> 52;
            difference[i] = (uint64_t)limb & ((UINT64_C(1) << 52) - 1);
        }
        if (borrow < 0) {
            memset(a, 0, sizeof *a);
            for (int i = 0; i < FE(L52); i++) {
                int word = 52 * i / 64, shift = 52 * i % 64;
                if (word < FE(L64)) a->limb[word] |= value[i] << shift;
                if (shift > 12 && word + 1 < FE(L64)) a->limb[word + 1] |= value[i] >> (64 - shift);
            }
            return times;
        }
        memcpy(value, difference, sizeof value);
    }
}

/* Case number -> canonical value: 0, 1, p - 1, p - 2, RR mod p, then random. */
static FIELD FE(case_value)(unsigned number)
{
    FIELD a, one = {{1}};
    FE(set_zero)(&a);
    if (number == 1) a = one;
    if (number == 2) FE(sub)(&a, &a, &one);
    if (number == 3) (FE(sub)(&a, &a, &one), FE(sub)(&a, &a, &one));
    if (number == 4) FE(narrow)(&a, FE(one52));
    if (number > 4) {
        for (int i = 0; i < FE(L64); i++) a.limb[i] = random_word();
        a.limb[FE(L64) - 1] >>= 64 * FE(L64) - FE(NUM_BITS) + 1;
    }
    return a;
}

/* a*2^(-52*L52) mod p of a canonical integer, by the scalar template: the factor takes RR out. */
static void FE(expected_product)(FIELD *out, const FIELD *a, const FIELD *b)
{
    FIELD x, y, radix, one52;
    FE(narrow)(&one52, FE(one52)); /* RR mod p */
    FE(from_canonical)(&radix, &one52);
    FE(inverse)(&radix, &radix);
    FE(from_canonical)(&x, a);
    FE(from_canonical)(&y, b);
    FE(mul)(&x, &x, &y);
    FE(mul)(&x, &x, &radix);
    FE(to_canonical)(out, &x);
}

static void FE(check_products)(uint64_t alpha, uint64_t beta)
{
    for (unsigned i = 0; i < FE(CASES); i++) {
        FIELD a[8], b[8];
        FE(lanes) x, y;
        for (unsigned k = 0; k < 8; k++) {
            a[k] = FE(case_value)(i);
            b[k] = FE(case_value)((i + 3 * k) % FE(CASES));
            FE(widen)(x.lane[k], &a[k], k % 2 ? alpha - 1 : (alpha - 1) * k / 8);
            FE(widen)(y.lane[k], &b[k], k % 3 ? beta - 1 : 0);
        }
        FE(x8) left = FE(set_lanes)(&x), right = FE(set_lanes)(&y), product, square;
        FE(x8_mul)(&product, &left, &right);
        FE(x8_sqr)(&square, &left);
        FE(lanes) found = FE(get_lanes)(&product), squared = FE(get_lanes)(&square);
        for (unsigned k = 0; k < 8; k++) {
            FIELD expected, got;
            FE(expected_product)(&expected, &a[k], &b[k]);
            CHECK(FE(narrow)(&got, found.lane[k]) <= 1 + alpha * beta / FE(ROOM52));
            CHECK(FE(equal)(&got, &expected));
            FE(expected_product)(&expected, &a[k], &a[k]);
            CHECK(FE(narrow)(&got, squared.lane[k]) <= 1 + alpha * alpha / FE(ROOM52));
            CHECK(FE(equal)(&got, &expected));
        }
    }
}

static void FE(check_sums)(void)
{
    for (unsigned i = 0; i < FE(CASES); i++) {
        FIELD a[8], b[8];
        FE(lanes) x, y;
        for (unsigned k = 0; k < 8; k++) {
            a[k] = FE(case_value)(i);
            b[k] = FE(case_value)((i * 5 + k) % FE(CASES));
            FE(widen)(x.lane[k], &a[k], k);
            FE(widen)(y.lane[k], &b[k], 7 - k);
        }
        FE(x8) left = FE(set_lanes)(&x), right = FE(set_lanes)(&y), sum, difference, reduced, canonical;
        FE(x8_add)(&sum, &left, &right);
        FE(x8_sub)(&difference, &left, &right, 8);
        FE(x8_reduce)(&reduced, &difference);
        FE(x8_canonical)(&canonical, &reduced);
        FE(lanes) sums = FE(get_lanes)(&sum), differences = FE(get_lanes)(&difference), small = FE(get_lanes)(&reduced),
                  least = FE(get_lanes)(&canonical);
        for (unsigned k = 0; k < 8; k++) {
            FIELD expected, got;
            FE(add)(&expected, &a[k], &b[k]);
            FE(narrow)(&got, sums.lane[k]);
            CHECK(FE(equal)(&got, &expected));
            FE(sub)(&expected, &a[k], &b[k]);
            CHECK(FE(narrow)(&got, differences.lane[k]) < 16);
            CHECK(FE(equal)(&got, &expected));
            CHECK(FE(narrow)(&got, small.lane[k]) < 2);
            CHECK(FE(equal)(&got, &expected));
            CHECK(FE(narrow)(&got, least.lane[k]) == 0);
            CHECK(FE(equal)(&got, &expected));
            CHECK((FE(x8_is_zero)(&canonical) >> k & 1) == FE(is_zero)(&expected));
        }
    }
}

/* Any value below RR is reduced below 2p. */
static void FE(check_reduce)(void)
{
    uint64_t most = FE(ROOM52);
    for (unsigned i = 0; i < FE(CASES); i++) {
        FE(lanes) x;
        FIELD a[8];
        for (unsigned k = 0; k < 8; k++) {
            a[k] = FE(case_value)((i + k) % FE(CASES));
            FE(widen)(x.lane[k], &a[k], k % 2 ? most - 1 : most >> (k + 1));
        }
        FE(x8) value = FE(set_lanes)(&x);
        FE(x8_reduce)(&value, &value);
        FE(lanes) found = FE(get_lanes)(&value);
        for (unsigned k = 0; k < 8; k++) {
            FIELD got;
            CHECK(FE(narrow)(&got, found.lane[k]) < 2);
            CHECK(FE(equal)(&got, &a[k]));
        }
    }
}

/* Out of memory and back, at every misalignment, and through the lanes' form. */
static void FE(check_packing)(void)
{
    FIELD elements[9], back[9];
    for (unsigned i = 0; i < FE(CASES); i++) {
        for (unsigned k = 0; k < 9; k++) elements[k] = FE(case_value)((i + k) % FE(CASES));
        FE(x8) value;
        memset(back, 0xaa, sizeof back);
        FE(x8_load)(&value, elements + 1);
        (void)FE(get_lanes)(&value);
        FE(x8_store)(back + 1, &value);
        CHECK(memcmp(elements + 1, back + 1, 8 * sizeof *back) == 0);
        FE(x8_from_scalar)(&value, &value);
        FE(lanes) inside = FE(get_lanes)(&value);
        for (unsigned k = 0; k < 8; k++) {
            FIELD got, expected, factor;
            FE(narrow)(&factor, FE(one52)); /* a*R mod p times RR/R is mul(a*R, RR) */
            FE(mul)(&expected, &elements[k + 1], &factor);
            CHECK(FE(narrow)(&got, inside.lane[k]) < 2);
            CHECK(FE(equal)(&got, &expected));
        }
        FE(x8_to_scalar)(&value, &value);
        FE(x8_store)(back + 1, &value);
        CHECK(memcmp(elements + 1, back + 1, 8 * sizeof *back) == 0);
        CHECK(((uint8_t *)back)[0] == 0xaa);
    }
}

static void FE(check_lanes)(void)
{
    static const uint64_t bounds[][2] = {{1, 1}, {2, 2}, {2, 16}, {4, 8}, {5, 6}, {8, 4}};
    for (size_t i = 0; i < LENGTH(bounds); i++) FE(check_products)(bounds[i][0], bounds[i][1]);
    FE(check_sums)();
    FE(check_reduce)();
    FE(check_packing)();
}
