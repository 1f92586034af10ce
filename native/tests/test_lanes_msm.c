/* test_lanes_msm.c: the sums in eight lanes over the curve of 79 points over F_97: every point, every scalar, every pair.
 *
 * The same templates compute over BN254.  Here points collide all the time, so equal, opposite and cancelled sums happen on
 * every level of every tree; the logarithm of each result is known.
 */
#define ZKR_LANES 8
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/tiny_fp.h"
#include "../params/tiny_fr.h"

#define FIELD tiny_fr
#include "../templates/field.h"
#undef FIELD
#define FIELD tiny_fp
#include "../templates/field.h"
#include "../templates/lanes/field.h"

#include "../params/tiny_curve.h"

#define GROUP tiny_g1
#define COORD tiny_fp
#define SCALAR tiny_fr
#include "../templates/group.h"
#include "../templates/affine_batch.h"
#include "../templates/signed_digits.h"
#include "../templates/msm_small.h"
#include "../templates/msm_job.h"

#include "check.h"
#include "lanes_main.h"

enum { R = 79, MOST = 40000 };

static tiny_g1_affine points[R]; /* points[i] = i * generator */
static tiny_g1_affine bases[MOST], multiples[8 * MOST];
static uint64_t scalars[MOST];
static size_t logs[MOST];
static tiny_g1_msm_workspace *workspaces[8];

static void fill_points(void)
{
    tiny_g1_affine generator;
    tiny_g1_xyzz sum;
    memcpy(&generator, tiny_g1_generator, sizeof generator);
    tiny_g1_xyzz_set_infinity(&sum);
    for (size_t i = 0; i < R; i++) {
        tiny_g1_to_affine_vartime(&points[i], &sum);
        tiny_g1_xyzz_add_affine(&sum, &sum, &generator);
    }
    CHECK(tiny_g1_xyzz_is_infinity(&sum));
}

/* Those of the finite bases from `from` on, from what is known of their logarithms; returns where they end. */
static size_t fill_multiples(size_t from, size_t to, size_t factor, size_t end)
{
    size_t stride = (tiny_g1_SPLIT_BITS + factor - 1) / factor;
    for (size_t i = from; i < to; i++) {
        for (size_t j = 1; j < factor && logs[i] != 0; j++) multiples[end++] = points[(logs[i] << stride * j) % R];
    }
    return end;
}

/* The job itself, without the short way for few pairs; pairs come in two portions. */
static void check_sum_with(size_t n, size_t expected_pairs, size_t factor, size_t least_tasks)
{
    size_t second = fill_multiples(0, n / 3, factor, 0);
    fill_multiples(n / 3, n, factor, second);
    tiny_g1_msm_job job;
    tiny_g1_xyzz sum;
    tiny_g1_affine result;
    size_t expected = 0;
    for (size_t i = 0; i < n; i++) {
        bases[i] = points[logs[i]];
        expected += logs[i] * scalars[i];
    }
    CHECK(tiny_g1_msm_open(&job, n, expected_pairs, factor, least_tasks) == ZKR_OK);
    CHECK(job.num_tasks >= least_tasks);
    tiny_g1_msm_add(&job, (const uint8_t *)scalars, (const uint8_t *)bases, (const uint8_t *)multiples, n / 3);
    tiny_g1_msm_add(&job, (const uint8_t *)(scalars + n / 3), (const uint8_t *)(bases + n / 3),
                    (const uint8_t *)(multiples + second), n - n / 3);
    for (size_t i = job.num_tasks; i-- > 0;) CHECK(tiny_g1_msm_task(&job, workspaces, i % 8, i) == ZKR_OK);
    tiny_g1_msm_sum(&sum, &job);
    tiny_g1_to_affine_vartime(&result, &sum);
    CHECK(memcmp(&result, &points[expected % R], sizeof result) == 0);
    tiny_g1_msm_close(&job);
}

static void check_sum(size_t n, size_t expected_pairs, size_t least_tasks) { check_sum_with(n, expected_pairs, 1, least_tasks); }

/* k = k1 + k2*lambda, both short. */
static void test_split(void)
{
    for (uint64_t k = 0; k < R; k++) {
        uint64_t parts[2][1];
        tiny_g1_split_scalar(parts, &k);
        for (int h = 0; h < 2; h++) CHECK((int64_t)parts[h][0] < 1 << tiny_g1_PART_BITS && (int64_t)parts[h][0] > -(1 << tiny_g1_PART_BITS));
        int64_t back = (int64_t)parts[0][0] + (int64_t)parts[1][0] * (int64_t)tiny_g1_glv_lambda[0];
        CHECK((back % R + R) % R == (int64_t)k);
    }
}

static void test_every_pair(void)
{
    for (size_t i = 0; i < R; i++) {
        for (size_t j = 0; j < R; j++) { /* one of each scalar and point; then each pair of points under few scalars */
            logs[0] = i;
            scalars[0] = j;
            check_sum(1, 1, 1);
            logs[1] = j;
            scalars[0] = 1 + (i + j) % 3;
            scalars[1] = 1 + i % 2;
            check_sum(2, 2, 1);
            check_sum_with(2, 2, 2 + (i + j) % 8, 1);
        }
    }
}

/* Multisets with few distinct points and scalars, from none to more than a list holds, and cuts of lists of lists. */
static void test_multisets(void)
{
    static const size_t sizes[] = {0, 1, 7, 8, 9, 15, 16, 17, 255, 256, 257, 258, 511, 513, 1025, 2049, 4097, 9000, MOST};
    for (size_t s = 0; s < LENGTH(sizes); s++) {
        size_t n = sizes[s];
        for (size_t round = 0; round < (n < 3000 ? 40 : 6); round++) {
            size_t num_points = 1 + random_word() % (round % 4 == 0 ? 2 : R), num_scalars = 1 + random_word() % (round % 3 == 0 ? 2 : R);
            size_t first = random_word() % R;
            for (size_t i = 0; i < n; i++) {
                logs[i] = (first + random_word() % num_points) % R;
                if (round % 5 == 1) logs[i] = i % 2 ? R - logs[i - 1] : 1 + logs[i] % (R - 1); /* opposite neighbours */
                scalars[i] = random_word() % num_scalars + (round % 2 ? R - num_scalars : 0);
                if (round % 5 == 1 && i % 2) scalars[i] = scalars[i - 1];
            }
            check_sum(n, n, 1 + round % 7);
            check_sum(n, (size_t)1 << round % 20, 1); /* any window serves any number of pairs */
            if (n < 9000) check_sum_with(n, (size_t)1 << (7 * round) % 20, 2 + round % 8, 1 + round % 3);
        }
    }
}

/* Everything falls into one bucket: all points equal, or the sum cancels on every level. */
static void test_one_bucket(void)
{
    for (size_t log = 0; log < R; log += 13) {
        for (size_t scalar = 1; scalar < R; scalar += 11) {
            for (size_t i = 0; i < MOST; i++) {
                logs[i] = log;
                scalars[i] = scalar;
            }
            check_sum(MOST, MOST, 1);
            for (size_t i = 1; i < MOST; i += 2) logs[i] = (R - log) % R;
            check_sum(MOST, MOST, 2);
        }
    }
}

int run_lanes(int argc, char **argv)
{
    (void)argc, (void)argv;
    fill_points();
    test_split();
    test_every_pair();
    test_multisets();
    test_one_bucket();
    for (size_t i = 0; i < LENGTH(workspaces); i++) tiny_g1_msm_workspace_free(workspaces[i]);
    return 0;
}
