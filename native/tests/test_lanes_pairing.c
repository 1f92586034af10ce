/* test_lanes_pairing.c: the vector code of the pairing and of the verifier against the scalar templates, in a kernel's BN254, which
 * holds both; at the bounds of the lazy reduction. */
#define ZKR_LANES 8
#ifndef ZKR_WITHOUT_ADX
#define ZKR_ADX
#endif
#define KERNEL lanes_test
#define ZKR_CURVE_BN254
#include "../templates/kernel_body.h"

#include "check.h"
#include "lanes_main.h"

#undef FIELD /* as the kernel leaves it */
#define FIELD bn254_fp
#include "lanes_field.h"
#undef FIELD

enum { ROUNDS = 60, MOST_POINTS = 64 };

/* Eight lanes of integers a + k*p with k < multiples, edges among the a. */
static bn254_fp_x8 some_lanes(unsigned number, unsigned multiples)
{
    bn254_fp_lanes lanes;
    for (unsigned k = 0; k < 8; k++) {
        bn254_fp value = bn254_fp_case_value((number * 5 + k * (number % 7 + 1)) % bn254_fp_CASES);
        bn254_fp_widen(lanes.lane[k], &value, number % 2 ? multiples - 1 : (number / 2 + k) % multiples);
    }
    return bn254_fp_set_lanes(&lanes);
}

static bn254_fp2_x8 some_fp2(unsigned number, unsigned multiples)
{
    bn254_fp2_x8 out = {some_lanes(number, multiples), some_lanes(number * 3 + 1, multiples)};
    return out;
}

static void check_below(const bn254_fp2_x8 *a, unsigned multiples, unsigned num_lanes)
{
    bn254_fp_lanes c0 = bn254_fp_get_lanes(&a->c0), c1 = bn254_fp_get_lanes(&a->c1);
    for (unsigned k = 0; k < num_lanes; k++) {
        bn254_fp residue;
        CHECK(bn254_fp_narrow(&residue, c0.lane[k]) < multiples && bn254_fp_narrow(&residue, c1.lane[k]) < multiples);
    }
}

static bn254_fp2 lane_of(const bn254_fp2_x8 *a, unsigned lane)
{
    bn254_fp2 all[8];
    bn254_fp2_x8 t;
    bn254_fp2_x8_to_scalar(&t, a);
    bn254_fp2_x8_store(all, &t);
    return all[lane];
}

/* Eight elements side by side: squares, and products by lines with l0, l3 below 2p and l4 below 6p. */
static void check_eight_elements(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        bn254_fp12_x8 f, square, product;
        bn254_fp12 before[8], squared[8], multiplied[8];
        for (unsigned i = 0; i < 6; i++) f.c[i] = some_fp2(round + 11 * i, 3);
        bn254_fp2_x8 l0 = some_fp2(round + 1, 2), l3 = some_fp2(round + 2, 2), l4 = some_fp2(round + 3, 6);
        __mmask8 mask = (__mmask8)(round % 3 == 0 ? 0xff : random_word());
        square = product = f;
        bn254_fp12_x8_sqr(&square);
        bn254_fp12_x8_mul_by_line(&product, &l0, &l3, &l4, mask);
        bn254_fp12_x8_leave(before, &f);
        bn254_fp12_x8_leave(squared, &square);
        bn254_fp12_x8_leave(multiplied, &product);
        for (unsigned i = 0; i < 6; i++) {
            check_below(&square.c[i], 3, 8);
            check_below(&product.c[i], 3, 8);
        }
        for (unsigned k = 0; k < 8; k++) {
            bn254_fp12 expected;
            bn254_fp2 a = lane_of(&l0, k), b = lane_of(&l3, k), c = lane_of(&l4, k);
            bn254_fp12_sqr(&expected, &before[k]);
            CHECK(bn254_fp12_equal(&expected, &squared[k]));
            bn254_fp12_mul_by_line(&expected, &before[k], &a, &b, &c);
            CHECK(bn254_fp12_equal(mask >> k & 1 ? &expected : &before[k], &multiplied[k]));
        }
    }
}

