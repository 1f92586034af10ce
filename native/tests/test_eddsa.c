/* test_eddsa.c: signatures on Baby Jubjub against the curve's other functions, and everything that a verifier must refuse. */
#include "baby_jubjub.h"
#include "check.h"

enum { FIELD = ZKR_BN254_FR, N = 37 };

static zkr_eddsa *scheme;
static uint8_t secrets[N][32], digests[N][64], publics[N][64], messages[N][32], signatures[N][64], affine[N][96];

static void number_times_base(uint8_t *out64, const uint8_t *number32)
{
    CHECK(zkr_edwards_mul(FIELD, out64, number32, baby_base, baby_a, baby_d) == ZKR_OK);
}

/* circomlib's form: the top bit is the sign of x. */
static void pack(uint8_t *out32, const uint8_t *point64)
{
    uint8_t back[64];
    int32_t verdict;
    memcpy(out32, point64 + 32, 32);
    for (int sign = 0; sign < 2; sign++) {
        out32[31] = (uint8_t)((out32[31] & 0x7f) | sign << 7);
        CHECK(zkr_eddsa_unpack_vartime(scheme, back, &verdict, out32, 1) == ZKR_OK && verdict == ZKR_OK);
        if (memcmp(back, point64, 64) == 0) return;
    }
    CHECK(0);
}

static void sign_all(void)
{
    for (size_t i = 0; i < N; i++) {
        random_element(secrets[i]);
        secrets[i][31] &= 3; /* below l, which begins with 0x06 */
        random_element(messages[i]);
        for (size_t k = 0; k < 64; k++) digests[i][k] = i == 0 ? 0xff : (uint8_t)random_word();
        CHECK(zkr_eddsa_public_key(scheme, publics[i], secrets[i]) == ZKR_OK);
        CHECK(zkr_eddsa_sign(scheme, affine[i], secrets[i], digests[i], messages[i]) == ZKR_OK);
        pack(signatures[i], affine[i]);
        memcpy(signatures[i] + 32, affine[i] + 64, 32);
        uint8_t expected[64];
        number_times_base(expected, secrets[i]);
        CHECK(memcmp(expected, publics[i], 64) == 0);
    }
}

/* R8 = n*B8 for n = digest mod l: l*B8 is the identity, so any way of adding up the digest's bytes will do. */
static void test_nonce(void)
{
    for (size_t i = 0; i < N; i++) {
        uint8_t high[64], shifted[64], sum[64], one[32] = {1}, two128[32] = {0};
        two128[16] = 1;
        number_times_base(high, digests[i] + 32);
        CHECK(zkr_edwards_mul(FIELD, shifted, two128, high, baby_a, baby_d) == ZKR_OK);
        CHECK(zkr_edwards_mul(FIELD, shifted, two128, shifted, baby_a, baby_d) == ZKR_OK); /* 2^256 * high */
        CHECK(zkr_edwards_double_mul_vartime(FIELD, sum, digests[i], baby_base, one, shifted, baby_a, baby_d) == ZKR_OK);
        CHECK(memcmp(sum, affine[i], 64) == 0);
    }
}

static void expect(const int32_t *verdicts, int32_t every)
{
    for (size_t i = 0; i < N; i++) CHECK(verdicts[i] == every);
}

static void verify(int32_t *verdicts, int threads)
{
    CHECK(zkr_eddsa_verify_vartime(scheme, verdicts, publics[0], messages[0], signatures[0], N, threads) == ZKR_OK);
    for (size_t i = 0; i < N; i += 5) { /* one by one, and under a prepared key: the same */
        int32_t alone = 77, prepared = 77;
        zkr_eddsa_key *key = NULL;
        CHECK(zkr_eddsa_verify_vartime(scheme, &alone, publics[i], messages[i], signatures[i], 1, 1) == ZKR_OK);
        CHECK(alone == verdicts[i]);
        int status = zkr_eddsa_key_new_vartime(scheme, &key, publics[i]);
        if (status != ZKR_OK) {
            CHECK(status == alone && key == NULL);
            continue;
        }
        CHECK(zkr_eddsa_key_verify_vartime(key, &prepared, messages[i], signatures[i], 1, 1) == ZKR_OK);
        CHECK(prepared == alone);
        zkr_eddsa_key_free(key);
    }
}

