/* lanes_ntt.h: FIELD's quotients and transforms on columns of eight against its scalar ones.  Parameter: FIELD. */
enum { FE(MOST_LOG) = 14 };

/* Vectors that drive the lazy sums to their bounds (all p - 1, zero, alternating), and random ones. */
static void FE(fill)(FIELD *values, size_t n, unsigned kind)
{
    FIELD least = {{1}}, most;
    FE(set_zero)(&most);
    FE(sub)(&most, &most, &least); /* the limbs of p - 1 */
    for (size_t i = 0; i < n; i++) {
        switch (kind) {
        case 0: values[i] = most; break;
        case 1: FE(set_zero)(&values[i]); break;
        case 2: values[i] = i % 2 ? most : least; break;
        case 3: values[i] = i < n / 2 ? most : least; break;
        default:
            for (int j = 0; j < FE(LIMBS); j++) values[i].limb[j] = random_word();
            values[i].limb[FE(LIMBS) - 1] >>= 64 * FE(LIMBS) - FE(NUM_BITS) + 1;
        }
    }
}

static void FE(check_quotient)(uint32_t log_size, unsigned kind, int threads)
{
    size_t n = (size_t)1 << log_size;
    FIELD *a = take(n * sizeof *a), *b = take(n * sizeof *b), *scratch = take(n * sizeof *scratch), *other = take(n * sizeof *other);
    uint8_t *expected = take(n * sizeof *a), *bytes = take(n * sizeof *a + 1), *found = bytes + 1; /* unaligned */
    FE(scalar_domain) scalar;
    FE(domain) domain;
    FE(fill)(a, n, kind);
    FE(fill)(b, n, kind < 4 ? kind * 3 % 4 : kind);
    CHECK(FE(scalar_domain_open)(&scalar, log_size) == ZKR_OK);
    CHECK(FE(domain_open)(&domain, log_size) == ZKR_OK);
    memcpy(scratch, a, n * sizeof *a);
    memcpy(other, b, n * sizeof *b);
    CHECK(FE(scalar_quotient)(expected, scratch, other, &scalar, 1) == ZKR_OK);
    for (int twice = 0; twice < 2; twice++) { /* a domain serves many proofs */
        memcpy(scratch, a, n * sizeof *a);
        memcpy(other, b, n * sizeof *b);
        CHECK(FE(quotient)(found, scratch, other, &domain, threads) == ZKR_OK);
        CHECK(memcmp(found, expected, n * sizeof *a) == 0);
    }
    FE(scalar_domain_close)(&scalar);
    FE(domain_close)(&domain);
    free(a), free(b), free(scratch), free(other), free(expected), free(bytes);
}

/* A product by a known factor, for any tight integer below RR: its bound and its residue. */
static void FE(check_known)(void)
{
    for (unsigned i = 0; i < 4096; i++) {
        FIELD w[8], bytes[8], factor[8];
        FE(x8) a, product, expected, in;
        FE(known_x8) known;
        FE(fill)(w, 8, i % 8);
        FE(x8_enter)(&in, w);
        FE(known_from_x8)(&known, &in);
        uint64_t lanes[FE(LIMBS52)][8];
        for (int k = 0; k < 8; k++) {
            for (int j = 0; j < FE(LIMBS52); j++) {
                lanes[j][k] = (i + (unsigned)k) % 3 == 0 ? (UINT64_C(1) << 52) - 1 : random_word() >> (12 + i % 50);
            }
            lanes[FE(LIMBS52) - 1][k] = FE(modulus52)[FE(LIMBS52) - 1] * (uint64_t)(FE(ROOM52) - 1 - i % 7 * (i % 3)) - i % 2; /* almost RR */
        }
        for (int j = 0; j < FE(LIMBS52); j++) a.limb[j] = _mm512_loadu_si512(lanes[j]);
        FE(x8_mul_known)(&product, &a, &known);
        /* below KNOWN*p: subtracting that leaves every lane negative */
        FE(x8) bound = product, multiple;
        FE(x8_set_zero)(&multiple);
        FE(x8_add_multiple_loose)(&multiple, &multiple, FE(KNOWN));
        FE(x8_sub_loose)(&bound, &bound, &multiple);
        FE(x8_carry)(&bound, &bound);
        CHECK(_mm512_movepi64_mask(bound.limb[FE(LIMBS52) - 1]) == 0xff);
        FE(x8_mul)(&expected, &a, &in); /* a*w*RR/RR */
        FE(x8_reduce)(&expected, &expected);
        FE(x8_canonical)(&expected, &expected);
        FE(x8_reduce)(&product, &product);
        FE(x8_canonical)(&product, &product);
        FE(x8_store)(bytes, &product);
        FE(x8_store)(factor, &expected);
        CHECK(memcmp(bytes, factor, sizeof bytes) == 0);
    }
}

static void FE(check_ntt)(uint32_t log_size, unsigned kind, int threads)
{
    size_t n = (size_t)1 << log_size;
    FIELD *values = take(n * sizeof *values), shift;
    uint8_t *expected = take(n * sizeof *values), *bytes = take(n * sizeof *values + 3), *found = bytes + 3;
    FE(fill)(values, n, kind);
    FE(fill)(&shift, 1, 5);
    for (int inverse = 0; inverse < 2; inverse++) {
        for (int shifted = 0; shifted < 2; shifted++) {
            const uint8_t *shift32 = shifted ? (const uint8_t *)&shift : NULL;
            memcpy(expected, values, n * sizeof *values);
            memcpy(found, values, n * sizeof *values);
            CHECK(FE(scalar_ntt)(expected, log_size, inverse, shift32, 1) == ZKR_OK);
            CHECK(FE(ntt)(found, log_size, inverse, shift32, threads) == ZKR_OK);
            CHECK(memcmp(expected, found, n * sizeof *values) == 0);
        }
    }
    free(values), free(expected), free(bytes);
}

static void FE(check_lanes_ntt)(int is_long)
{
    FE(check_known)();
    for (uint32_t log_size = 0; log_size <= FE(MOST_LOG); log_size++) {
        for (unsigned kind = 0; kind < 6; kind++) {
            if (log_size > 10 && kind > 0 && kind < 4) continue;
            FE(check_quotient)(log_size, kind, 1 + (int)((log_size + kind) % 5));
            FE(check_ntt)(log_size, kind, 1 + (int)((log_size + kind) % 5));
        }
    }
    for (uint32_t log_size = 17; is_long && log_size <= 20; log_size += 3) { /* the factors of groups made at each use */
        FE(check_quotient)(log_size, 0, 2);
        FE(check_quotient)(log_size, 5, 3);
        FE(check_ntt)(log_size, 5, 2);
    }
}
