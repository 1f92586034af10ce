/* test_limbs.c: the products, sums and differences of limbs.h, or of a kernel's own, against arithmetic bit by bit.
 *
 * Over real moduli and over moduli whose limbs are all ones, whose bits end right at the bounds, and with factors of extreme
 * limbs: a carry that is lost anywhere shows here.  Built once a set of products (see CMakeLists.txt).
 */
#include "../templates/base.h"
#include "../templates/limbs.h"
#include "check.h"

enum { MOST = 6, PATTERNS = 160 };

typedef struct {
    int n;
    uint64_t p[MOST];
} modulus;

static const modulus MODULI[] = {
    {4, {0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029}}, /* BN254, Fp and Fr */
    {4, {0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029}},
    {4, {0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48}}, /* BLS12-381, Fr and Fp */
    {6, {0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624, 0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a}},
    {4, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x0fffffffffffffff}},
    {4, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x7fffffffffffffff}},
    {4, {0x0000000000000001, 0x0000000000000000, 0x0000000000000000, 0x4000000000000000}},
    {4, {97, 0, 0, 0}},
    {6, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x0fffffffffffffff}},
    {6, {0x0000000000000003, 0x8000000000000000, 0x0000000000000000, 0xffffffffffffffff, 0x0000000000000000, 0x0000000000000001}},
};

static int is_below(const uint64_t *a, const uint64_t *b, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        if (a[i] != b[i]) return a[i] < b[i];
    }
    return 0;
}

/* a <- 2a + bit mod p for a < p < 2^(64n - 1). */
static void double_slowly(uint64_t *a, const uint64_t *p, int n)
{
    uint64_t borrow = 0;
    for (int i = n - 1; i >= 0; i--) a[i] = a[i] << 1 | (i > 0 ? a[i - 1] >> 63 : 0);
    if (is_below(a, p, n)) return;
    for (int i = 0; i < n; i++) {
        zkr_i128 difference = (zkr_i128)a[i] - p[i] - borrow;
        a[i] = (uint64_t)difference;
        borrow = difference < 0;
    }
}

