/* eddsa.h: EdDSA with Poseidon on a twisted Edwards curve a*x^2 + y^2 = 1 + d*x^2*y^2 over FIELD, as circomlib verifies it.
 *
 *   k = Poseidon(R8.x, R8.y, A.x, A.y, M),  S = n + 8*k*sk mod l,  accept <=> S*B8 = R8 + k*(8A)
 *
 * and the checks of zkr_eddsa_verify_vartime.  -a and -1 are squares and d is not, so that the curve is carried over to
 * -X^2 + y^2 = 1 + D*X^2*y^2 by X = x*scale, scale^2 = -a, D = -d/a, where the formulas of edwards_multiples.h are complete.
 */
#define GROUP ZKR_JOIN(FIELD, extended)

enum { FE(EDDSA_WIDTH) = 6 }; /* of the hash: five inputs */

typedef struct {
    FE(edwards_curve) curve;
    FIELD scale, unscale, twice_d; /* 1/scale; 2D */
    FE(root_table) roots;
    FE(sparse_poseidon) hash;
    zkr_order order;
    uint64_t s_end[FE(LIMBS)], k_begin[FE(LIMBS)], k_end[FE(LIMBS)];
    GR(multiples) base;
} FE(eddsa);

/* A key that may verify: 8A and its coordinates, Montgomery. */
typedef struct {
    FIELD x, y;
    GR(point) minus_eight; /* -8A */
} FE(eddsa_public);

typedef struct {
    FE(eddsa_public) public;
    GR(multiples) minus_eight;
} FE(eddsa_key);

/* Affine coordinates of the given curve, Montgomery, to extended ones of the other. */
ZKR_INLINE void FE(eddsa_extend)(GR(point) *out, const FIELD *x, const FIELD *y, const FE(eddsa) *scheme)
{
    FE(mul)(&out->x, x, &scheme->scale);
    out->y = *y;
    FE(set_one)(&out->z);
    FE(mul)(&out->t, &out->x, y);
}

/* And back: canonical x and y, from 1/Z. */
ZKR_INLINE void FE(eddsa_store)(FIELD *affine, const GR(point) *p, const FIELD *inverse_z, const FE(eddsa) *scheme)
{
    FE(mul)(&affine[0], &p->x, inverse_z);
    FE(mul)(&affine[0], &affine[0], &scheme->unscale);
    FE(mul)(&affine[1], &p->y, inverse_z);
    FE(to_canonical)(&affine[0], &affine[0]);
    FE(to_canonical)(&affine[1], &affine[1]);
}

ZKR_FUNCTION void FE(eddsa_free)(void *scheme)
{
    FE(sparse_poseidon_free)(&((FE(eddsa) *)scheme)->hash);
    free(scheme);
}

/* scale, unscale and twice_d; 0 when the formulas would not be complete. */
ZKR_FUNCTION int FE(eddsa_carry_over)(FE(eddsa) *scheme)
{
    FIELD minus_a, minus_one, root;
    FE(neg)(&minus_a, &scheme->curve.a);
    FE(set_one)(&minus_one);
    FE(neg)(&minus_one, &minus_one);
    if (FE(is_zero)(&minus_a) || !FE(square_root_vartime)(&scheme->scale, &minus_a, &scheme->roots)) return 0;
    if (!FE(square_root_vartime)(&root, &minus_one, &scheme->roots)) return 0;
    if (FE(square_root_vartime)(&root, &scheme->curve.d, &scheme->roots)) return 0;
    FE(inverse_vartime)(&scheme->unscale, &scheme->scale);
    FE(inverse_vartime)(&scheme->twice_d, &minus_a);
    FE(mul)(&scheme->twice_d, &scheme->twice_d, &scheme->curve.d);
    FE(dbl)(&scheme->twice_d, &scheme->twice_d);
    return 1;
}

/* The table of the base, once it is known to lie on the curve and to have order l. */
ZKR_FUNCTION int FE(eddsa_set_base)(FE(eddsa) *scheme, const uint8_t *base64, const uint8_t *order32)
{
    FE(edwards_point) base;
    GR(point) point, multiple;
    FE(edwards_load)(&base, base64);
    if (!FE(edwards_is_on_curve)(&base, &scheme->curve)) return ZKR_ERR_NOT_ON_CURVE;
    FE(eddsa_extend)(&point, &base.x, &base.y, scheme);
    int status = GR(multiples_fill_vartime)(&scheme->base, &point, &scheme->twice_d);
    if (status != ZKR_OK) return status;
    GR(mul_known)(&multiple, &scheme->base, order32);
    return GR(is_identity)(&multiple) && !GR(is_identity)(&point) ? ZKR_OK : ZKR_ERR_NOT_IN_SUBGROUP;
}

