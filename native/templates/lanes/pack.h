/* lanes/pack.h: between eight elements in memory, LIMBS 64-bit words each, and an x8.  Parameter: FIELD.
 *
 * load and store move the integer as it is; entering and leaving the lanes' Montgomery form costs one product each
 * (x8_from_scalar, x8_to_scalar), so long computations keep their data in the lanes' form, 64-bit words below 2p.
 */
#define N52 FE(LIMBS52)
#define N64 FE(LIMBS)

/* words[j] holds word j of each lane. */
ZKR_INLINE void FE(x8_from_words)(FE(x8) *out, const __m512i *words)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        int word = 52 * i / 64, shift = 52 * i % 64;
        __m512i bits = _mm512_setzero_si512();
        if (word < N64) bits = _mm512_srli_epi64(words[word], (unsigned)shift);
        if (shift > 12 && word + 1 < N64) bits = _mm512_or_si512(bits, _mm512_slli_epi64(words[word + 1], (unsigned)(64 - shift)));
        out->limb[i] = _mm512_and_si512(bits, FE(x8_mask52)());
    }
}

/* The inverse, for a tight value below 2^(64*LIMBS). */
ZKR_INLINE void FE(x8_to_words)(__m512i *words, const FE(x8) *a)
{
    ZKR_UNROLL
    for (int j = 0; j < N64; j++) {
        words[j] = _mm512_setzero_si512();
        ZKR_UNROLL
        for (int i = 0; i < N52; i++) {
            int shift = 52 * i - 64 * j;
            if (shift > -52 && shift <= 0) words[j] = _mm512_or_si512(words[j], _mm512_srli_epi64(a->limb[i], (unsigned)-shift));
            if (shift > 0 && shift < 64) words[j] = _mm512_or_si512(words[j], _mm512_slli_epi64(a->limb[i], (unsigned)shift));
        }
    }
}

/* Four words each of eight elements, two elements a vector, to and from one vector a word. */
ZKR_INLINE void FE(x8_transpose4)(__m512i *words, const __m512i *pairs)
{
    const __m512i low = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13), high = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    __m512i low0 = _mm512_permutex2var_epi64(pairs[0], low, pairs[1]), low1 = _mm512_permutex2var_epi64(pairs[2], low, pairs[3]);
    __m512i high0 = _mm512_permutex2var_epi64(pairs[0], high, pairs[1]), high1 = _mm512_permutex2var_epi64(pairs[2], high, pairs[3]);
    words[0] = _mm512_shuffle_i64x2(low0, low1, 0x44);
    words[1] = _mm512_shuffle_i64x2(low0, low1, 0xee);
    words[2] = _mm512_shuffle_i64x2(high0, high1, 0x44);
    words[3] = _mm512_shuffle_i64x2(high0, high1, 0xee);
}

ZKR_INLINE void FE(x8_untranspose4)(__m512i *pairs, const __m512i *words)
{
    const __m512i even = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13), odd = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    __m512i low0 = _mm512_shuffle_i64x2(words[0], words[1], 0x44), low1 = _mm512_shuffle_i64x2(words[0], words[1], 0xee);
    __m512i high0 = _mm512_shuffle_i64x2(words[2], words[3], 0x44), high1 = _mm512_shuffle_i64x2(words[2], words[3], 0xee);
    pairs[0] = _mm512_permutex2var_epi64(low0, even, high0);
    pairs[1] = _mm512_permutex2var_epi64(low0, odd, high0);
    pairs[2] = _mm512_permutex2var_epi64(low1, even, high1);
    pairs[3] = _mm512_permutex2var_epi64(low1, odd, high1);
}

/* Eight consecutive elements; no alignment needed. */
ZKR_INLINE void FE(x8_load_bytes)(FE(x8) *out, const uint8_t *elements)
{
    __m512i words[N64];
    if (N64 == 4) {
        __m512i pairs[4];
        ZKR_UNROLL
        for (int i = 0; i < 4; i++) pairs[i] = _mm512_loadu_si512(elements + 64 * i);
        FE(x8_transpose4)(words, pairs);
    } else {
        const __m512i index = _mm512_mullo_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64(N64));
        ZKR_UNROLL
        for (int j = 0; j < N64; j++) words[j] = _mm512_i64gather_epi64(index, elements + 8 * j, 8);
    }
    FE(x8_from_words)(out, words);
}
ZKR_INLINE void FE(x8_load)(FE(x8) *out, const FIELD *elements) { FE(x8_load_bytes)(out, (const uint8_t *)elements); }