/* One element in a vector: at most 3p. */
static void check_one_element(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        bn254_fp12_vector a = some_fp2(round, 3), b = some_fp2(round * 7 + 3, 3), out;
        bn254_fp12 x, y, expected, got;
        bn254_fp12_vector_leave(&x, &a);
        bn254_fp12_vector_leave(&y, &b);
        bn254_fp12_vector_mul(&out, &a, &b);
        check_below(&out, 3, 6);
        bn254_fp12_mul(&expected, &x, &y);
        bn254_fp12_vector_leave(&got, &out);
        CHECK(bn254_fp12_equal(&expected, &got));
        bn254_fp12_vector_conjugate(&out, &a);
        bn254_fp12_conjugate(&expected, &x);
        bn254_fp12_vector_leave(&got, &out);
        CHECK(bn254_fp12_equal(&expected, &got));
        for (int power = 1; power <= 3; power++) {
            bn254_fp12_vector_frobenius(&out, &a, power);
            check_below(&out, 3, 6);
            bn254_fp12_frobenius(&expected, &x, power);
            bn254_fp12_vector_leave(&got, &out);
            CHECK(bn254_fp12_equal(&expected, &got));
        }
        bn254_fp_x8 line = some_lanes(round + 5, 2);
        bn254_fp scalars[8];
        bn254_fp_x8 canonical;
        bn254_fp_x8_to_scalar(&canonical, &line);
        bn254_fp_x8_store(scalars, &canonical);
        bn254_fp2 l[4];
        memcpy(l, scalars, sizeof l);
        out = a;
        bn254_fp12_vector_mul_by_line(&out, &line);
        check_below(&out, 3, 6);
        bn254_fp12_mul_by_line(&expected, &x, &l[0], &l[1], &l[2]);
        bn254_fp12_vector_leave(&got, &out);
        CHECK(bn254_fp12_equal(&expected, &got));
        for (int half = 0; half < 2; half++) {
            out = a;
            bn254_fp12_vector_mul_by_line_1(&out, &line, 4 * half);
            check_below(&out, 3, 6);
            bn254_fp12_mul_by_line_1(&expected, &x, &l[2 * half], &l[2 * half + 1]);
            bn254_fp12_vector_leave(&got, &out);
            CHECK(bn254_fp12_equal(&expected, &got));
        }
    }
}

/* Elements of the cyclotomic subgroup, widened by up to two p. */
static void check_cyclotomic(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        bn254_fp12_vector v = some_fp2(round, 3), wide, out;
        bn254_fp12 f, t, expected, got;
        bn254_fp12_vector_leave(&f, &v);
        bn254_fp12_inverse_vartime(&t, &f);
        bn254_fp12_conjugate(&f, &f);
        bn254_fp12_mul(&f, &f, &t);
        bn254_fp12_frobenius(&t, &f, 2);
        bn254_fp12_mul(&f, &f, &t);
        bn254_fp12_vector_enter(&v, &f);
        bn254_fp2_x8_canonical(&v, &v);
        bn254_fp2_x8_add_multiple_loose(&wide, &v, (int)(round % 3));
        bn254_fp2_x8_carry(&wide, &wide);
        bn254_fp12_vector_cyclotomic_sqr(&out, &wide);
        check_below(&out, 2, 6);
        bn254_fp12_sqr(&expected, &f);
        bn254_fp12_vector_leave(&got, &out);
        CHECK(bn254_fp12_equal(&expected, &got));
        if (round % 10 != 0) continue;
        bn254_fp12_vector_hard_part(&out, &v);
        bn254_fp12_hard_part(&expected, &f);
        bn254_fp12_vector_leave(&got, &out);
        CHECK(bn254_fp12_equal(&expected, &got));
    }
}

static bn254_g1_affine g1_points[MOST_POINTS];
static bn254_g2_affine g2_points[MOST_POINTS];

static void fill_points(void)
{
    bn254_g1_xyzz p, sum1;
    bn254_g2_xyzz q, sum2;
    bn254_g1_affine generator1;
    bn254_g2_affine generator2;
    memcpy(&generator1, bn254_g1_generator, sizeof generator1);
    memcpy(&generator2, bn254_g2_generator, sizeof generator2);
    bn254_g1_xyzz_set_infinity(&sum1);
    bn254_g2_xyzz_set_infinity(&sum2);
    for (int i = 0; i < MOST_POINTS; i++) {
        uint64_t step = random_word() >> (i % 2 ? 0 : 62);
        bn254_g1_mul_vartime(&p, &generator1, &step, 1);
        bn254_g2_mul_vartime(&q, &generator2, &step, 1);
        bn254_g1_xyzz_add_affine(&sum1, &sum1, &generator1);
        bn254_g1_xyzz_add(&sum1, &sum1, &p);
        bn254_g2_xyzz_add_affine(&sum2, &sum2, &generator2);
        bn254_g2_xyzz_add(&sum2, &sum2, &q);
        bn254_g1_to_affine_vartime(&g1_points[i], &sum1);
        bn254_g2_to_affine_vartime(&g2_points[i], &sum2);
    }
}

