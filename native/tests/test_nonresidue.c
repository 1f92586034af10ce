/* test_nonresidue.c: small multiples reduced once (fp2_xi9.h) against sums one after another: over edges of the quotient's estimate.
 *
 * Built once a set of products (see CMakeLists.txt).
 */
#include "curve_points.h"

#define FIELD bn254_fp
#define FIELD2 bn254_fp2
#include "../templates/fp2_xi9.h"
#undef FIELD
#undef FIELD2

enum { EDGES = 96, RANDOM = 20000 };

static void times(bn254_fp2 *out, const bn254_fp2 *a, int k)
{
    bn254_fp2 sum;
    bn254_fp2_set_zero(&sum);
    for (int i = 0; i < k; i++) bn254_fp2_add(&sum, &sum, a);
    *out = sum;
}

static void times_xi(bn254_fp2 *out, const bn254_fp2 *a)
{
    bn254_fp2 nine, turned = {.c1 = a->c0};
    times(&nine, a, 9);
    bn254_fp_neg(&turned.c0, &a->c1);
    bn254_fp2_add(out, &nine, &turned);
}

static void check(const bn254_fp2 *a, const bn254_fp2 *b, const bn254_fp2 *z)
{
    bn254_fp2 xi, expected, twice, out;
    times_xi(&xi, b);
    bn254_fp2_mul_by_nonresidue(&out, b);
    CHECK(bn254_fp2_equal(&out, &xi));
    bn254_fp2_add(&expected, a, &xi);
    times(&expected, &expected, 3);
    times(&twice, z, 2);
    bn254_fp2_sub(&expected, &expected, &twice);
    bn254_fp2_triple_twisted(&out, a, b, z);
    CHECK(bn254_fp2_equal(&out, &expected) && bn254_fp2_is_below_modulus(&out));
    out = *z; /* in place, as cyclotomic_sqr has it */
    bn254_fp2_triple_twisted(&out, a, b, &out);
    CHECK(bn254_fp2_equal(&out, &expected));
}

/* About (index/4)/24 of p, a little more or less, in [0, p). */
static void edge(bn254_fp *out, size_t index)
{
    uint64_t remainder = 0;
    zkr_u128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (zkr_u128)bn254_fp_modulus[i] * (index / 4 % 25);
        out->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    remainder = (uint64_t)carry;
    for (int i = 3; i >= 0; i--) {
        zkr_u128 value = (zkr_u128)remainder << 64 | out->limb[i];
        out->limb[i] = (uint64_t)(value / 24);
        remainder = (uint64_t)(value % 24);
    }
    bn254_fp small = {{index % 4}}, two = {{2}};
    if (!bn254_fp_is_below_modulus(out)) bn254_fp_set_zero(out);
    bn254_fp_add(out, out, &small);
    bn254_fp_sub(out, out, &two);
}

int main(void)
{
    bn254_fp2 a, b, z;
    for (size_t i = 0; i < EDGES; i++) {
        for (size_t j = 0; j < EDGES; j++) {
            edge(&b.c0, i), edge(&b.c1, j);
            edge(&a.c0, j + i), edge(&a.c1, i * 7 + 3);
            edge(&z.c0, i * 5 + j), edge(&z.c1, j * 11);
            check(&a, &b, &z);
        }
    }
    for (int i = 0; i < RANDOM; i++) {
        random_elements((uint8_t *)&a, 2), random_elements((uint8_t *)&b, 2), random_elements((uint8_t *)&z, 2);
        check(&a, &b, &z);
    }
    return 0;
}