/* Tight, below 2^(64*LIMBS). */
ZKR_INLINE void FE(x8_store_bytes)(uint8_t *elements, const FE(x8) *a)
{
    __m512i words[N64];
    FE(x8_to_words)(words, a);
    if (N64 == 4) {
        __m512i pairs[4];
        FE(x8_untranspose4)(pairs, words);
        ZKR_UNROLL
        for (int i = 0; i < 4; i++) _mm512_storeu_si512(elements + 64 * i, pairs[i]);
    } else {
        const __m512i index = _mm512_mullo_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64(N64));
        ZKR_UNROLL
        for (int j = 0; j < N64; j++) _mm512_i64scatter_epi64(elements + 8 * j, index, words[j], 8);
    }
}
ZKR_INLINE void FE(x8_store)(FIELD *elements, const FE(x8) *a) { FE(x8_store_bytes)((uint8_t *)elements, a); }

/* Eight elements, each at its own address + offset: loads and a transposition, twice as fast as a gather (measured). */
ZKR_INLINE void FE(x8_gather)(FE(x8) *out, const uint8_t *const *addresses, size_t offset)
{
    __m512i words[N64];
    if (N64 == 4) {
        __m512i pairs[4];
        ZKR_UNROLL
        for (int i = 0; i < 4; i++) {
            __m256i even = _mm256_loadu_si256((const __m256i *)(const void *)(addresses[2 * i] + offset));
            __m256i odd = _mm256_loadu_si256((const __m256i *)(const void *)(addresses[2 * i + 1] + offset));
            pairs[i] = _mm512_inserti64x4(_mm512_castsi256_si512(even), odd, 1);
        }
        FE(x8_transpose4)(words, pairs);
    } else {
        const __m512i index = _mm512_loadu_si512(addresses);
        ZKR_UNROLL
        for (int j = 0; j < N64; j++) words[j] = _mm512_i64gather_epi64(index, (const void *)(offset + 8 * (size_t)j), 1);
    }
    FE(x8_from_words)(out, words);
}

/* The inverse, for tight values below 2^(64*LIMBS). */
ZKR_INLINE void FE(x8_scatter)(uint8_t *const *addresses, size_t offset, const FE(x8) *a)
{
    __m512i words[N64];
    FE(x8_to_words)(words, a);
    if (N64 == 4) {
        __m512i pairs[4];
        FE(x8_untranspose4)(pairs, words);
        ZKR_UNROLL
        for (int i = 0; i < 4; i++) {
            _mm256_storeu_si256((__m256i *)(void *)(addresses[2 * i] + offset), _mm512_castsi512_si256(pairs[i]));
            _mm256_storeu_si256((__m256i *)(void *)(addresses[2 * i + 1] + offset), _mm512_extracti64x4_epi64(pairs[i], 1));
        }
    } else {
        for (int j = 0; j < N64; j++) {
            uint64_t lanes[8];
            _mm512_storeu_si512(lanes, words[j]);
            for (int k = 0; k < 8; k++) memcpy(addresses[k] + offset + 8 * (size_t)j, &lanes[k], 8);
        }
    }
}

/* a*R -> a*RR below 2p, for values below ROOM52*p. */
ZKR_INLINE void FE(x8_from_scalar)(FE(x8) *out, const FE(x8) *a)
{
    FE(x8) factor;
    FE(x8_broadcast)(&factor, FE(enter52));
    FE(x8_mul)(out, a, &factor);
}

/* a*RR below ROOM52/2*p -> a*R in [0, p). */
ZKR_INLINE void FE(x8_to_scalar)(FE(x8) *out, const FE(x8) *a)
{
    FE(x8) factor, product;
    FE(x8_broadcast)(&factor, FE(leave52));
    FE(x8_mul)(&product, a, &factor);
    FE(x8_canonical)(out, &product);
}

/* Eight elements (Montgomery, R) in the lanes' form, canonical. */
ZKR_INLINE void FE(x8_enter)(FE(x8) *out, const FIELD *elements)
{
    FE(x8_load)(out, elements);
    FE(x8_from_scalar)(out, out);
    FE(x8_canonical)(out, out);
}

ZKR_INLINE void FE(x8_enter_one)(FE(x8) *out, const FIELD *element)
{
    FIELD copies[8];
    for (int k = 0; k < 8; k++) copies[k] = *element;
    FE(x8_enter)(out, copies);
}

#undef N52
#undef N64
