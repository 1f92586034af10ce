/* test_groth16.c: the prover's border and its use of memory; that proofs verify is tested from Python with real keys. */
#include "bn254_points.h"

enum { VARIABLES = 5, PUBLIC = 1, LOG = 2, RECORD = 44, RECORDS = 3, MOST_LOG = 4 };

static uint8_t queries[1 << MOST_LOG][64], g2_queries[VARIABLES][128], assignment[VARIABLES * 32], zero[32];
static uint8_t records[RECORDS * RECORD];

static void put_record(size_t index, uint32_t matrix, uint32_t row, uint32_t column)
{
    uint32_t position[3] = {matrix, row, column};
    memset(records + index * RECORD, 0, RECORD);
    memcpy(records + index * RECORD, position, sizeof position);
    records[index * RECORD + sizeof position] = 3;
}

static zkr_groth16_key good_key(void)
{
    for (size_t i = 0; i < LENGTH(queries); i++) memcpy(queries[i], G1_GENERATOR, 64);
    for (size_t i = 0; i < LENGTH(g2_queries); i++) memcpy(g2_queries[i], G2_GENERATOR, 128);
    memset(assignment, 0, sizeof assignment);
    assignment[0] = 1;
    for (size_t i = 1; i < VARIABLES; i++) random_element(assignment + 32 * i);
    put_record(0, 0, 0, 1);
    put_record(1, 1, 3, 4);
    put_record(2, 0, 3, 0);
    return (zkr_groth16_key){
        .num_variables = VARIABLES, .num_public = PUBLIC, .log_domain = LOG, .num_coefficients = RECORDS,
        .coefficients = records, .alpha_g1 = G1_GENERATOR, .beta_g1 = G1_GENERATOR, .beta_g2 = G2_GENERATOR,
        .delta_g1 = G1_GENERATOR, .delta_g2 = G2_GENERATOR, .a_query = queries[0], .b_g1_query = queries[0],
        .b_g2_query = g2_queries[0], .l_query = queries[0], .h_query = queries[0],
    };
}

/* All points are generators: A = (1 + sum z + r)*G1 and B = (1 + sum z + s)*G2, whatever the coefficients. */
static void test_a_and_b(void)
{
    zkr_groth16_key key = good_key();
    uint8_t proof[256], again[256], sum[32] = {1}, r[32], s[32], scalar[32], expected[128];
    random_element(r);
    random_element(s);
    for (size_t i = 0; i < VARIABLES; i++) CHECK(zkr_vec_add(ZKR_BN254_FR, sum, sum, assignment + 32 * i, 1) == ZKR_OK);
    CHECK(zkr_groth16_prove_vartime(0, proof, &key, assignment, r, s, 1, NULL) == ZKR_OK);
    CHECK(zkr_vec_add(ZKR_BN254_FR, scalar, sum, r, 1) == ZKR_OK);
    CHECK(zkr_g1_fixed_base_vartime(0, expected, G1_GENERATOR, scalar, 1, 1, NULL) == ZKR_OK);
    CHECK(memcmp(proof, expected, 64) == 0);
    CHECK(zkr_vec_add(ZKR_BN254_FR, scalar, sum, s, 1) == ZKR_OK);
    CHECK(zkr_g2_fixed_base_vartime(0, expected, G2_GENERATOR, scalar, 1, 1, NULL) == ZKR_OK);
    CHECK(memcmp(proof + 64, expected, 128) == 0);
    for (int threads = 2; threads <= ZKR_MAX_THREADS; threads *= 4) {
        CHECK(zkr_groth16_prove_vartime(0, again, &key, assignment, r, s, threads, NULL) == ZKR_OK);
        CHECK(memcmp(proof, again, sizeof proof) == 0);
    }
}

static void expect(const zkr_groth16_key *key, const uint8_t *z, const uint8_t *r, int status)
{
    uint8_t proof[256];
    memset(proof, 0xa5, sizeof proof);
    CHECK(zkr_groth16_prove_vartime(0, proof, key, z, r, zero, 1, NULL) == status);
    for (size_t i = 0; i < sizeof proof && status != ZKR_OK; i++) CHECK(proof[i] == 0xa5);
}