/* Each in turn, in all items at once: one bit of each part changed, then restored. */
static void test_false(void)
{
    int32_t verdicts[N];
    for (int bit = 0; bit < 64; bit += 7) {
        for (size_t i = 0; i < N; i++) messages[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
        verify(verdicts, 1);
        expect(verdicts, ZKR_ERR_EQUATION);
        for (size_t i = 0; i < N; i++) messages[i][bit / 8] ^= (uint8_t)(1 << bit % 8), signatures[i][32 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        verify(verdicts, 3);
        expect(verdicts, ZKR_ERR_EQUATION);
        for (size_t i = 0; i < N; i++) signatures[i][32 + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t i = 0; i < N; i++) signatures[i][31] ^= 0x80; /* -R8 */
    verify(verdicts, 2);
    expect(verdicts, ZKR_ERR_EQUATION);
    for (size_t i = 0; i < N; i++) signatures[i][31] ^= 0x80;
    verify(verdicts, 2);
    expect(verdicts, ZKR_OK);
}

static void test_malformed(void)
{
    int32_t verdicts[N];
    uint8_t kept[64], most[32];
    uint64_t s[4], order[4], carry = 0;
    memset(most, 0xff, sizeof most);
    memcpy(kept, signatures[3] + 32, 32);
    memcpy(s, kept, 32);
    memcpy(order, baby_order, 32);
    for (int k = 0; k < 4; k++) { /* S + l */
        unsigned __int128 sum = (unsigned __int128)s[k] + order[k] + carry;
        s[k] = (uint64_t)sum, carry = (uint64_t)(sum >> 64);
    }
    memcpy(signatures[3] + 32, s, 32);
    verify(verdicts, 1);
    CHECK(verdicts[3] == ZKR_ERR_NOT_CANONICAL && verdicts[2] == ZKR_OK && verdicts[4] == ZKR_OK);
    memcpy(signatures[3] + 32, kept, 32);

    memcpy(kept, signatures[4], 32);
    memcpy(signatures[4], most, 32);
    verify(verdicts, 1);
    CHECK(verdicts[4] == ZKR_ERR_NOT_CANONICAL && verdicts[3] == ZKR_OK);
    memset(signatures[4], 0, 32); /* y = 1 has x = 0, which has no negative form */
    signatures[4][0] = 1, signatures[4][31] = 0x80;
    verify(verdicts, 1);
    CHECK(verdicts[4] == ZKR_ERR_NOT_ON_CURVE);
    signatures[4][31] = 0;
    verify(verdicts, 1);
    CHECK(verdicts[4] == ZKR_ERR_EQUATION);
    memcpy(signatures[4], kept, 32);

    memcpy(kept, messages[5], 32);
    memcpy(messages[5], most, 32);
    verify(verdicts, 1);
    CHECK(verdicts[5] == ZKR_ERR_NOT_CANONICAL);
    memcpy(messages[5], kept, 32);

    memcpy(kept, publics[10], 64);
    publics[10][0] ^= 1;
    verify(verdicts, 1);
    CHECK(verdicts[10] == ZKR_ERR_NOT_ON_CURVE);
    memcpy(publics[10] + 32, most, 32);
    verify(verdicts, 1);
    CHECK(verdicts[10] == ZKR_ERR_NOT_CANONICAL);
    memset(publics[10], 0, 64); /* the identity */
    publics[10][32] = 1;
    verify(verdicts, 1);
    CHECK(verdicts[10] == ZKR_ERR_SMALL_ORDER);
    memcpy(publics[10], kept, 64);
    verify(verdicts, 4);
    expect(verdicts, ZKR_OK);
}

/* Outputs stay as they are when a call fails. */
static void test_refused_calls(void)
{
    uint8_t zero[32] = {0}, most[32], other[32], out[96], untouched[96];
    int32_t verdict = 77;
    zkr_eddsa *made = NULL;
    zkr_eddsa_parameters parameters = baby_parameters();
    memset(most, 0xff, sizeof most);
    memset(out, 0xa5, sizeof out);
    memcpy(untouched, out, sizeof out);
    CHECK(zkr_eddsa_public_key(scheme, out, zero) == ZKR_ERR_ZERO);
    CHECK(zkr_eddsa_public_key(scheme, out, baby_order) == ZKR_ERR_NOT_CANONICAL);
    CHECK(zkr_eddsa_sign(scheme, out, zero, digests[0], messages[0]) == ZKR_ERR_ZERO);
    CHECK(zkr_eddsa_sign(scheme, out, most, digests[0], messages[0]) == ZKR_ERR_NOT_CANONICAL);
    CHECK(zkr_eddsa_sign(scheme, out, secrets[0], digests[0], most) == ZKR_ERR_NOT_CANONICAL);
    CHECK(memcmp(out, untouched, sizeof out) == 0);
    for (int threads = 0; threads <= ZKR_MAX_THREADS + 1; threads += ZKR_MAX_THREADS + 1) {
        CHECK(zkr_eddsa_verify_vartime(scheme, &verdict, publics[0], messages[0], signatures[0], 1, threads) == ZKR_ERR_THREADS);
    }
    CHECK(zkr_eddsa_verify_vartime(scheme, &verdict, publics[0], messages[0], signatures[0], SIZE_MAX / 2, 1) == ZKR_ERR_LENGTH);
    CHECK(verdict == 77);
    CHECK(zkr_eddsa_verify_vartime(scheme, NULL, NULL, NULL, NULL, 0, 1) == ZKR_OK);
    CHECK(zkr_eddsa_new(99, &made, &parameters) == ZKR_ERR_FIELD && zkr_eddsa_new(ZKR_BN254_FP, &made, &parameters) == ZKR_ERR_FIELD);
    parameters.a = baby_order; /* a number like another, of which -a is a square or not, but the base is not on that curve */
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) < 0);
    parameters = baby_parameters(), parameters.d = parameters.a; /* a square: the law has exceptions */
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_CURVE);
    memcpy(other, baby_order, sizeof other);
    other[0] ^= 2;
    parameters = baby_parameters(), parameters.order = other, parameters.s_end = baby_zero;
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_NOT_IN_SUBGROUP);
    other[0] ^= 3;
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_CURVE); /* even */
    parameters = baby_parameters(), parameters.s_end = most;
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_NOT_CANONICAL);
    parameters = baby_parameters(), parameters.full_rounds = 7;
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_LENGTH);
    parameters = baby_parameters(), parameters.partial_rounds = 0;
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_LENGTH);
    parameters = baby_parameters(), parameters.mds = zero_mds; /* a matrix without a sparse form */
    CHECK(zkr_eddsa_new(FIELD, &made, &parameters) == ZKR_ERR_ZERO);
    CHECK(made == NULL);
    zkr_eddsa_free(NULL);
    zkr_eddsa_key_free(NULL);
}

