/* bn_curve.h: everything the kernel does over the Barreto-Naehrig curve CURVE.  Parameters: CURVE, FIELD and SCALAR (whose
 * templates come before), FIELD2, FIELD6, FIELD12, GROUP1, GROUP2; the constants come from params/<CURVE>.h. */
#define GROUP GROUP1
#define COORD FIELD
#include "group.h"
#include "affine_batch.h"
#include "signed_digits.h"
#include "msm_small.h"
#include "msm_job.h"
#include "fixed_base.h"
/* The cofactor of G1 is 1. */
ZKR_INLINE int GR(is_in_subgroup)(const GR(affine) *p)
{
    (void)p;
    return 1;
}
#include "point_check.h"
#undef GROUP
#undef COORD

#define GROUP GROUP2
#define COORD FIELD2
#include "group.h"
#include "affine_batch.h"
#include "signed_digits.h"
#include "msm_small.h"
#include "msm_job.h"
#include "fixed_base.h"
#include "fp6.h"
#include "fp12.h"
#ifdef ZKR_LANES
#define ZKR_LANES_PAIRING
#include "lanes/fp12.h"
#include "lanes/fp12_vector.h"
#endif
#include "miller_lines.h"
#include "fixed_lines.h"
#include "bn_pairing.h"
#include "pairing.h"
#ifdef ZKR_LANES
#include "lanes/subgroup.h"
#define FIRST_OUTSIDE_IS_DEFINED
#endif
#include "point_check.h"
#undef FIRST_OUTSIDE_IS_DEFINED
#undef GROUP
#undef COORD

#include "groth16_key.h"
#include "groth16.h"
#ifdef ZKR_LANES
#define PAIRING_LANES /* for a D-type twist */
#endif
#include "pairing_groups.h"
#undef PAIRING_LANES
#include "groth16_verify.h"
#include "groth16_batch.h"
#undef ZKR_LANES_PAIRING
#include "curve_table.h"