/* a <- a + b mod p, each at most p. */
static void add_slowly(uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t carry = 0;
    for (int i = 0; i < n; i++) {
        zkr_u128 sum = (zkr_u128)a[i] + b[i] + carry;
        a[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    for (int times = 0; times < 2 && !is_below(a, p, n); times++) {
        zkr_i128 rest = 0;
        for (int i = 0; i < n; i++) {
            rest += (zkr_i128)a[i] - p[i];
            a[i] = (uint64_t)rest;
            rest >>= 64;
        }
    }
}

/* out <- out + a*b mod p. */
static void add_product_slowly(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t product[MOST] = {0};
    for (int bit = 64 * n - 1; bit >= 0; bit--) {
        double_slowly(product, p, n);
        if (zkr_limb_bit(b, (size_t)bit)) add_slowly(product, a, p, n);
    }
    add_slowly(out, product, p, n);
}

/* {p, 2^-64 mod p, -p^-1 mod 2^64}: the inverse by Newton, the fold as (p*inverse + 1)/2^64. */
static void make_reduction(uint64_t *reduction, const modulus *m)
{
    uint64_t inverse = 1;
    for (int i = 0; i < 6; i++) inverse *= 2 - m->p[0] * inverse;
    inverse = 0 - inverse;
    zkr_u128 carry = 1;
    for (int i = 0; i <= m->n; i++) {
        if (i < m->n) carry += (zkr_u128)m->p[i] * inverse;
        if (i > 0) reduction[m->n + i - 1] = (uint64_t)carry;
        carry >>= 64;
    }
    memcpy(reduction, m->p, 8 * (size_t)m->n);
    reduction[2 * m->n] = inverse;
}

/* Whether sums of that many products may be reduced with folds: products*p/2^(64n) + fold/p + 1 < 2 with room to spare. */
static int may_fold(const uint64_t *reduction, int n, int products)
{
    int top = n - 1;
    while (top > 0 && reduction[top] == 0) top--;
    double share = top == n - 1 ? (double)reduction[top] / 18446744073709551616.0 : 0;
    return products * share + ((double)reduction[n + top] + 1) / (double)reduction[top] < 0.99;
}

/* A number in [0, p]: limbs of extreme and of random values, cut down until it is no larger than p. */
static void pattern(uint64_t *out, const modulus *m, int index)
{
    const uint64_t extremes[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63, (UINT64_C(1) << 63) - 1};
    for (int i = 0; i < m->n; i++) {
        uint64_t choice = random_word() % 10;
        out[i] = choice < 6 ? extremes[choice] : choice < 8 ? m->p[i] : random_word();
    }
    if (index < 4) { /* 0, 1, p - 1, p */
        for (int i = 0; i < m->n; i++) out[i] = index < 2 ? 0 : m->p[i];
        out[0] = index == 1 ? 1 : index == 2 ? out[0] - 1 : out[0];
    }
    for (int i = m->n - 1; i >= 0 && is_below(m->p, out, m->n); i--) out[i] = m->p[i] / 2;
    CHECK(!is_below(m->p, out, m->n));
}

/* out*2^(64n) = expected mod p and out < p. */
static void check_product(const uint64_t *out, const uint64_t *expected, const uint64_t *p, int n)
{
    uint64_t image[MOST];
    CHECK(is_below(out, p, n));
    memcpy(image, out, 8 * (size_t)n);
    for (int i = 0; i < 64 * n; i++) double_slowly(image, p, n);
    CHECK(memcmp(image, expected, 8 * (size_t)n) == 0);
}

/* t = high*2^(64n) + low for high < p and any low: out = high + low*2^(-64n), that is out*2^(64n) = high*2^(64n) + low. */
#define CHECK_REDUCTION(N)                                                                                             \
    static void check_reduction_##N(const modulus *m, const uint64_t *reduction)                                       \
    {                                                                                                                  \
        uint64_t wide[2 * N], out[N], expected[N] = {0}, one[N] = {1};                                                 \
        pattern(wide + N, m, (int)(random_word() % 8));                                                                \
        if (!is_below(wide + N, m->p, N)) return;                                                                      \
        for (int i = 0; i < N; i++) wide[i] = random_word() % 3 ? 0 - (random_word() & 1) : random_word();             \
        memcpy(expected, wide + N, sizeof expected);                                                                   \
        for (int i = 0; i < 64 * N; i++) double_slowly(expected, m->p, N);                                             \
        add_product_slowly(expected, one, wide, m->p, N);                                                              \
        ZKR_MONT_REDUCE(out, wide, reduction, N);                                                                      \
        check_product(out, expected, m->p, N);                                                                         \
    }
CHECK_REDUCTION(4)
CHECK_REDUCTION(6)

/* One modulus of N limbs, a constant as in every use. */
#define TEST_MODULUS(N)                                                                                                \
    static void test_modulus_##N(const modulus *m)                                                                     \
    {                                                                                                                  \
        uint64_t reduction[2 * N + 1], x[N], y[N], pair[2 * N], out[N], expected[N];                                   \
        make_reduction(reduction, m);                                                                                  \
        for (int index = 0; index < PATTERNS; index++) {                                                               \
            pattern(x, m, index / 4 % 6);                                                                              \
            pattern(y, m, (int)(random_word() % 8));                                                                   \
            pattern(pair, m, index % 5);                                                                               \
            pattern(pair + N, m, (int)(random_word() % 8));                                                            \
            memset(expected, 0, sizeof expected);                                                                      \
            add_product_slowly(expected, x, pair, m->p, N);                                                            \
            ZKR_MONT_MUL(out, x, pair, reduction, 0, N);                                                               \
            check_product(out, expected, m->p, N);                                                                     \
            check_reduction_##N(m, reduction);                                                                         \
            if (is_below(pair, m->p, N)) {                                                                             \
                uint64_t wide[2 * N];                                                                                  \
                ZKR_MUL_WIDE(wide, x, pair, N);                                                                        \
                ZKR_MONT_REDUCE(out, wide, reduction, N);                                                              \
                check_product(out, expected, m->p, N);                                                                 \
            }                                                                                                          \
            if (may_fold(reduction, N, 1)) {                                                                           \
                ZKR_MONT_MUL(out, x, pair, reduction, N - 1, N);                                                       \
                check_product(out, expected, m->p, N);                                                                 \
            }                                                                                                          \
            add_product_slowly(expected, y, pair + N, m->p, N);                                                        \
            if (may_fold(reduction, N, 2)) {                                                                           \
                ZKR_MONT_SUM(out, x, y, pair, reduction, N - 1, N);                                                    \
                check_product(out, expected, m->p, N);                                                                 \
            }                                                                                                          \
            if (!is_below(x, m->p, N) || !is_below(y, m->p, N)) continue;                                              \
            memcpy(expected, x, sizeof expected);                                                                      \
            add_slowly(expected, y, m->p, N);                                                                          \
            ZKR_MOD_ADD(out, x, y, m->p, N);                                                                           \
            CHECK(memcmp(out, expected, sizeof expected) == 0);                                                        \
            ZKR_MOD_SUB(out, out, y, m->p, N);                                                                         \
            CHECK(memcmp(out, x, sizeof x) == 0);                                                                      \
            ZKR_MOD_SUB(out, x, y, m->p, N); /* may borrow */                                                          \
            add_slowly(out, y, m->p, N);                                                                               \
            CHECK(memcmp(out, x, sizeof x) == 0);                                                                      \
        }                                                                                                              \
    }
TEST_MODULUS(4)
TEST_MODULUS(6)

int main(void)
{
#ifdef ZKR_ADX
    if (!zkr_cpu_supports("bmi2") || !zkr_cpu_supports("adx")) return skip("this CPU has no mulx, adcx or adox");
#endif
    for (size_t i = 0; i < LENGTH(MODULI); i++) {
        if (MODULI[i].n == 4) test_modulus_4(&MODULI[i]);
        if (MODULI[i].n == 6) test_modulus_6(&MODULI[i]);
    }
    return 0;
}