static int same_point(const bn254_g1_xyzz *a, const bn254_g1_xyzz *b)
{
    bn254_g1_affine p, q;
    bn254_g1_to_affine_vartime(&p, a);
    bn254_g1_to_affine_vartime(&q, b);
    return bn254_fp_equal(&p.x, &q.x) && bn254_fp_equal(&p.y, &q.y);
}

static void check_weights(void)
{
    static const uint64_t edges[] = {0, 1, 2, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63, 0x5555555555555555u, 0xaaaaaaaaaaaaaaaau};
    bn254_weight weights[MOST_POINTS];
    bn254_g1_xyzz products[MOST_POINTS], expected;
    for (size_t n = 1; n <= MOST_POINTS; n += n < 18 ? 1 : 23) {
        for (size_t i = 0; i < n; i++) {
            weights[i].a = i % 3 == 0 ? edges[(i + n) % LENGTH(edges)] : random_word();
            weights[i].b = i % 2 == 0 ? edges[(i * 3 + n) % LENGTH(edges)] : random_word();
        }
        bn254_mul_by_weights(products, g1_points, weights, n);
        for (size_t i = 0; i < n; i++) {
            bn254_sum_by_weights(&expected, &g1_points[i], &weights[i], 1);
            CHECK(same_point(&expected, &products[i]));
        }
    }
}

/* Sums with and without points that meet in a lane; where they do, the sum says so. */
static void check_sums(void)
{
    const uint8_t *points[3 * MOST_POINTS];
    uint8_t negative[3 * MOST_POINTS];
    for (size_t n = 0; n < 3 * MOST_POINTS; n += n < 26 ? 1 : 17) {
        for (int repeated = 0; repeated < 3; repeated++) {
            bn254_g1_xyzz expected, sum;
            bn254_g1_xyzz_set_infinity(&expected);
            for (size_t i = 0; i < n; i++) {
                size_t which = repeated == 1 ? i % 8 : i % MOST_POINTS; /* 1: the lane's own point again, 2: its opposite */
                negative[i] = repeated == 2 ? i / 8 % 2 : (uint8_t)(random_word() & 1);
                if (repeated == 1) negative[i] = 0;
                if (repeated == 2) which = i % 8;
                bn254_g1_affine p = g1_points[which];
                points[i] = (const uint8_t *)&g1_points[which];
                if (negative[i]) bn254_g1_negate(&p, &p);
                bn254_g1_xyzz_add_affine(&expected, &expected, &p);
            }
            int fine = bn254_g1_x8_sum(&sum, points, negative, n);
            CHECK(fine == (repeated == 0 ? fine : n <= 8));
            CHECK(repeated != 0 || n > MOST_POINTS || fine); /* distinct points here meet with no chance worth speaking of */
            CHECK(!fine || same_point(&expected, &sum));
        }
    }
}

/* Points of the twist in and out of the subgroup among eight: the multiples and the first that is outside. */
static void check_subgroups(void)
{
    bn254_g2_affine points[MOST_POINTS];
    for (size_t n = 0; n <= MOST_POINTS; n += n < 18 ? 1 : 23) {
        memcpy(points, g2_points, sizeof points);
        CHECK(bn254_g2_first_outside(points, n) == n);
        for (size_t i = 0; i < n; i += 3) bn254_g2_set_infinity(&points[i]);
        CHECK(bn254_g2_first_outside(points, n) == n);
        for (size_t at = n; at-- > 0;) { /* (x, y*u) is on no curve of ours, and outside any subgroup of it: the test refuses */
            bn254_fp c0 = points[at].y.c0;
            if (bn254_g2_is_infinity(&points[at])) continue;
            points[at].y.c0 = points[at].y.c1;
            points[at].y.c1 = c0;
            CHECK(bn254_g2_first_outside(points, n) == at);
        }
    }
    static const uint64_t seed = bn254_SEED;
    bn254_g2_xyzz multiples[8], expected;
    bn254_x8_seed_multiples(multiples, g2_points);
    for (int k = 0; k < 8; k++) {
        bn254_g2_affine p, q;
        bn254_g2_mul_vartime(&expected, &g2_points[k], &seed, 1);
        bn254_g2_to_affine_vartime(&p, &expected);
        bn254_g2_to_affine_vartime(&q, &multiples[k]);
        CHECK(bn254_fp2_equal(&p.x, &q.x) && bn254_fp2_equal(&p.y, &q.y));
    }
}

