/* test_tiny.c: the templates over F_97 and a curve of 79 points, where every input can be tried.
 *
 * The same code computes over BN254: what holds here for all pairs of elements, all pairs of points and all scalars cannot
 * hide an exceptional case (equal, opposite, infinity, zero) there.
 */
#include "../templates/base.h"
#include "../templates/limbs.h"

/* F_97 in one limb, or in as many as a kernel's own products are for. */
#if TINY_LIMBS == 4
#include "../params/tiny_fp_4.h"
#elif TINY_LIMBS == 6
#include "../params/tiny_fp_6.h"
#else
#include "../params/tiny_fp.h"
#endif
#include "../params/tiny_fr.h"

#define FIELD tiny_fp
#include "../templates/field.h"
#include "../templates/vector.h"
#include "../templates/ntt.h"
#include "../templates/edwards.h"
#include "../templates/edwards_multiples.h"
#undef FIELD
#define FIELD tiny_fr
#include "../templates/field.h"
#undef FIELD

#if TINY_LIMBS == 4
#include "../params/tiny_curve_4.h"
#elif TINY_LIMBS == 6
#include "../params/tiny_curve_6.h"
#else
#include "../params/tiny_curve.h"
#endif

#define FIELD tiny_fp
#define GROUP tiny_g1
#define COORD tiny_fp
#define SCALAR tiny_fr
#include "../templates/group.h"
#include "../templates/affine_batch.h"
#include "../templates/signed_digits.h"
#include "../templates/msm_small.h"
#include "../templates/msm_job.h"
#include "../templates/fixed_base.h"

#include "check.h"

enum { P = 97, R = 79 };

static tiny_fp element(unsigned value)
{
    tiny_fp a = {{value}};
    tiny_fp_from_canonical(&a, &a);
    return a;
}

static unsigned value_of(const tiny_fp *a)
{
    tiny_fp integer;
    CHECK(a->limb[0] < P);
    tiny_fp_to_canonical(&integer, a);
    return (unsigned)integer.limb[0];
}

static void test_field(void)
{
    for (unsigned i = 0; i < P; i++) {
        tiny_fp a = element(i), out;
        CHECK(value_of(&a) == i);
        tiny_fp_neg(&out, &a);
        CHECK(value_of(&out) == (P - i) % P);
        tiny_fp_inverse(&out, &a);
        CHECK(i == 0 ? value_of(&out) == 0 : value_of(&out) * i % P == 1);
        tiny_fp_inverse_vartime(&out, &a);
        CHECK(i == 0 ? value_of(&out) == 0 : value_of(&out) * i % P == 1);
        for (unsigned j = 0; j < P; j++) {
            tiny_fp b = element(j);
            tiny_fp_add(&out, &a, &b);
            CHECK(value_of(&out) == (i + j) % P);
            tiny_fp_sub(&out, &a, &b);
            CHECK(value_of(&out) == (i + P - j) % P);
            tiny_fp_mul(&out, &a, &b);
            CHECK(value_of(&out) == i * j % P);
            tiny_fp_select(&out, 0 - (uint64_t)(j & 1), &a, &b);
            CHECK(value_of(&out) == (j & 1 ? i : j));
        }
    }
}

/* Every unit vector through every size: the transform is linear, so this is the whole matrix. */
static void test_ntt(void)
{
    for (uint32_t log_size = 0; log_size <= tiny_fp_TWO_ADICITY; log_size++) {
        size_t n = (size_t)1 << log_size;
        tiny_fp root, values[1 << tiny_fp_TWO_ADICITY], shift = element(5);
        tiny_fp_ntt_root(&root, log_size, 0);
        for (size_t unit = 0; unit < n; unit++) {
            memset(values, 0, sizeof values);
            values[unit] = element(1);
            CHECK(tiny_fp_ntt((uint8_t *)values, log_size, 0, (const uint8_t *)&shift, 1) == ZKR_OK);
            for (size_t i = 0; i < n; i++) { /* (5*root^i)^unit */
                tiny_fp point = shift, power = element(1);
                for (size_t k = 0; k < i; k++) tiny_fp_mul(&point, &point, &root);
                for (size_t k = 0; k < unit; k++) tiny_fp_mul(&power, &power, &point);
                CHECK(tiny_fp_equal(&values[i], &power));
            }
            CHECK(tiny_fp_ntt((uint8_t *)values, log_size, 1, (const uint8_t *)&shift, 1) == ZKR_OK);
            for (size_t i = 0; i < n; i++) CHECK(value_of(&values[i]) == (i == unit));
        }
    }
}

