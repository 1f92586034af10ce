/* msm_windows.c: sums of multiples by a window of the caller's choice, with their CPU time.
 *
 * Compiled once per kernel by compiled.py, with its products and flags; holds nothing of the kernel but the groups, so that
 * it compiles in seconds.
 */
#include <time.h>

#define MSM_COLUMNS(num_pairs, factor, least_tasks) \
    (tried_window != 0 ? GR(columns_make)(factor, 1, tried_window) : GR(msm_columns)(num_pairs, factor, least_tasks))
static unsigned tried_window = 0; /* 0: the kernel's choice */

#include "../../native/templates/base.h"
#include "../../native/templates/limbs.h"

#include "../../native/params/bls12_381_fp.h"
#include "../../native/params/bls12_381_fr.h"
#include "../../native/params/bn254_fp.h"
#include "../../native/params/bn254_fr.h"

#define FIELD bls12_381_fr
#include "../../native/templates/field.h"
#undef FIELD
#define FIELD bn254_fr
#include "../../native/templates/field.h"
#undef FIELD

#define EXPORT __attribute__((visibility("default")))

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The window that the kernel would take for n pairs, and the sum by one of the caller's: seconds, or a status below zero. */
#define EXPORT_GROUP(group)                                                                                            \
    EXPORT unsigned ZKR_JOIN(group, chosen_window)(size_t n) { return ZKR_JOIN(group, msm_columns)(n, 1, 1).window; }   \
    EXPORT double ZKR_JOIN(group, timed_msm)(uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n,     \
                                             unsigned window)                                                          \
    {                                                                                                                  \
        tried_window = window;                                                                                         \
        double start = cpu_seconds();                                                                                  \
        int status = ZKR_JOIN(group, msm_vartime)(out, scalars, bases, n, 1);                                          \
        return status == ZKR_OK ? cpu_seconds() - start : status;                                                      \
    }

#define FIELD bn254_fp
#define SCALAR bn254_fr
#define FIELD2 bn254_fp2
#define GROUP1 bn254_g1
#define GROUP2 bn254_g2
#define PARAMS "../../native/params/bn254.h"
#include "msm_windows_curve.h"
#undef FIELD
#undef SCALAR
#undef FIELD2
#undef GROUP1
#undef GROUP2
#undef PARAMS

#define FIELD bls12_381_fp
#define SCALAR bls12_381_fr
#define FIELD2 bls12_381_fp2
#define GROUP1 bls12_381_g1
#define GROUP2 bls12_381_g2
#define PARAMS "../../native/params/bls12_381.h"
#include "msm_windows_curve.h"
