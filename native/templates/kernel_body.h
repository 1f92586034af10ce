/* kernel_body.h: one whole kernel: every field, every curve and the table that dispatch.c chooses.
 *
 * A file of kernels/ includes this once, after choosing its products (the seams of limbs.h) and, where it has them, its
 * vector lanes (ZKR_LANES).  Parameters: KERNEL, the name; KERNEL_FEATURES, what it asks of the CPU.
 */
#include "base.h"
#include "limbs.h"
#include "order.h"

#include "../params/bls12_381_fp.h"
#include "../params/bls12_381_fr.h"
#include "../params/bn254_fp.h"
#include "../params/bn254_fr.h"

#define ZKR_EMBEDDED_CURVE
#define FIELD bls12_381_fr
#include "vector_field.h"
#undef FIELD

#define FIELD bn254_fr
#include "vector_field.h"
#undef FIELD
#undef ZKR_EMBEDDED_CURVE

#define FIELD bls12_381_fp
#include "base_field.h"
#undef FIELD

#define FIELD bn254_fp
#include "base_field.h"
#undef FIELD

#ifndef ZKR_FIELDS_ONLY /* a benchmark of products needs no more, and no minute of compilation */

#define CURVE bn254
#define FIELD bn254_fp
#define SCALAR bn254_fr
#define FIELD2 bn254_fp2
#define FIELD6 bn254_fp6
#define FIELD12 bn254_fp12
#define GROUP1 bn254_g1
#define GROUP2 bn254_g2
#include "fp2.h"
#ifdef ZKR_LANES
#include "lanes/fp2.h"
#endif
#include "fp2_xi9.h"
#include "../params/bn254.h"
#include "bn_curve.h"
#undef CURVE
#undef FIELD
#undef SCALAR
#undef FIELD2
#undef FIELD6
#undef FIELD12
#undef GROUP1
#undef GROUP2

#define CURVE bls12_381
#define FIELD bls12_381_fp
#define SCALAR bls12_381_fr
#define FIELD2 bls12_381_fp2
#define FIELD6 bls12_381_fp6
#define FIELD12 bls12_381_fp12
#define GROUP1 bls12_381_g1
#define GROUP2 bls12_381_g2
#include "fp2.h"
#ifdef ZKR_LANES
#include "lanes/fp2.h"
#endif
#include "fp2_xi1.h"
#include "../params/bls12_381.h"
#include "bls_curve.h"

#define KERNEL_STRING_(name) #name
#define KERNEL_STRING(name) KERNEL_STRING_(name)

const zkr_kernel ZKR_JOIN(zkr_kernel, KERNEL) = {
    .name = KERNEL_STRING(KERNEL),
    .features = (const char *const[]){KERNEL_FEATURES},
    .fields = {[ZKR_BN254_FR] = &bn254_fr_table,
               [ZKR_BN254_FP] = &bn254_fp_table,
               [ZKR_BLS12_381_FR] = &bls12_381_fr_table,
               [ZKR_BLS12_381_FP] = &bls12_381_fp_table},
    .curves = {[ZKR_BN254] = &bn254_table, [ZKR_BLS12_381] = &bls12_381_table},
};

#endif