/* Groups of every shape: the same pairing values as one group after the other. */
static void check_groups(void)
{
    bn254_point_pair pairs[bn254_BLOCK_PAIRS];
    for (size_t n = 1; n <= bn254_BLOCK_PAIRS; n += n < 10 ? 1 : 9) {
        size_t per_group = (n + bn254_GROUPS - 1) / bn254_GROUPS;
        bn254_fp12 values[bn254_GROUPS], expected;
        uint8_t in_subgroup[bn254_BLOCK_PAIRS], unused[bn254_BLOCK_PAIRS];
        for (size_t i = 0; i < n; i++) {
            pairs[i].p = g1_points[(i * 7 + n) % MOST_POINTS];
            pairs[i].q = g2_points[(i * 5 + n) % MOST_POINTS];
        }
        memset(in_subgroup, 2, sizeof in_subgroup);
        bn254_miller_groups(values, in_subgroup, pairs, n, per_group);
        for (size_t g = 0; g * per_group < n; g++) {
            size_t from = g * per_group, count = n - from < per_group ? n - from : per_group;
            bn254_miller_group(&expected, unused, pairs + from, count);
            bn254_final_exponentiation(&expected, &expected);
            bn254_final_exponentiation(&values[g], &values[g]);
            CHECK(bn254_fp12_equal(&expected, &values[g]));
        }
        for (size_t i = 0; i < bn254_BLOCK_PAIRS; i++) CHECK(in_subgroup[i] == (i < n ? 1 : 2));
    }
}

/* More plain pairs than one portion, with and without fixed lines: e(p, q)*.. one pair at a time. */
static void check_portions(void)
{
    static bn254_fixed_line lines[3][bn254_FIXED_LINES];
    const uint8_t *starts[3] = {(const uint8_t *)lines[0], (const uint8_t *)lines[1], (const uint8_t *)lines[2]};
    bn254_g1_xyzz points[3];
    for (int i = 0; i < 3; i++) {
        bn254_fixed_lines_of(lines[i], &g2_points[i]);
        bn254_g1_xyzz_from_affine(&points[i], &g1_points[i + 5]);
        bn254_g1_xyzz_dbl(&points[i], &points[i]); /* ZZ is not 1 */
    }
    for (size_t n = 0; n <= 40; n += n < 3 ? 1 : 12) {
        for (size_t num_fixed = 0; num_fixed <= 3; num_fixed++) {
            bn254_miller_pair pairs[43];
            bn254_fixed_pair fixed[3];
            bn254_fp12 value, expected;
            bn254_fixed_pairs_set(fixed, points, starts, num_fixed);
            for (size_t i = 0; i < n; i++) bn254_miller_pair_set(&pairs[i], &g1_points[i], &g2_points[i]);
            bn254_miller_loop(&value, pairs, n, fixed, num_fixed);
            bn254_final_exponentiation(&value, &value);
            bn254_fp12_set_one(&expected);
            for (size_t i = 0; i < n + num_fixed; i++) {
                bn254_g1_affine p = g1_points[i % MOST_POINTS];
                bn254_fp12 one;
                if (i >= n) bn254_g1_to_affine_vartime(&p, &points[i - n]);
                CHECK(bn254_pairing_product(&one, (const uint8_t *)&p, (const uint8_t *)&g2_points[i < n ? i : i - n], 1) == ZKR_OK);
                bn254_fp12_mul(&expected, &expected, &one);
            }
            CHECK(bn254_fp12_equal(&expected, &value));
        }
    }
}

int run_lanes(int argc, char **argv)
{
    (void)argc, (void)argv;
    bn254_fp_check_lanes();
    fill_points();
    check_eight_elements();
    check_one_element();
    check_cyclotomic();
    check_weights();
    check_sums();
    check_subgroups();
    check_groups();
    check_portions();
    return 0;
}
