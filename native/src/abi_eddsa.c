/* abi_eddsa.c: border of EdDSA with Poseidon on an embedded Edwards curve. */
#include <stdlib.h>
#include <string.h>

#include "../templates/limbs.h"
#include "border.h"

enum { LIMBS = 4, HASH_WIDTH = 6, MOST_ROUNDS = 1024 };

struct zkr_eddsa {
    const zkr_eddsa_table *table; /* of the kernel that made `state` */
    const zkr_field_table *field;
    void *state;
    uint64_t order[LIMBS];
};

struct zkr_eddsa_key {
    const zkr_eddsa *scheme;
    void *state;
};

static int check_parameters(const zkr_field_table *field, const zkr_eddsa_parameters *p)
{
    size_t rounds;
    uint64_t order[LIMBS], s_end[LIMBS];
    if (p->full_rounds < 2 || p->full_rounds % 2 || p->full_rounds > MOST_ROUNDS) return ZKR_ERR_LENGTH;
    if (p->partial_rounds < 1 || p->partial_rounds > MOST_ROUNDS) return ZKR_ERR_LENGTH;
    rounds = (size_t)(p->full_rounds + p->partial_rounds);
    ZKR_TRY(zkr_check_below(field, p->a, 1, NULL));
    ZKR_TRY(zkr_check_below(field, p->d, 1, NULL));
    ZKR_TRY(zkr_check_below(field, p->base, 2, NULL));
    ZKR_TRY(zkr_check_below(field, p->order, 1, NULL));
    ZKR_TRY(zkr_check_below(field, p->round_constants, rounds * HASH_WIDTH, NULL));
    ZKR_TRY(zkr_check_below(field, p->mds, HASH_WIDTH * HASH_WIDTH, NULL));
    memcpy(order, p->order, sizeof order);
    memcpy(s_end, p->s_end, sizeof s_end);
    return zkr_limbs_less(order, s_end, LIMBS) ? ZKR_ERR_NOT_CANONICAL : ZKR_OK;
}

int zkr_eddsa_new(int field, zkr_eddsa **scheme, const zkr_eddsa_parameters *parameters)
{
    const zkr_field_table *f;
    ZKR_TRY(zkr_find_field(&f, field));
    if (f->eddsa == NULL) return ZKR_ERR_FIELD;
    ZKR_TRY(check_parameters(f, parameters));
    zkr_eddsa *made = malloc(sizeof *made);
    if (made == NULL) return ZKR_ERR_MEMORY;
    *made = (zkr_eddsa){.table = f->eddsa, .field = f};
    memcpy(made->order, parameters->order, sizeof made->order);
    int status = f->eddsa->make(&made->state, parameters);
    if (status == ZKR_OK) {
        *scheme = made;
    } else {
        free(made);
    }
    return status;
}

void zkr_eddsa_free(zkr_eddsa *scheme)
{
    if (scheme == NULL) return;
    scheme->table->free(scheme->state);
    free(scheme);
}

/* 1 <= secret < l, without a branch on more than that. */
static int check_secret(const zkr_eddsa *scheme, const uint8_t *secret32)
{
    uint64_t secret[LIMBS], any = 0;
    memcpy(secret, secret32, sizeof secret);
    for (int i = 0; i < LIMBS; i++) any |= secret[i];
    int is_below = zkr_limbs_less(secret, scheme->order, LIMBS);
    zkr_wipe(secret, sizeof secret);
    if (any == 0) return ZKR_ERR_ZERO;
    return is_below ? ZKR_OK : ZKR_ERR_NOT_CANONICAL;
}

int zkr_eddsa_public_key(const zkr_eddsa *scheme, uint8_t *public64, const uint8_t *secret32)
{
    ZKR_TRY(check_secret(scheme, secret32));
    scheme->table->public_key(public64, scheme->state, secret32);
    return ZKR_OK;
}

int zkr_eddsa_sign(const zkr_eddsa *scheme, uint8_t *signature96, const uint8_t *secret32, const uint8_t *digest64,
                   const uint8_t *message32)
{
    ZKR_TRY(check_secret(scheme, secret32));
    ZKR_TRY(zkr_check_below(scheme->field, message32, 1, NULL));
    scheme->table->sign(signature96, scheme->state, secret32, digest64, message32);
    return ZKR_OK;
}

int zkr_eddsa_key_new_vartime(const zkr_eddsa *scheme, zkr_eddsa_key **key, const uint8_t *public64)
{
    zkr_eddsa_key *made = malloc(sizeof *made);
    if (made == NULL) return ZKR_ERR_MEMORY;
    made->scheme = scheme;
    int status = scheme->table->key_new_vartime(&made->state, scheme->state, public64);
    if (status == ZKR_OK) {
        *key = made;
    } else {
        free(made);
    }
    return status;
}

void zkr_eddsa_key_free(zkr_eddsa_key *key)
{
    if (key == NULL) return;
    free(key->state);
    free(key);
}

int zkr_eddsa_verify_vartime(const zkr_eddsa *scheme, int32_t *verdicts, const uint8_t *publics, const uint8_t *messages,
                             const uint8_t *signatures, size_t n, int threads)
{
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_threads(threads));
    return scheme->table->verify_vartime(verdicts, scheme->state, NULL, publics, messages, signatures, n, threads);
}

int zkr_eddsa_key_verify_vartime(const zkr_eddsa_key *key, int32_t *verdicts, const uint8_t *messages, const uint8_t *signatures,
                                 size_t n, int threads)
{
    const zkr_eddsa *scheme = key->scheme;
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_threads(threads));
    return scheme->table->verify_vartime(verdicts, scheme->state, key->state, NULL, messages, signatures, n, threads);
}

int zkr_eddsa_unpack_vartime(const zkr_eddsa *scheme, uint8_t *points, int32_t *verdicts, const uint8_t *packed, size_t n)
{
    ZKR_TRY(zkr_check_count(n));
    scheme->table->unpack_vartime(points, verdicts, scheme->state, packed, n);
    return ZKR_OK;
}
