/* curve_bls12_381.h: everything a kernel does over BLS12-381: vectors over its fields, what is done over its scalars, and the curve. */
#include "limbs.h"
#include "order.h"

#include "../params/bls12_381_fp.h"
#include "../params/bls12_381_fr.h"

#define ZKR_EMBEDDED_CURVE
#define FIELD bls12_381_fr
#include "vector_field.h"
#undef FIELD
#undef ZKR_EMBEDDED_CURVE

#define FIELD bls12_381_fp
#include "base_field.h"

#ifndef ZKR_FIELDS_ONLY /* a benchmark of products needs no more, and no minute of compilation */

#define CURVE bls12_381
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

#endif
