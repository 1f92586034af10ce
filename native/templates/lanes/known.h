/* lanes/known.h: products by a known factor w, for three quarters of the price of a Montgomery product.  Parameter: FIELD.
 *
 * Beside w lies its quotient floor(w*RR/p).  For a tight a below RR, q = floor(a*quotient/RR) is a*w/p or a little less, so
 * a*w - q*p is a small multiple of p above the residue, and its low limbs are all there is to compute: 75 multiply-adds
 * for 5 limbs where x8_mul takes 105.  Reference: [Har14] section 2 (V. Shoup's method), with several limbs.
 *
 * How little: leave out the columns of a*quotient below limb N52 and up to 2*N52 - 1 carries are lost (CHEAP); keep the one
 * column below, and none is.  The product is below KNOWN*p with KNOWN = 2*N52 or 2; the cheap one needs ROOM52 for sums of
 * eight of them (lanes/butterfly.h).
 * No Montgomery factor enters: if a stands for x*RR (or x*R), so does the product.
 */
#define N52 FE(LIMBS52)

enum { FE(KNOWN_IS_CHEAP) = FE(ROOM52) >= 16 * N52 + 4, FE(KNOWN) = FE(KNOWN_IS_CHEAP) ? 2 * N52 : 2 };

/* One factor for all lanes, and one for each. */
typedef struct {
    uint64_t factor[N52], quotient[N52];
} FE(known);

typedef struct {
    FE(x8) factor, quotient;
} FE(known_x8);

ZKR_INLINE void FE(known_broadcast)(FE(known_x8) *out, const FE(known) *w)
{
    FE(x8_broadcast)(&out->factor, w->factor);
    FE(x8_broadcast)(&out->quotient, w->quotient);
}

/* The low N52 columns of a*b, added to the columns of the low halves and those of the high halves: two chains of sums are done
 * in half the time of one.  Of a only the low 52 bits of each limb count. */
ZKR_INLINE void FE(x8_low_columns)(__m512i *low, __m512i *high, const __m512i *a, const FE(x8) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        ZKR_UNROLL
        for (int j = 0; i + j < N52; j++) {
            low[i + j] = _mm512_madd52lo_epu64(low[i + j], a[i], b->limb[j]);
            if (i + j + 1 < N52) high[i + j + 1] = _mm512_madd52hi_epu64(high[i + j + 1], a[i], b->limb[j]);
        }
    }
}

/* low + high mod RR, tight, for columns below 2^62. */
ZKR_INLINE void FE(x8_carry_modulo)(FE(x8) *out, const __m512i *low, const __m512i *high)
{
    __m512i column = _mm512_setzero_si512();
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        column = _mm512_add_epi64(_mm512_srli_epi64(column, 52), _mm512_add_epi64(low[i], high[i]));
        out->limb[i] = _mm512_and_si512(column, FE(x8_mask52)());
    }
}

/* a*w mod p, tight, below KNOWN*p, for any tight a below RR. */
ZKR_INLINE void FE(x8_mul_known)(FE(x8) *out, const FE(x8) *a, const FE(known_x8) *w)
{
    enum { FROM = FE(KNOWN_IS_CHEAP) ? N52 : N52 - 1 }; /* the lowest column of a*quotient taken */
    __m512i low[N52 + 1], high[N52 + 1], q[N52 + 1];    /* of a*quotient, from column N52 - 1 */
    FE(x8) complement;
    FE(x8_broadcast)(&complement, FE(complement52));
    ZKR_UNROLL
    for (int i = 0; i <= N52; i++) low[i] = high[i] = _mm512_setzero_si512();
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        ZKR_UNROLL
        for (int j = 0; j < N52; j++) {
            int column = i + j - (N52 - 1);
            if (i + j >= FROM) low[column] = _mm512_madd52lo_epu64(low[column], a->limb[i], w->quotient.limb[j]);
            if (i + j + 1 >= FROM) high[column + 1] = _mm512_madd52hi_epu64(high[column + 1], a->limb[i], w->quotient.limb[j]);
        }
    }
    ZKR_UNROLL
    for (int i = 0; i <= N52; i++) {
        q[i] = _mm512_add_epi64(low[i], high[i]);
        low[i] = high[i] = _mm512_setzero_si512();
    }
    FE(x8_low_columns)(low, high, a->limb, &w->factor);
    ZKR_UNROLL
    for (int i = FE(KNOWN_IS_CHEAP); i < N52; i++) q[i + 1] = _mm512_add_epi64(q[i + 1], _mm512_srli_epi64(q[i], 52));
    FE(x8_low_columns)(low, high, q + 1, &complement); /* - q*p modulo RR */
    FE(x8_carry_modulo)(out, low, high);
}

/* From w*RR, in (0, p): with rem = w*RR mod p, that is this very number, quotient = (w*RR - rem)/p = rem*(-p^-1) mod RR. */
ZKR_INLINE void FE(known_from_x8)(FE(known_x8) *out, const FE(x8) *w)
{
    FE(x8) inverse;
    __m512i low[N52], high[N52], t[2 * N52];
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) t[i] = i < N52 ? w->limb[i] : _mm512_setzero_si512();
    FE(x8_mont_reduce)(&out->factor, t); /* at most p, and p is for zero alone */
    FE(x8_broadcast)(&inverse, FE(negative_inverse52));
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) low[i] = high[i] = _mm512_setzero_si512();
    FE(x8_low_columns)(low, high, w->limb, &inverse);
    FE(x8_carry_modulo)(&out->quotient, low, high);
}

/* The factors of eight lanes, one after the other. */
ZKR_INLINE void FE(known_store)(FE(known) *out, const FE(known_x8) *w)
{
    uint64_t lanes[2][N52][8];
    for (int i = 0; i < N52; i++) {
        _mm512_storeu_si512(lanes[0][i], w->factor.limb[i]);
        _mm512_storeu_si512(lanes[1][i], w->quotient.limb[i]);
    }
    for (int k = 0; k < 8; k++) {
        for (int i = 0; i < N52; i++) {
            out[k].factor[i] = lanes[0][i][k];
            out[k].quotient[i] = lanes[1][i][k];
        }
    }
}

#undef N52