static void test_border(void)
{
    zkr_groth16_key key = good_key(), bad;
    uint8_t ones[32];
    size_t index = 9;
    memset(ones, 0xff, sizeof ones);
    expect(&key, assignment, zero, ZKR_OK);
    expect(&key, assignment, ones, ZKR_ERR_NOT_CANONICAL);
    bad = key, bad.log_domain = 28, expect(&bad, assignment, zero, ZKR_ERR_DOMAIN);
    bad = key, bad.log_domain = UINT32_MAX, expect(&bad, assignment, zero, ZKR_ERR_DOMAIN);
    bad = key, bad.num_public = VARIABLES, expect(&bad, assignment, zero, ZKR_ERR_LENGTH);
    bad = key, bad.num_public = UINT32_MAX, expect(&bad, assignment, zero, ZKR_ERR_LENGTH);
    bad = key, bad.num_variables = 0, expect(&bad, assignment, zero, ZKR_ERR_LENGTH);
    bad = key, bad.num_coefficients = UINT64_MAX, expect(&bad, assignment, zero, ZKR_ERR_LENGTH);
    bad = key, bad.num_public = VARIABLES - 1, expect(&bad, assignment, zero, ZKR_OK); /* no private variable */
    bad = key, bad.num_coefficients = 0, bad.log_domain = 0;
    put_record(0, 0, 0, 0);
    expect(&bad, assignment, zero, ZKR_OK);
    for (uint32_t log = 1; log <= MOST_LOG; log++) bad.log_domain = log, expect(&bad, assignment, zero, ZKR_OK);
    put_record(1, 2, 0, 0), expect(&key, assignment, zero, ZKR_ERR_LENGTH);
    put_record(1, 0, 1 << LOG, 0), expect(&key, assignment, zero, ZKR_ERR_LENGTH);
    put_record(1, 0, UINT32_MAX, 0), expect(&key, assignment, zero, ZKR_ERR_LENGTH);
    put_record(1, 0, 0, VARIABLES), expect(&key, assignment, zero, ZKR_ERR_LENGTH);
    put_record(1, 0, 0, 0), memset(records + RECORD + 12, 0xff, 32), expect(&key, assignment, zero, ZKR_ERR_NOT_CANONICAL);
    put_record(1, 0, 0, 0);
    memset(assignment + 3 * 32, 0xff, 32);
    CHECK(zkr_groth16_prove_vartime(0, (uint8_t[256]){0}, &key, assignment, zero, zero, 1, &index) == ZKR_ERR_NOT_CANONICAL);
    CHECK(index == 3);
    memset(assignment, 0, sizeof assignment);
    expect(&key, assignment, zero, ZKR_ERR_LENGTH); /* does not begin with 1 */
}

/* A prover keeps what it needs of the records, and of the key only the points: many proofs, the same as one at a time. */
static void test_prepared(void)
{
    zkr_groth16_key key = good_key();
    zkr_prover *prover = NULL;
    uint8_t proof[256], again[256], r[32], s[32];
    CHECK(zkr_prover_new(99, &prover, &key, NULL, NULL) == ZKR_ERR_FIELD);
    CHECK(prover == NULL);
    CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, NULL, NULL) == ZKR_OK);
    CHECK(zkr_prover_num_bytes(prover) > 3 * 32 << LOG);
    for (int round = 0; round < 8; round++) {
        random_element(r);
        random_element(s);
        for (size_t i = 1; i < VARIABLES; i++) random_element(assignment + 32 * i);
        memset(assignment + 32 * (1 + round % (VARIABLES - 1)), 0, 32);
        CHECK(zkr_groth16_prove_vartime(0, proof, &key, assignment, r, s, 1, NULL) == ZKR_OK);
        uint8_t kept[sizeof records];
        memcpy(kept, records, sizeof records);
        memset(records, 0xff, sizeof records);
        CHECK(zkr_prover_prove_vartime(prover, again, assignment, r, s, 1 + round, NULL) == ZKR_OK);
        CHECK(memcmp(proof, again, sizeof proof) == 0);
        memcpy(records, kept, sizeof records);
    }
    memset(again, 0xa5, sizeof again);
    CHECK(zkr_prover_prove_vartime(prover, again, assignment, r, s, 0, NULL) == ZKR_ERR_THREADS);
    memset(assignment, 0, sizeof assignment); /* does not begin with 1 */
    CHECK(zkr_prover_prove_vartime(prover, again, assignment, r, s, 1, NULL) == ZKR_ERR_LENGTH);
    for (size_t i = 0; i < sizeof again; i++) CHECK(again[i] == 0xa5);
    zkr_prover_free(prover);
    zkr_prover_free(NULL);
}

/* Multiples of the finite points of a query, as many as *count says. */
static uint8_t *multiples_of(const uint8_t *points, size_t n, size_t size, uint32_t factor, uint64_t *count)
{
    uint8_t *finite = take(n * size), *out, zeros[128] = {0};
    size_t num_finite = 0;
    for (size_t i = 0; i < n; i++) {
        if (memcmp(points + i * size, zeros, size) != 0) memcpy(finite + num_finite++ * size, points + i * size, size);
    }
    *count = num_finite * (factor - 1);
    out = take(*count * size);
    if (size == 64) {
        CHECK(zkr_g1_multiples_vartime(ZKR_BN254, out, finite, num_finite, factor, 2) == ZKR_OK);
    } else {
        CHECK(zkr_g2_multiples_vartime(ZKR_BN254, out, finite, num_finite, factor, 2) == ZKR_OK);
    }
    free(finite);
    return out;
}

