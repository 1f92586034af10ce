/* not_emulated.c: an intrinsic that emulation/rename.h does not replace; ctest holds that the compiler refuses it. */
#include <immintrin.h>

void not_emulated(long long *out)
{
    _mm512_storeu_epi64(out, _mm512_set1_epi32(1));
}
