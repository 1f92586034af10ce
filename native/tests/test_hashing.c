/* test_hashing.c: Poseidon against its definition in vector calls, Baby Jubjub against its order, BLAKE2b against its RFC. */
#include "check.h"

enum { FIELD = ZKR_BN254_FR };

static int poseidon_field;

/* One permutation through the vector operations, everything Montgomery. */
static void permute(uint8_t *state, size_t t, int full, int partial, const uint8_t *constants, const uint8_t *mds)
{
    uint8_t mixed[17 * 32], products[17 * 32], fifth[32];
    for (int round = 0; round < full + partial; round++) {
        size_t boxes = round < full / 2 || round >= full / 2 + partial ? t : 1;
        CHECK(zkr_vec_add(poseidon_field, state, state, constants + (size_t)round * t * 32, t) == ZKR_OK);
        for (size_t lane = 0; lane < boxes; lane++) {
            CHECK(zkr_vec_mul(poseidon_field, fifth, state + 32 * lane, state + 32 * lane, 1) == ZKR_OK);
            CHECK(zkr_vec_mul(poseidon_field, fifth, fifth, fifth, 1) == ZKR_OK);
            CHECK(zkr_vec_mul(poseidon_field, state + 32 * lane, state + 32 * lane, fifth, 1) == ZKR_OK);
        }
        memset(mixed, 0, sizeof mixed);
        for (size_t row = 0; row < t; row++) {
            CHECK(zkr_vec_mul(poseidon_field, products, mds + row * t * 32, state, t) == ZKR_OK);
            for (size_t lane = 0; lane < t; lane++) {
                CHECK(zkr_vec_add(poseidon_field, mixed + 32 * row, mixed + 32 * row, products + 32 * lane, 1) == ZKR_OK);
            }
        }
        memcpy(state, mixed, 32 * t);
    }
}

/* is_extreme: every number is p - 1, the most that lazy sums can meet. */
static void test_poseidon(size_t t, int full, int partial, int is_extreme)
{
    enum { HASHES = 11 }; /* eight side by side, and three more */
    size_t num_constants = (size_t)(full + partial) * t;
    uint8_t *constants = take(32 * num_constants), *mds = take(32 * t * t), *inputs = take(32 * HASHES * (t - 1));
    uint8_t out[HASHES * 32], state[17 * 32];
    size_t bad = 5;
    random_elements(constants, num_constants);
    random_elements(mds, t * t);
    random_elements(inputs, HASHES * (t - 1));
    if (is_extreme) {
        uint8_t zero[32] = {0}, one[32] = {1}, most[32];
        CHECK(zkr_vec_sub(poseidon_field, most, zero, one, 1) == ZKR_OK);
        for (size_t i = 0; i < num_constants; i++) memcpy(constants + 32 * i, most, 32);
        for (size_t i = 0; i < t * t; i++) memcpy(mds + 32 * i, most, 32);
        for (size_t i = 0; i < HASHES * (t - 1); i++) memcpy(inputs + 32 * i, most, 32);
    }
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, (int)t, full, partial, constants, mds, &bad) == ZKR_OK);
    for (size_t i = 0; i < HASHES; i++) {
        memset(state, 0, 32);
        CHECK(zkr_to_montgomery(poseidon_field, state + 32, inputs + i * (t - 1) * 32, t - 1, NULL) == ZKR_OK);
        permute(state, t, full, partial, constants, mds);
        CHECK(zkr_from_montgomery(poseidon_field, state, state, 1, NULL) == ZKR_OK);
        CHECK(memcmp(state, out + 32 * i, 32) == 0);
    }
    memset(inputs + 32, 0xff, 32);
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, (int)t, full, partial, constants, mds, &bad) == ZKR_ERR_NOT_CANONICAL);
    CHECK(bad == 1);
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, 1, full, partial, constants, mds, &bad) == ZKR_ERR_LENGTH);
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, 18, full, partial, constants, mds, &bad) == ZKR_ERR_LENGTH);
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, (int)t, full + 1, partial, constants, mds, &bad) == ZKR_ERR_LENGTH);
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, (int)t, -2, partial, constants, mds, &bad) == ZKR_ERR_LENGTH);
    CHECK(zkr_poseidon(poseidon_field, out, inputs, HASHES, (int)t, full, -1, constants, mds, &bad) == ZKR_ERR_LENGTH);
    free(constants), free(mds), free(inputs);
}