ZKR_FUNCTION int FE(eddsa_new)(void **out, const zkr_eddsa_parameters *parameters)
{
    FE(eddsa) *scheme = malloc(sizeof *scheme);
    int works = 0;
    if (scheme == NULL) return ZKR_ERR_MEMORY;
    FE(edwards_load_curve)(&scheme->curve, parameters->a, parameters->d);
    FE(root_table_fill)(&scheme->roots);
    memcpy(scheme->s_end, parameters->s_end, sizeof scheme->s_end);
    memcpy(scheme->k_begin, parameters->k_begin, sizeof scheme->k_begin);
    memcpy(scheme->k_end, parameters->k_end, sizeof scheme->k_end);
    scheme->hash.memory = NULL;
    uint64_t order[ZKR_ORDER_LIMBS];
    memcpy(order, parameters->order, sizeof order);
    int status = zkr_order_init(&scheme->order, order) && FE(eddsa_carry_over)(scheme) ? ZKR_OK : ZKR_ERR_CURVE;
    if (status == ZKR_OK) status = FE(eddsa_set_base)(scheme, parameters->base, parameters->order);
    if (status == ZKR_OK) {
        status = FE(sparse_poseidon_new)(&scheme->hash, &works, FE(EDDSA_WIDTH), parameters->full_rounds, parameters->partial_rounds,
                                         parameters->round_constants, parameters->mds);
        if (status == ZKR_OK && !works) status = ZKR_ERR_ZERO;
    }
    if (status == ZKR_OK) {
        *out = scheme;
    } else {
        FE(eddsa_free)(scheme);
    }
    return status;
}

/* k, canonical. */
ZKR_INLINE void FE(eddsa_challenge)(FIELD *k, const FIELD *r8, const FIELD *x, const FIELD *y, const FIELD *message,
                                    const FE(eddsa) *scheme)
{
    FIELD state[FE(EDDSA_WIDTH)];
    FE(set_zero)(&state[0]);
    state[1] = r8[0];
    state[2] = r8[1];
    state[3] = *x;
    state[4] = *y;
    state[5] = *message;
    FE(sparse_poseidon_permute)(state, &scheme->hash);
    FE(to_canonical)(k, &state[0]);
}

/* --- signing: constant time ---------------------------------------------------------------------------------------- */

ZKR_FUNCTION void FE(eddsa_public_key)(uint8_t *public64, const void *scheme_memory, const uint8_t *secret32)
{
    const FE(eddsa) *scheme = scheme_memory;
    GR(point) public;
    FIELD inverse, affine[2];
    GR(mul_known)(&public, &scheme->base, secret32);
    FE(inverse)(&inverse, &public.z);
    FE(eddsa_store)(affine, &public, &inverse, scheme);
    memcpy(public64, affine, sizeof affine);
    zkr_wipe(&public, sizeof public);
    zkr_wipe(&inverse, sizeof inverse);
}

ZKR_FUNCTION void FE(eddsa_sign)(uint8_t *signature96, const void *scheme_memory, const uint8_t *secret32,
                                 const uint8_t *digest64, const uint8_t *message32)
{
    const FE(eddsa) *scheme = scheme_memory;
    const zkr_order *order = &scheme->order;
    GR(point) points[2]; /* A, R8 */
    FIELD product, inverse, affine[4], montgomery[4], message, k;
    uint64_t wide[2 * ZKR_ORDER_LIMBS], nonce[ZKR_ORDER_LIMBS], secret[ZKR_ORDER_LIMBS], s[ZKR_ORDER_LIMBS];
    memcpy(wide, digest64, sizeof wide);
    memcpy(secret, secret32, sizeof secret);
    zkr_order_reduce_wide(nonce, wide, order);
    GR(mul_known)(&points[0], &scheme->base, secret32);
    GR(mul_known)(&points[1], &scheme->base, (const uint8_t *)nonce);
    FE(mul)(&product, &points[0].z, &points[1].z);
    FE(inverse)(&inverse, &product);
    for (int i = 0; i < 2; i++) {
        FE(mul)(&product, &inverse, &points[1 - i].z);
        FE(eddsa_store)(&affine[2 * i], &points[i], &product, scheme);
    }
    for (int i = 0; i < 4; i++) FE(from_canonical)(&montgomery[i], &affine[i]);
    FE(load)(&message, message32);
    FE(from_canonical)(&message, &message);
    FE(eddsa_challenge)(&k, &montgomery[2], &montgomery[0], &montgomery[1], &message, scheme);
    zkr_order_mul(s, k.limb, secret, order);
    for (int i = 0; i < 3; i++) zkr_order_add(s, s, s, order);
    zkr_order_add(s, s, nonce, order);
    memcpy(signature96, &affine[2], 2 * sizeof *affine);
    memcpy(signature96 + 2 * sizeof *affine, s, sizeof s);
    zkr_wipe(points, sizeof points);
    zkr_wipe(&product, sizeof product);
    zkr_wipe(&inverse, sizeof inverse);
    zkr_wipe(wide, sizeof wide);
    zkr_wipe(nonce, sizeof nonce);
    zkr_wipe(secret, sizeof secret);
}

#include "eddsa_verify.h"
#undef GROUP