static tiny_g1_affine points[R]; /* points[i] = i * generator */

static size_t index_of(const tiny_g1_affine *p)
{
    for (size_t i = 0; i < R; i++) {
        if (memcmp(&points[i], p, sizeof *p) == 0) return i;
    }
    CHECK(!"a point of the group");
    return R;
}

/* Affine chord and tangent as in the textbook, to fill the table of multiples. */
static void textbook_add(tiny_g1_affine *out, const tiny_g1_affine *p, const tiny_g1_affine *q)
{
    unsigned x1 = value_of(&p->x), y1 = value_of(&p->y), x2 = value_of(&q->x), y2 = value_of(&q->y), slope = 0;
    unsigned rise = x1 == x2 ? 3 * x1 * x1 : y2 + P - y1, run = x1 == x2 ? 2 * y1 : x2 + P - x1;
    if (tiny_g1_is_infinity(p) || tiny_g1_is_infinity(q)) {
        *out = tiny_g1_is_infinity(p) ? *q : *p;
        return;
    }
    if (x1 == x2 && (y1 + y2) % P == 0) {
        tiny_g1_set_infinity(out);
        return;
    }
    while (slope * run % P != rise % P) slope++;
    unsigned x3 = (slope * slope + 2 * P - x1 - x2) % P, y3 = (slope * (x1 + P - x3) + P - y1) % P;
    out->x = element(x3);
    out->y = element(y3);
}

static void fill_points(void)
{
    tiny_g1_affine generator;
    memcpy(&generator, tiny_g1_generator, sizeof generator);
    tiny_g1_set_infinity(&points[0]);
    for (size_t i = 1; i < R; i++) {
        textbook_add(&points[i], &points[i - 1], &generator);
        CHECK(tiny_g1_is_on_curve(&points[i]));
        CHECK(!tiny_g1_is_infinity(&points[i]));
    }
}

/* The point in XYZZ with z = scale. */
static void scaled(tiny_g1_xyzz *out, const tiny_g1_affine *p, unsigned scale)
{
    tiny_fp z = element(scale);
    tiny_g1_xyzz_from_affine(out, p);
    if (tiny_g1_xyzz_is_infinity(out)) {
        out->x = z; /* infinity is zz = 0 whatever the rest */
        out->y = z;
        return;
    }
    tiny_fp_sqr(&out->zz, &z);
    tiny_fp_mul(&out->zzz, &out->zz, &z);
    tiny_fp_mul(&out->x, &out->x, &out->zz);
    tiny_fp_mul(&out->y, &out->y, &out->zzz);
}

static void test_group(void)
{
    tiny_g1_affine result;
    tiny_g1_xyzz p, q, sum;
    for (size_t i = 0; i < R; i++) {
        scaled(&p, &points[i], 1 + (unsigned)i);
        tiny_g1_xyzz_dbl(&sum, &p);
        tiny_g1_to_affine_vartime(&result, &sum);
        CHECK(index_of(&result) == 2 * i % R);
        for (size_t j = 0; j < R; j++) {
            scaled(&q, &points[j], 2 + (unsigned)(i * j) % 90);
            tiny_g1_xyzz_add(&sum, &p, &q);
            tiny_g1_to_affine_vartime(&result, &sum);
            CHECK(index_of(&result) == (i + j) % R);
            tiny_g1_xyzz_add_affine(&sum, &p, &points[j]);
            tiny_g1_to_affine_vartime(&result, &sum);
            CHECK(index_of(&result) == (i + j) % R);
            uint64_t scalar = j;
            tiny_g1_mul_vartime(&sum, &points[i], &scalar, 1);
            tiny_g1_to_affine_vartime(&result, &sum);
            CHECK(index_of(&result) == i * j % R);
        }
    }
}

/* All pairs in one call: batches that mix doublings, opposites and infinity. */
static void test_batch(void)
{
    static tiny_g1_affine left[R * R], right[R * R], out[R * R];
    for (size_t i = 0; i < R * R; i++) {
        left[i] = points[i / R];
        right[i] = points[i % R];
    }
    CHECK(tiny_g1_add_vartime((uint8_t *)out, (uint8_t *)left, (uint8_t *)right, R * R) == ZKR_OK);
    for (size_t i = 0; i < R * R; i++) CHECK(index_of(&out[i]) == (i / R + i % R) % R);
}

