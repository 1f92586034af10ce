/* bls_curve.h: everything the kernel does over the Barreto-Lynn-Scott curve CURVE.  Parameters: CURVE, FIELD and SCALAR (whose
 * templates come before), FIELD2, FIELD6, FIELD12, GROUP1, GROUP2; the constants come from params/<CURVE>.h. */
#define GROUP GROUP1
#define COORD FIELD
#include "group.h"
#include "affine_batch.h"
#include "signed_digits.h"
#include "msm_small.h"
#include "msm_job.h"
#include "fixed_base.h"
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
#include "miller_lines.h"
#include "fixed_lines.h"
#include "bls_pairing.h"
#include "pairing.h"
#include "point_check.h"
#undef GROUP
#undef COORD

#define GROUP GROUP1
#define COORD FIELD
#include "point_check.h"
#undef GROUP
#undef COORD

#include "groth16_key.h"
#include "groth16.h"
#include "pairing_groups.h"
#include "groth16_verify.h"
#include "groth16_batch.h"
#include "curve_table.h"
