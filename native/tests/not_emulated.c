/* not_emulated.c: an intrinsic that emulation/rename.h does not replace; ctest holds that the compiler refuses it, of AVX-512 as
 * the target has none, of AVX2 for its operands. */
#include <immintrin.h>

#if WIDTH == 512
void not_emulated(long long *out)
{
    _mm512_storeu_epi64(out, _mm512_set1_epi32(1));
}
#else
__m128i not_emulated(const void *in)
{
    return _mm256_extracti128_si256(_mm256_loadu_si256(in), 1);
}
#endif