/* Random multisets of points with many repeats and infinities; all scalars occur. */
static void test_msm(void)
{
    static tiny_g1_affine bases[3000], result;
    static uint64_t scalars[3000];
    for (size_t n = 0; n < LENGTH(bases); n = n < 40 ? n + 1 : 2 * n) {
        for (int threads = 1; threads <= 8; threads += 7) {
            size_t expected = 0, spread = 1 + random_word() % R; /* few distinct points: many equal and opposite pairs */
            for (size_t i = 0; i < n; i++) {
                size_t k = random_word() % spread;
                bases[i] = points[k];
                scalars[i] = random_word() % R;
                expected += k * scalars[i];
            }
            CHECK(tiny_g1_msm_vartime((uint8_t *)&result, (uint8_t *)scalars, (uint8_t *)bases, n, threads) == ZKR_OK);
            CHECK(index_of(&result) == expected % R);
        }
    }
}

/* Every point's multiples; infinity has none that are finite. */
static void test_multiples(void)
{
    static tiny_g1_affine bases[4 * R], out[4 * R * (ZKR_MAX_FACTOR - 1)];
    for (size_t i = 0; i < LENGTH(bases); i++) bases[i] = points[i % R];
    for (size_t factor = 2; factor <= ZKR_MAX_FACTOR; factor++) {
        size_t stride = (tiny_g1_SPLIT_BITS + factor - 1) / factor;
        CHECK(tiny_g1_multiples_vartime((uint8_t *)out, (uint8_t *)bases, LENGTH(bases), factor, 1 + (int)factor % 3) == ZKR_OK);
        for (size_t i = 0; i < LENGTH(bases); i++) {
            size_t expected = i % R;
            for (size_t j = 0; j + 1 < factor; j++) {
                for (size_t bit = 0; bit < stride; bit++) expected = 2 * expected % R;
                CHECK(index_of(&out[i * (factor - 1) + j]) == expected);
            }
        }
    }
}

/* The digits of a part, times the multiples that they go with, are the part: all scalars, factors, choices of columns and windows. */
static void test_columns(void)
{
    for (size_t factor = 1; factor <= ZKR_MAX_FACTOR; factor++) {
        for (size_t step = 1; step <= factor; step++) {
            for (unsigned window = 1; window <= tiny_g1_SPLIT_BITS + 1; window++) {
                tiny_g1_columns columns = tiny_g1_columns_make(factor, step, window);
                uint64_t bias[tiny_g1_PART_WORDS];
                tiny_g1_columns_bias(bias, &columns);
                for (int64_t part = -(1 << tiny_g1_PART_BITS) + 1; part < 1 << tiny_g1_PART_BITS; part++) {
                    uint64_t biased = (uint64_t)part + bias[0];
                    int64_t sum = 0;
                    for (size_t w = 0; w < columns.num_windows; w++) {
                        tiny_g1_digit_place place = tiny_g1_columns_place(&columns, w);
                        for (size_t j = 0; j < place.count; j++) {
                            size_t bit = place.bit + j * columns.bits;
                            int32_t digit = tiny_g1_msm_digit(&biased, bit, place.width, j == place.topmost);
                            CHECK(digit <= 1 << (window - 1) && digit >= -(1 << (window - 1)));
                            CHECK(bit <= tiny_g1_PART_BITS && (j == 0 || j * step < factor));
                            sum += digit * ((int64_t)1 << bit);
                        }
                    }
                    CHECK(sum == part);
                }
            }
        }
    }
}