/* (s, k) with s*P + k*P = (s + k)*P; the double product and sums of single ones agree, identity and edges included. */
static void test_edwards(void)
{
    /* The point (0, -1) of order 2 and the identity (0, 1) are on every such curve. */
    uint8_t a[32], d[32], identity[64] = {0}, order2[64] = {0}, out[64], s[32], two[32] = {2}, one[32] = {1}, minus_one[32], zero[32] = {0};
    small_element(a, 168700);
    small_element(d, 168696);
    CHECK(zkr_vec_sub(FIELD, minus_one, zero, one, 1) == ZKR_OK);
    identity[32] = 1;
    memcpy(order2 + 32, minus_one, 32);
    for (int i = 0; i < 20; i++) {
        for (size_t k = 0; k < 32; k++) s[k] = (uint8_t)random_word(); /* any 256 bits are a scalar */
        CHECK(zkr_edwards_mul(FIELD, out, s, identity, a, d) == ZKR_OK && memcmp(out, identity, 64) == 0);
        CHECK(zkr_edwards_mul(FIELD, out, s, order2, a, d) == ZKR_OK);
        CHECK(memcmp(out, s[0] & 1 ? order2 : identity, 64) == 0);
        CHECK(zkr_edwards_double_mul_vartime(FIELD, out, s, order2, one, order2, a, d) == ZKR_OK);
        CHECK(memcmp(out, s[0] & 1 ? identity : order2, 64) == 0);
    }
    CHECK(zkr_edwards_mul(FIELD, out, zero, order2, a, d) == ZKR_OK && memcmp(out, identity, 64) == 0);
    memset(out, 0xa5, sizeof out);
    memcpy(order2, two, 32);
    CHECK(zkr_edwards_mul(FIELD, out, one, order2, a, d) == ZKR_ERR_NOT_ON_CURVE);
    CHECK(zkr_edwards_double_mul_vartime(FIELD, out, one, identity, one, order2, a, d) == ZKR_ERR_NOT_ON_CURVE);
    memset(order2, 0xff, 32);
    CHECK(zkr_edwards_mul(FIELD, out, one, order2, a, d) == ZKR_ERR_NOT_CANONICAL);
    for (size_t i = 0; i < sizeof out; i++) CHECK(out[i] == 0xa5);
}

/* "abc", and 300 bytes in one piece and in three: RFC 7693, appendix A has the first digest. */
static void test_blake2b(void)
{
    static const uint64_t initial[8] = {
        UINT64_C(0x6a09e667f2bdc948), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
        UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
        UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179)};
    static const uint8_t abc[8] = {0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c, 0x4d, 0x0d};
    uint8_t state[64], whole[64], data[300];
    memcpy(state, initial, sizeof state);
    CHECK(zkr_blake2b(state, 0, (const uint8_t *)"abc", 3, 1) == ZKR_OK && memcmp(state, abc, sizeof abc) == 0);
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
    memcpy(whole, initial, sizeof whole);
    memcpy(state, initial, sizeof state);
    CHECK(zkr_blake2b(whole, 0, data, sizeof data, 1) == ZKR_OK);
    CHECK(zkr_blake2b(state, 0, data, 128, 0) == ZKR_OK && zkr_blake2b(state, 128, data + 128, 128, 0) == ZKR_OK);
    CHECK(zkr_blake2b(state, 256, data + 256, 44, 1) == ZKR_OK && memcmp(state, whole, sizeof state) == 0);
    CHECK(zkr_blake2b(state, 64, data, 128, 0) == ZKR_ERR_LENGTH && zkr_blake2b(state, 0, data, 1, 0) == ZKR_ERR_LENGTH);
    CHECK(memcmp(state, whole, sizeof state) == 0);
}

int main(void)
{
    test_blake2b();
    for (int i = 0; i < 4; i++) {
        int is_extreme = i % 2;
        poseidon_field = i < 2 ? ZKR_BN254_FR : ZKR_BLS12_381_FR;
        test_poseidon(2, 8, 56, is_extreme);
        test_poseidon(3, 8, 57, is_extreme);
        test_poseidon(17, 8, 3, is_extreme);
        test_poseidon(5, 0, 2, is_extreme);
        test_poseidon(4, 0, 0, is_extreme);
    }
    test_edwards();
    return 0;
}
