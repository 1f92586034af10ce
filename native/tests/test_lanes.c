/* test_lanes.c: the eight lanes of x86_ifma against the scalar templates, at the bounds of their lazy reduction. */
#define ZKR_LANES 8
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/bls12_381_fr.h"
#include "../params/bn254_fp.h"
#include "../params/bn254_fr.h"
#include "../params/tiny_fp.h"
#include "check.h"
#include "lanes_main.h"

#define FIELD tiny_fp
#include "../templates/field.h"
#include "../templates/lanes/field.h"
#include "lanes_field.h"
#undef FIELD
#define FIELD bn254_fp
#define FIELD2 bn254_fp2
#include "../templates/field.h"
#include "../templates/fp2.h"
#include "../templates/lanes/field.h"
#include "../templates/lanes/fp2.h"
#include "lanes_field.h"
#include "lanes_fp2.h"
#undef FIELD
#undef FIELD2
#define FIELD bn254_fr
#include "../templates/field.h"
#include "../templates/lanes/field.h"
#include "lanes_field.h"
#undef FIELD
#define FIELD bls12_381_fr
#include "../templates/field.h"
#include "../templates/lanes/field.h"
#include "lanes_field.h"
#undef FIELD

int run_lanes(int argc, char **argv)
{
    (void)argc, (void)argv;
    tiny_fp_check_lanes();
    bn254_fp_check_lanes();
    bn254_fp2_check_lanes();
    bn254_fr_check_lanes();
    bls12_381_fr_check_lanes();
    return 0;
}