/* Every factor gives the proof that there is without tables; tables of other sizes or with large numbers are refused; tables of
 * any other numbers, or of none, give some proof and touch no memory that is not theirs (the sanitizers watch). */
static void test_tables(void)
{
    zkr_groth16_key key = good_key();
    uint8_t proof[256], again[256], r[32], s[32];
    memset(queries[1], 0, 64);
    memset(g2_queries[VARIABLES - 1], 0, 128);
    random_element(r);
    random_element(s);
    CHECK(zkr_groth16_prove_vartime(0, proof, &key, assignment, r, s, 1, NULL) == ZKR_OK);
    for (uint32_t factor = 2; factor <= ZKR_MAX_FACTOR; factor++) {
        zkr_groth16_tables tables = {.factor = factor}, bad;
        zkr_prover *prover = NULL;
        uint64_t *counts[] = {&tables.num_a, &tables.num_b_g1, &tables.num_l, &tables.num_h, &tables.num_b_g2};
        const uint8_t *points[] = {key.a_query, key.b_g1_query, key.l_query, key.h_query, key.b_g2_query};
        const size_t sizes[] = {VARIABLES, VARIABLES, VARIABLES - PUBLIC - 1, 1 << LOG, VARIABLES};
        uint8_t *made[5];
        for (int i = 0; i < 5; i++) made[i] = multiples_of(points[i], sizes[i], i == 4 ? 128 : 64, factor, counts[i]);
        tables.a_multiples = made[0], tables.b_g1_multiples = made[1], tables.l_multiples = made[2];
        tables.h_multiples = made[3], tables.b_g2_multiples = made[4];
        CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, &tables, NULL) == ZKR_OK);
        CHECK(zkr_prover_prove_vartime(prover, again, assignment, r, s, 1 + (int)factor % 4, NULL) == ZKR_OK);
        CHECK(memcmp(proof, again, sizeof proof) == 0);
        for (int i = 0; i < 5; i++) {
            for (uint64_t byte = 0; byte < *counts[i] * (i == 4 ? 128 : 64); byte++) {
                made[i][byte] = byte % 32 == 31 ? 0 : (uint8_t)random_word();
            }
        }
        CHECK(zkr_prover_prove_vartime(prover, again, assignment, r, s, 2, NULL) == ZKR_OK);
        CHECK(memcmp(proof, again, sizeof proof) != 0);
        for (int i = 0; i < 5; i++) memset(made[i], 0, *counts[i] * (i == 4 ? 128 : 64));
        CHECK(zkr_prover_prove_vartime(prover, again, assignment, r, s, 2, NULL) == ZKR_OK);
        zkr_prover_free(prover);
        prover = NULL;
        for (int i = 0; i < 5; i++) {
            memset(made[i], 0xff, 32);
            CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, &tables, NULL) == ZKR_ERR_NOT_CANONICAL);
            memset(made[i], 0, 32);
            uint64_t count = *counts[i];
            *counts[i] = count - 1;
            CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, &tables, NULL) == ZKR_ERR_LENGTH);
            *counts[i] = UINT64_MAX;
            CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, &tables, NULL) == ZKR_ERR_LENGTH);
            *counts[i] = count;
        }
        bad = tables, bad.factor = 1;
        CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, &bad, NULL) == ZKR_ERR_LENGTH);
        bad = tables, bad.factor = ZKR_MAX_FACTOR + 1;
        CHECK(zkr_prover_new(ZKR_BN254, &prover, &key, &bad, NULL) == ZKR_ERR_LENGTH);
        CHECK(prover == NULL);
        for (int i = 0; i < 5; i++) free(made[i]);
    }
}

/* More values than a chain of probes, all in one slot for a hash of the lowest limb alone, many records of few values, and rows of
 * ones and minus ones. */
static void test_many_records(void)
{
    enum { MANY = 700 };
    zkr_groth16_key key = good_key(); /* and a good assignment */
    uint8_t *many = take(MANY * RECORD), proof[256], r[32] = {3};
    for (size_t i = 0; i < MANY; i++) {
        uint32_t position[3] = {(uint32_t)i % 2, (uint32_t)i % (1 << LOG), (uint32_t)i % VARIABLES};
        uint64_t value[4] = {i % 3 == 0 ? 1 : 0, 0, i % 3 == 1 ? i : 5, 0};
        memcpy(many + i * RECORD, position, sizeof position);
        memcpy(many + i * RECORD + sizeof position, value, sizeof value);
    }
    key.coefficients = many;
    key.num_coefficients = MANY;
    CHECK(zkr_groth16_prove_vartime(0, proof, &key, assignment, r, zero, 3, NULL) == ZKR_OK);
    free(many);
}

int main(void)
{
    test_a_and_b();
    test_prepared();
    test_tables();
    test_many_records();
    test_border();
    return 0;
}
