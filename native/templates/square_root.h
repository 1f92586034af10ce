/* square_root.h: square roots in FIELD, not constant time.  For fields whose TWO_ADICITY e is a multiple of 4.
 *
 * p - 1 = q*2^e with q odd.  For z != 0: w = z^((q-1)/2), root = z*w, b = root*w = z^q, which has order 2^e at most, so that
 * b = g^m for g = root_of_unity; z is a square exactly when m is even, and then (root*g^(-m/2))^2 = z*b*g^-m = z.  m is found
 * four bits at a time ([PH78]): an e of 28 costs 45 products and 7 look-ups where [Ton91] takes about 400 products.
 */
enum { FE(ROOT_DIGITS) = FE(TWO_ADICITY) / 4 };

_Static_assert(FE(TWO_ADICITY) % 4 == 0, "m is read in digits of 4 bits");

typedef struct {
    FIELD power[FE(ROOT_DIGITS)][16]; /* [i][j] = g^(-j*16^i) */
    uint64_t exponent[FE(LIMBS)];     /* (q-1)/2 = floor(p/2^(e+1)) */
} FE(root_table);

ZKR_FUNCTION void FE(root_table_fill)(FE(root_table) *table)
{
    FIELD step;
    memcpy(&step, FE(root_of_unity), sizeof step);
    FE(inverse)(&step, &step);
    for (int i = 0; i < FE(ROOT_DIGITS); i++) {
        FE(set_one)(&table->power[i][0]);
        for (int j = 1; j < 16; j++) FE(mul)(&table->power[i][j], &table->power[i][j - 1], &step);
        FE(mul)(&step, &table->power[i][15], &step);
    }
    for (int bit = 0; bit < 64 * FE(LIMBS); bit++) {
        int from = bit + FE(TWO_ADICITY) + 1;
        if (bit % 64 == 0) table->exponent[bit / 64] = 0;
        if (from < 64 * FE(LIMBS)) table->exponent[bit / 64] |= (uint64_t)zkr_limb_bit(FE(modulus), (size_t)from) << (bit % 64);
    }
}

/* a^exponent, four bits at a time. */
ZKR_FUNCTION void FE(root_power)(FIELD *out, const FIELD *a, const uint64_t *exponent)
{
    FIELD power[16];
    FE(set_one)(&power[0]);
    for (int i = 1; i < 16; i++) FE(mul)(&power[i], &power[i - 1], a);
    int window = 16 * FE(LIMBS) - 1;
    while (window > 0 && (exponent[window / 16] >> (window % 16 * 4) & 15) == 0) window--;
    *out = power[exponent[window / 16] >> (window % 16 * 4) & 15];
    while (window-- > 0) {
        for (int i = 0; i < 4; i++) FE(sqr_hot)(out, out);
        unsigned digit = (unsigned)(exponent[window / 16] >> (window % 16 * 4)) & 15;
        if (digit) FE(mul_hot)(out, out, &power[digit]);
    }
}

/* *out = some root of a; 0 when there is none, and then *out is untouched. */
ZKR_FUNCTION int FE(square_root_vartime)(FIELD *out, const FIELD *a, const FE(root_table) *table)
{
    enum { DIGITS = FE(ROOT_DIGITS) };
    FIELD root, half, b[DIGITS]; /* b[i] = (z^q)^(16^i) */
    uint64_t m = 0;
    if (FE(is_zero)(a)) {
        FE(set_zero)(out);
        return 1;
    }
    FE(root_power)(&half, a, table->exponent);
    FE(mul)(&root, a, &half);
    FE(mul)(&b[0], &root, &half);
    for (int i = 1; i < DIGITS; i++) {
        FE(sqr)(&b[i], &b[i - 1]);
        for (int k = 1; k < 4; k++) FE(sqr)(&b[i], &b[i]);
    }
    for (int k = 0; k < DIGITS; k++) { /* b[DIGITS-1-k] without the digits that are known: g^(digit k * 16^(DIGITS-1)) */
        FIELD *value = &b[DIGITS - 1 - k];
        for (int j = 0; j < k; j++) FE(mul)(value, value, &table->power[j + DIGITS - 1 - k][m >> (4 * j) & 15]);
        unsigned digit = 0;
        while (digit < 16 && !FE(equal)(value, &table->power[DIGITS - 1][(16 - digit) % 16])) digit++;
        if (k == 0 && digit % 2) return 0;
        m |= (uint64_t)digit << (4 * k);
    }
    for (int j = 0; j < DIGITS; j++) FE(mul)(&root, &root, &table->power[j][m >> 1 >> (4 * j) & 15]);
    *out = root;
    return 1;
}