/* Sums over bases with multiples: bases at infinity have none, and a few pairs come in a call of their own. */
static void test_msm_with_multiples(void)
{
    enum { MOST = 700 };
    static tiny_g1_affine bases[MOST], finite[MOST], multiples[MOST * (ZKR_MAX_FACTOR - 1)], result;
    static uint64_t scalars[MOST];
    static tiny_g1_msm_workspace *workspaces[4];
    for (size_t factor = 1; factor <= ZKR_MAX_FACTOR; factor++) {
        for (size_t n = 0; n <= MOST; n = n < 4 ? n + 1 : 3 * n) {
            size_t expected = 0, spread = 1 + random_word() % R, first = n / 3, finite_first = 0, num_finite = 0;
            for (size_t i = 0; i < n; i++) {
                size_t k = random_word() % spread;
                bases[i] = points[k];
                scalars[i] = random_word() % R;
                expected += k * scalars[i];
                if (i == first) finite_first = num_finite;
                if (k != 0) finite[num_finite++] = points[k];
            }
            if (factor > 1) CHECK(tiny_g1_multiples_vartime((uint8_t *)multiples, (uint8_t *)finite, num_finite, factor, 2) == ZKR_OK);
            tiny_g1_msm_job job;
            tiny_g1_xyzz sum;
            uint8_t *second = (uint8_t *)(multiples + finite_first * (factor - 1));
            CHECK(tiny_g1_msm_open(&job, n, (size_t)1 << random_word() % 20, factor, 1 + factor % 5) == ZKR_OK);
            tiny_g1_msm_add(&job, (uint8_t *)scalars, (uint8_t *)bases, (uint8_t *)multiples, first);
            tiny_g1_msm_add(&job, (uint8_t *)(scalars + first), (uint8_t *)(bases + first), second, n - first);
            for (size_t i = job.num_tasks; i-- > 0;) CHECK(tiny_g1_msm_task(&job, workspaces, i % LENGTH(workspaces), i) == ZKR_OK);
            tiny_g1_msm_sum(&sum, &job);
            tiny_g1_to_affine_vartime(&result, &sum);
            CHECK(index_of(&result) == expected % R);
            tiny_g1_msm_close(&job);
        }
    }
    for (size_t i = 0; i < LENGTH(workspaces); i++) tiny_g1_msm_workspace_free(workspaces[i]);
}

static void test_fixed_base(void)
{
    static uint64_t scalars[600];
    static tiny_g1_affine out[600];
    for (size_t base = 0; base < R; base++) {
        for (size_t i = 0; i < LENGTH(scalars); i++) scalars[i] = (i + base) % R;
        CHECK(tiny_g1_fixed_base_vartime((uint8_t *)out, (uint8_t *)&points[base], (uint8_t *)scalars, LENGTH(out), 3) == ZKR_OK);
        for (size_t i = 0; i < LENGTH(out); i++) CHECK(index_of(&out[i]) == base * scalars[i] % R);
    }
}

/* 4*x^2 + y^2 = 1 + 5*x^2*y^2: 4 is a square mod 97 and 5 is not, so the law is complete. */
static void test_edwards(void)
{
    enum { A = 4, D = 5 };
    tiny_fp_edwards_curve curve = {element(A), element(D)};
    unsigned xs[2 * P], ys[2 * P];
    size_t n = 0;
    for (unsigned x = 0; x < P; x++) {
        for (unsigned y = 0; y < P; y++) {
            if ((A * x * x + y * y) % P == (1 + D * (x * x % P) * (y * y % P)) % P) xs[n] = x, ys[n++] = y;
        }
    }
    CHECK(n % 4 == 0);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            tiny_fp_edwards_point p = {element(xs[i]), element(ys[i]), element(1)}, q = {element(xs[j]), element(ys[j]), element(1)}, sum;
            tiny_fp out[2], t = element(7);
            tiny_fp_mul(&q.x, &q.x, &t); /* another z */
            tiny_fp_mul(&q.y, &q.y, &t);
            q.z = t;
            if (i == j) {
                tiny_fp_edwards_dbl(&sum, &q, &curve);
            } else {
                tiny_fp_edwards_add(&sum, &p, &q, &curve);
            }
            CHECK(value_of(&sum.z) != 0);
            tiny_fp_edwards_store((uint8_t *)out, &sum);
            unsigned k = D * (xs[i] * xs[j] % P) % P * (ys[i] * ys[j] % P) % P;
            CHECK(out[0].limb[0] * (1 + k) % P == (xs[i] * ys[j] + ys[i] * xs[j]) % P);
            CHECK(out[1].limb[0] * (1 + P - k) % P == (ys[i] * ys[j] + (P - A) * (xs[i] * xs[j] % P)) % P);
        }
    }
}

