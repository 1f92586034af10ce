/* kernel_body.h: one kernel: every field, every curve and the table that dispatch.c chooses.
 *
 * A file of kernels/ includes this, after choosing its products (the seams of limbs.h) and, where it has them, its
 * vector lanes (ZKR_LANES).  Parameters: KERNEL, the name; KERNEL_FEATURES, what it asks of the CPU.
 *
 * The file is compiled once a curve, which ZKR_CURVE_BN254 or ZKR_CURVE_BLS12_381 names, so that processors share the minute
 * that takes; and once with neither, for the table of the curves.
 */
#include "base.h"

#define KERNEL_CURVE(curve) ZKR_JOIN(zkr, ZKR_JOIN(curve, KERNEL))

#if defined(ZKR_CURVE_BN254)
#include "curve_bn254.h"
#elif defined(ZKR_CURVE_BLS12_381)
#include "curve_bls12_381.h"
#else

#define KERNEL_STRING_(name) #name
#define KERNEL_STRING(name) KERNEL_STRING_(name)

extern const zkr_curve_table KERNEL_CURVE(bn254), KERNEL_CURVE(bls12_381);

const zkr_kernel ZKR_JOIN(zkr_kernel, KERNEL) = {
    .name = KERNEL_STRING(KERNEL),
    .features = (const char *const[]){KERNEL_FEATURES},
    .curves = {[ZKR_BN254] = &KERNEL_CURVE(bn254), [ZKR_BLS12_381] = &KERNEL_CURVE(bls12_381)},
};

#endif
