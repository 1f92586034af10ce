/* curve_bn254.h: everything a kernel does over BN254: vectors over its fields, what is done over its scalars, and the curve. */
#include "limbs.h"
#include "order.h"

#include "../params/bn254_fp.h"
#include "../params/bn254_fr.h"

#define ZKR_EMBEDDED_CURVE
#define FIELD bn254_fr
#include "vector_field.h"
#undef FIELD
#undef ZKR_EMBEDDED_CURVE

#define FIELD bn254_fp
#include "base_field.h"

#ifndef ZKR_FIELDS_ONLY /* a benchmark of products needs no more, and no minute of compilation */

#define CURVE bn254
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

#endif
