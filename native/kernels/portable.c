/* portable.c: the kernel in C11 with 128-bit integers, for every CPU. */
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/bls12_381_fr.h"
#include "../params/bn254_fp.h"
#include "../params/bn254_fr.h"

#define FIELD bls12_381_fr
#include "../templates/vector_field.h"
#undef FIELD

#define FIELD bn254_fr
#include "../templates/vector_field.h"
#undef FIELD

#define FIELD bn254_fp
#include "../templates/vector_field.h"
#undef FIELD

#define CURVE bn254
#define FIELD bn254_fp
#define SCALAR bn254_fr
#define FIELD2 bn254_fp2
#define FIELD6 bn254_fp6
#define FIELD12 bn254_fp12
#define GROUP1 bn254_g1
#define GROUP2 bn254_g2
#include "../templates/fp2.h"
#include "../templates/fp2_xi9.h"
#include "../params/bn254.h"
#include "../templates/bn_curve.h"

static int is_supported(void) { return 1; }

const zkr_kernel zkr_kernel_portable = {
    .name = "portable",
    .is_supported = is_supported,
    .fields = {[ZKR_BN254_FR] = &bn254_fr_table, [ZKR_BN254_FP] = &bn254_fp_table, [ZKR_BLS12_381_FR] = &bls12_381_fr_table},
    .curves = {[ZKR_BN254] = &bn254_table},
};
