/* lanes/digits.h: signed digits of the parts of many scalars (columns.h), eight at a time.  Parameters: GROUP.
 *
 * words[h*PART_WORDS + j][i] is word j of part h of scalar i, as v + K: the same word of neighbours lies side by side.
 */
/* keys[i] = |digit| << 1 | negative of `width` bits from `bit` on for i < n; writes up to seven more. */
ZKR_FUNCTION void GR(part_digits)(uint32_t *keys, const uint64_t *const *words, size_t from, size_t n, size_t bit, unsigned width,
                                  int is_topmost)
{
    size_t word = bit / 64;
    const __m128i shift = _mm_cvtsi32_si128((int)(bit % 64)), rest = _mm_cvtsi32_si128((int)(64 - bit % 64));
    const int two_words = word + 1 < GR(PART_WORDS);
    const __m512i mask = _mm512_set1_epi64((1ll << width) - 1), half = _mm512_set1_epi64(1ll << (width - 1));
    for (size_t i = 0; i < n; i += 8) {
        __m512i low = _mm512_loadu_si512(words[word] + from + i), digit;
        if (two_words) { /* a shift by 64 gives zero */
            __m512i high = _mm512_loadu_si512(words[word + 1] + from + i);
            digit = _mm512_or_si512(_mm512_srl_epi64(low, shift), _mm512_sll_epi64(high, rest));
        } else {
            digit = _mm512_sra_epi64(low, shift);
        }
        if (!is_topmost) digit = _mm512_sub_epi64(_mm512_and_si512(digit, mask), half);
        __m512i sign = _mm512_srli_epi64(digit, 63);
        digit = _mm512_or_si512(_mm512_slli_epi64(_mm512_abs_epi64(digit), 1), sign);
        _mm256_storeu_si256((__m256i *)(void *)(keys + i), _mm512_cvtepi64_epi32(digit));
    }
}