/* k is refused outside its bounds, though the equation holds. */
static void test_bounds(void)
{
    zkr_eddsa_parameters parameters = baby_parameters();
    uint8_t zero[32] = {0};
    zkr_eddsa *narrow;
    int32_t verdict;
    parameters.k_end = zero;
    CHECK(zkr_eddsa_new(FIELD, &narrow, &parameters) == ZKR_OK);
    CHECK(zkr_eddsa_verify_vartime(narrow, &verdict, publics[0], messages[0], signatures[0], 1, 1) == ZKR_OK);
    CHECK(verdict == ZKR_ERR_EQUATION);
    zkr_eddsa_free(narrow);
    parameters = baby_parameters(), parameters.s_end = signatures[0] + 32;
    CHECK(zkr_eddsa_new(FIELD, &narrow, &parameters) == ZKR_OK);
    CHECK(zkr_eddsa_verify_vartime(narrow, &verdict, publics[0], messages[0], signatures[0], 1, 1) == ZKR_OK);
    CHECK(verdict == ZKR_ERR_NOT_CANONICAL);
    zkr_eddsa_free(narrow);
}

int main(void)
{
    int32_t verdicts[N];
    zkr_eddsa_parameters parameters = baby_parameters();
    CHECK(zkr_eddsa_new(FIELD, &scheme, &parameters) == ZKR_OK);
    sign_all();
    test_nonce();
    verify(verdicts, 2);
    expect(verdicts, ZKR_OK);
    test_false();
    test_malformed();
    test_refused_calls();
    test_bounds();
    zkr_eddsa_free(scheme);
    return 0;
}