/* The same point, and T = XY/Z in both. */
static int same_point(const tiny_fp_extended_point *p, const tiny_fp_extended_point *q)
{
    tiny_fp left[3], right[3];
    CHECK(!tiny_fp_is_zero(&p->z) && !tiny_fp_is_zero(&q->z));
    tiny_fp_mul(&left[0], &p->x, &q->z), tiny_fp_mul(&right[0], &q->x, &p->z);
    tiny_fp_mul(&left[1], &p->y, &q->z), tiny_fp_mul(&right[1], &q->y, &p->z);
    tiny_fp_mul(&left[2], &p->x, &p->y), tiny_fp_mul(&right[2], &p->t, &p->z);
    return tiny_fp_equal(&left[0], &right[0]) && tiny_fp_equal(&left[1], &right[1]) && tiny_fp_equal(&left[2], &right[2]);
}

/* -x^2 + y^2 = 1 + 5*x^2*y^2: every point times every scalar below 97, and every sum of two such, by each way there is. */
static void test_edwards_multiples(void)
{
    tiny_fp twice_d = element(10);
    tiny_fp_extended_point points[2 * P], sum, product;
    size_t n = 0, base = P / 3;
    for (unsigned x = 0; x < P; x++) {
        for (unsigned y = 0; y < P; y++) {
            if ((y * y + P * P - x * x) % P != (1 + 5 * (x * x % P) * (y * y % P)) % P) continue;
            points[n++] = (tiny_fp_extended_point){element(x), element(y), element(1), element(x * y % P)};
        }
    }
    CHECK(n % 4 == 0 && n > base);
    static tiny_fp_extended_multiples tables[2 * P];
    tiny_fp_extended_multiple single[2 * P];
    for (size_t i = 0; i < n; i++) {
        CHECK(tiny_fp_extended_multiples_fill_vartime(&tables[i], &points[i], &twice_d) == ZKR_OK);
        tiny_fp_extended_to_multiple(&single[i], &points[i], &twice_d);
    }
    for (size_t i = 0; i < n; i++) {
        tiny_fp_extended_point expected, other, other_multiple;
        tiny_fp_extended_set_identity(&expected);
        other = points[(7 * i + 3) % n]; /* in coordinates with another z */
        tiny_fp_extended_dbl(&other, &other, 1);
        tiny_fp_extended_multiples *other_table = take(sizeof *other_table);
        CHECK(tiny_fp_extended_multiples_fill_vartime(other_table, &other, &twice_d) == ZKR_OK);
        for (unsigned s = 0; s < P; s++) {
            tiny_fp s_integer = {{s}};
            tiny_fp_extended_mul_known(&product, &tables[i], (const uint8_t *)&s_integer);
            CHECK(same_point(&product, &expected));
            tiny_fp_extended_set_identity(&other_multiple);
            for (unsigned k = 0; k < P; k += s % 8 == 0 ? 1 : 13) {
                tiny_fp k_integer = {{k}};
                tiny_fp_extended_mul_known(&other_multiple, other_table, (const uint8_t *)&k_integer);
                tiny_fp_extended_point total = expected;
                tiny_fp_extended_multiple step;
                tiny_fp twice_z;
                tiny_fp_extended_to_multiple(&step, &other_multiple, &twice_d);
                tiny_fp_dbl(&twice_z, &other_multiple.z);
                tiny_fp_extended_add_multiple(&total, &total, &step, &twice_z, 0);
                tiny_fp_extended_double_mul_vartime(&sum, &tables[i], (const uint8_t *)&s_integer, other_table, NULL,
                                                    (const uint8_t *)&k_integer, &twice_d);
                CHECK(same_point(&sum, &total));
                tiny_fp_extended_double_mul_vartime(&sum, &tables[i], (const uint8_t *)&s_integer, NULL, &other,
                                                    (const uint8_t *)&k_integer, &twice_d);
                CHECK(same_point(&sum, &total));
                tiny_fp_extended_add_multiple(&total, &total, &step, &twice_z, 1);
                CHECK(same_point(&total, &expected));
            }
            tiny_fp_extended_add_multiple(&expected, &expected, &single[i], NULL, 0); /* (s + 1)*P */
        }
        free(other_table);
    }
}

int main(void)
{
    test_field();
    test_ntt();
    fill_points();
    test_group();
    test_batch();
    test_msm();
    test_multiples();
    test_columns();
    test_msm_with_multiples();
    test_fixed_base();
    test_edwards();
    test_edwards_multiples();
    return 0;
}
