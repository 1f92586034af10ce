/* test_lanes_ntt.c: transforms and quotients on columns of eight against the scalar templates, at every size. */
#define ZKR_LANES 8
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/bls12_381_fr.h"
#include "../params/bn254_fr.h"
#include "check.h"
#include "lanes_main.h"

#define FIELD bn254_fr
#include "../templates/vector_field.h"
#include "lanes_ntt.h"
#undef FIELD
#define FIELD bls12_381_fr
#include "../templates/vector_field.h"
#include "lanes_ntt.h"
#undef FIELD

int run_lanes(int argc, char **argv)
{
    int is_long = argc > 1 && strcmp(argv[1], "long") == 0;
    bn254_fr_check_lanes_ntt(is_long);
    bls12_381_fr_check_lanes_ntt(is_long);
    return 0;
}
