/* eddsa_verify.h: the verifying half of eddsa.h, for public data.  Each item stands alone: no equation holds for several at once,
 * because a sum of equations forgives points of small order that a circuit does not.
 */

/* x and y of 32 bytes in circomlib's form: y little-endian, the top bit set when x is above (p-1)/2.  Montgomery. */
ZKR_FUNCTION int FE(edwards_unpack_vartime)(FIELD *x, FIELD *y, const uint8_t *packed, const FE(eddsa) *scheme)
{
    enum { TOP = FE(LIMBS) - 1 };
    FIELD square, u, v, integer, half = {{0}};
    FE(load)(y, packed);
    int is_negative = (int)(y->limb[TOP] >> 63);
    y->limb[TOP] &= UINT64_MAX >> 1;
    if (!FE(is_below_modulus)(y)) return ZKR_ERR_NOT_CANONICAL;
    FE(from_canonical)(y, y);
    FE(sqr)(&square, y); /* x^2 = (1 - y^2)/(a - d*y^2); the denominator is not zero, a is a square and d is not */
    FE(mul)(&v, &scheme->curve.d, &square);
    FE(sub)(&v, &scheme->curve.a, &v);
    FE(set_one)(&u);
    FE(sub)(&u, &u, &square);
    FE(inverse_vartime)(&v, &v);
    FE(mul)(&u, &u, &v);
    if (!FE(square_root_vartime)(x, &u, &scheme->roots)) return ZKR_ERR_NOT_ON_CURVE;
    if (FE(is_zero)(x)) return is_negative ? ZKR_ERR_NOT_ON_CURVE : ZKR_OK;
    FE(to_canonical)(&integer, x);
    for (int i = 0; i <= TOP; i++) half.limb[i] = FE(modulus)[i] >> 1 | (i < TOP ? FE(modulus)[i + 1] << 63 : 0);
    if (zkr_limbs_less(half.limb, integer.limb, FE(LIMBS)) != is_negative) FE(neg)(x, x);
    return ZKR_OK;
}

/* Points for n packed ones, canonical; zero where the verdict is not ZKR_OK. */
ZKR_FUNCTION void FE(eddsa_unpack_vartime)(uint8_t *points, int32_t *verdicts, const void *scheme_memory, const uint8_t *packed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        FIELD affine[2];
        verdicts[i] = FE(edwards_unpack_vartime)(&affine[0], &affine[1], packed + i * sizeof *affine, scheme_memory);
        if (verdicts[i] == ZKR_OK) {
            FE(to_canonical)(&affine[0], &affine[0]);
            FE(to_canonical)(&affine[1], &affine[1]);
        } else {
            memset(affine, 0, sizeof affine);
        }
        memcpy(points + i * sizeof affine, affine, sizeof affine);
    }
}

/* What may serve as a key: canonical, on the curve, 8A not the identity. */
ZKR_FUNCTION int FE(eddsa_load_public)(FE(eddsa_public) *out, const uint8_t *public64, const FE(eddsa) *scheme)
{
    FE(edwards_point) point;
    FE(load)(&point.x, public64);
    FE(load)(&point.y, public64 + sizeof point.x);
    if (!FE(is_below_modulus)(&point.x) || !FE(is_below_modulus)(&point.y)) return ZKR_ERR_NOT_CANONICAL;
    FE(edwards_load)(&point, public64);
    if (!FE(edwards_is_on_curve)(&point, &scheme->curve)) return ZKR_ERR_NOT_ON_CURVE;
    out->x = point.x;
    out->y = point.y;
    FE(eddsa_extend)(&out->minus_eight, &point.x, &point.y, scheme);
    for (int i = 0; i < 3; i++) GR(dbl)(&out->minus_eight, &out->minus_eight, 1);
    GR(negate)(&out->minus_eight);
    return GR(is_identity)(&out->minus_eight) ? ZKR_ERR_SMALL_ORDER : ZKR_OK;
}

ZKR_FUNCTION int FE(eddsa_key_new_vartime)(void **out, const void *scheme_memory, const uint8_t *public64)
{
    const FE(eddsa) *scheme = scheme_memory;
    FE(eddsa_key) *key = malloc(sizeof *key);
    if (key == NULL) return ZKR_ERR_MEMORY;
    int status = FE(eddsa_load_public)(&key->public, public64, scheme);
    if (status == ZKR_OK) status = GR(multiples_fill_vartime)(&key->minus_eight, &key->public.minus_eight, &scheme->twice_d);
    if (status == ZKR_OK) {
        *out = key;
    } else {
        free(key);
    }
    return status;
}

