/* lanes/digits.h: signed digits of the parts of many scalars, eight at a time.  Parameters: GROUP.
 *
 * Part h of scalar i is a two's complement number v of PART_WORDS words, |v| < 2^PART_BITS, kept as v + K with K = sum of
 * 2^(cw + c-1) over all windows but the last: digit_w = ((v + K) >> cw mod 2^c) - 2^(c-1), and what is above the other
 * windows, signed, is the last digit.  With W = floor(PART_BITS/c) + 1 windows of c bits that is at most
 * 2^(PART_BITS - c(W-1)) <= 2^(c-1) in absolute value, as K is below 2/3*2^(c(W-1)).
 *
 * words[h*PART_WORDS + j][i] is word j: the same word of neighbours lies side by side.
 */
ZKR_INLINE size_t GR(part_windows)(unsigned window) { return GR(PART_BITS) / window + 1; }

ZKR_FUNCTION void GR(part_bias)(uint64_t *bias, unsigned window)
{
    memset(bias, 0, GR(PART_WORDS) * sizeof *bias);
    for (size_t w = 0; w + 1 < GR(part_windows)(window); w++) {
        size_t bit = w * window + window - 1;
        bias[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

/* keys[i] = |digit| << 1 | negative of window w for i < n; writes up to seven more. */
ZKR_FUNCTION void GR(part_digits)(uint32_t *keys, const uint64_t *const *words, size_t from, size_t n, unsigned window, size_t w)
{
    size_t bit = w * window, word = bit / 64;
    const __m128i shift = _mm_cvtsi32_si128((int)(bit % 64)), rest = _mm_cvtsi32_si128((int)(64 - bit % 64));
    const int is_last = w + 1 == GR(part_windows)(window), two_words = word + 1 < GR(PART_WORDS);
    const __m512i mask = _mm512_set1_epi64((1ll << window) - 1), half = _mm512_set1_epi64(1ll << (window - 1));
    for (size_t i = 0; i < n; i += 8) {
        __m512i low = _mm512_loadu_si512(words[word] + from + i), digit;
        if (two_words) { /* a shift by 64 gives zero */
            __m512i high = _mm512_loadu_si512(words[word + 1] + from + i);
            digit = _mm512_or_si512(_mm512_srl_epi64(low, shift), _mm512_sll_epi64(high, rest));
        } else {
            digit = _mm512_sra_epi64(low, shift);
        }
        if (!is_last) digit = _mm512_sub_epi64(_mm512_and_si512(digit, mask), half);
        __m512i sign = _mm512_srli_epi64(digit, 63);
        digit = _mm512_or_si512(_mm512_slli_epi64(_mm512_abs_epi64(digit), 1), sign);
        _mm256_storeu_si256((__m256i *)(void *)(keys + i), _mm512_cvtepi64_epi32(digit));
    }
}
