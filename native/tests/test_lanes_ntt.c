/* test_lanes_ntt.c: transforms and quotients on columns of eight against the scalar templates, at every size. */
#define ZKR_LANES 8
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/bls12_381_fr.h"
#include "../params/bn254_fr.h"
#include "check.h"

#define FIELD bn254_fr
#include "../templates/vector_field.h"
#include "lanes_ntt.h"
#undef FIELD
#define FIELD bls12_381_fr
#include "../templates/vector_field.h"
#include "lanes_ntt.h"
#undef FIELD

int main(int argc, char **argv)
{
    int is_long = argc > 1 && strcmp(argv[1], "long") == 0;
    if (!runs_kernel("x86_ifma")) return skip("this CPU has no AVX-512 IFMA");
    bn254_fr_check_lanes_ntt(is_long);
    bls12_381_fr_check_lanes_ntt(is_long);
    return 0;
}