/* One signature (R8 packed, S) under a key, with its table when there is one. */
ZKR_FUNCTION int FE(eddsa_verdict)(const FE(eddsa) *scheme, const FE(eddsa_public) *public, const GR(multiples) *table,
                                   const uint8_t *message32, const uint8_t *signature64)
{
    const uint8_t *s32 = signature64 + sizeof(FIELD);
    FIELD message, s, r8[2], k, expected;
    GR(point) found;
    FE(load)(&message, message32);
    FE(load)(&s, s32);
    if (!FE(is_below_modulus)(&message) || !zkr_limbs_less(s.limb, scheme->s_end, FE(LIMBS))) return ZKR_ERR_NOT_CANONICAL;
    int status = FE(edwards_unpack_vartime)(&r8[0], &r8[1], signature64, scheme);
    if (status != ZKR_OK) return status;
    FE(from_canonical)(&message, &message);
    FE(eddsa_challenge)(&k, r8, &public->x, &public->y, &message, scheme);
    if (zkr_limbs_less(k.limb, scheme->k_begin, FE(LIMBS)) || !zkr_limbs_less(k.limb, scheme->k_end, FE(LIMBS))) return ZKR_ERR_EQUATION;
    /* S*B8 - k*(8A) = R8 */
    GR(double_mul_vartime)(&found, &scheme->base, s32, table, &public->minus_eight, (const uint8_t *)&k, &scheme->twice_d);
    FE(mul)(&expected, &r8[0], &scheme->scale);
    FE(mul)(&expected, &expected, &found.z);
    if (!FE(equal)(&expected, &found.x)) return ZKR_ERR_EQUATION;
    FE(mul)(&expected, &r8[1], &found.z);
    return FE(equal)(&expected, &found.y) ? ZKR_OK : ZKR_ERR_EQUATION;
}

typedef struct {
    const FE(eddsa) *scheme;
    const FE(eddsa_key) *key; /* NULL: publics holds a key for each item */
    const uint8_t *publics, *messages, *signatures;
    int32_t *verdicts;
    size_t n;
} FE(eddsa_job);

enum { FE(EDDSA_PIECE) = 16 };

static int FE(eddsa_task)(void *context, size_t worker, size_t index)
{
    (void)worker;
    enum { PIECE = FE(EDDSA_PIECE) };
    const FE(eddsa_job) *job = context;
    size_t end = (index + 1) * PIECE < job->n ? (index + 1) * PIECE : job->n;
    for (size_t i = index * PIECE; i < end; i++) {
        FE(eddsa_public) public;
        int32_t verdict = ZKR_OK;
        if (job->key == NULL) verdict = FE(eddsa_load_public)(&public, job->publics + i * 2 * sizeof(FIELD), job->scheme);
        if (verdict == ZKR_OK) {
            verdict = FE(eddsa_verdict)(job->scheme, job->key != NULL ? &job->key->public : &public,
                                        job->key != NULL ? &job->key->minus_eight : NULL, job->messages + i * sizeof(FIELD),
                                        job->signatures + i * 2 * sizeof(FIELD));
        }
        job->verdicts[i] = verdict;
    }
    return ZKR_OK;
}

ZKR_FUNCTION int FE(eddsa_verify_vartime)(int32_t *verdicts, const void *scheme, const void *key, const uint8_t *publics,
                                          const uint8_t *messages, const uint8_t *signatures, size_t n, int threads)
{
    enum { PIECE = FE(EDDSA_PIECE) };
    FE(eddsa_job) job = {.scheme = scheme, .key = key, .publics = publics, .messages = messages, .signatures = signatures,
                         .verdicts = verdicts, .n = n};
    return zkr_parallel(threads, (n + PIECE - 1) / PIECE, FE(eddsa_task), &job, NULL);
}

static const zkr_eddsa_table FE(eddsa_table) = {
    .make = FE(eddsa_new),
    .free = FE(eddsa_free),
    .public_key = FE(eddsa_public_key),
    .sign = FE(eddsa_sign),
    .key_new_vartime = FE(eddsa_key_new_vartime),
    .verify_vartime = FE(eddsa_verify_vartime),
    .unpack_vartime = FE(eddsa_unpack_vartime),
};
