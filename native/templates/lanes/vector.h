/* lanes/vector.h: the element-wise operations of vector.h, eight elements at a time.  Parameter: FIELD.
 *
 * Each function works through the first n - n % 8 elements and returns that number; vector.h does the rest.  Buffers need no
 * alignment, and out may be an input.  Elements come as a*R; one product of the lanes divides by RR instead of R.
 */

/* a*RR/R for canonical a, tight: a shift when it is by few bits, else a product. */
ZKR_INLINE void FE(x8_raise)(FE(x8) *out, const FE(x8) *a)
{
    enum { SHIFT = 52 * FE(LIMBS52) - 64 * FE(LIMBS) };
    if (SHIFT > 10) {
        FE(x8_from_scalar)(out, a);
        return;
    }
    ZKR_UNROLL
    for (int i = 0; i < FE(LIMBS52); i++) out->limb[i] = _mm512_slli_epi64(a->limb[i], (unsigned)(SHIFT > 10 ? 0 : SHIFT));
    FE(x8_carry)(out, out); /* below 2^SHIFT*p <= ROOM52*p */
}

/* out[i] = in[i]*factor, canonical, for a canonical factor in the lanes' form. */
ZKR_FUNCTION size_t FE(x8_vec_times)(uint8_t *out, const uint8_t *in, const FE(x8) *factor, size_t n)
{
    for (size_t i = 0; i + 8 <= n; i += 8) {
        FE(x8) a;
        FE(x8_load_bytes)(&a, in + i * sizeof(FIELD));
        FE(x8_mul)(&a, &a, factor);
        FE(x8_canonical)(&a, &a);
        FE(x8_store_bytes)(out + i * sizeof(FIELD), &a);
    }
    return n - n % 8;
}

ZKR_FUNCTION size_t FE(x8_vec_scale)(uint8_t *out, const uint8_t *in, const FIELD *factor, size_t n)
{
    FE(x8) column;
    if (n < 8) return 0;
    FE(x8_enter_one)(&column, factor);
    return FE(x8_vec_times)(out, in, &column, n);
}

#define VECTOR_BINARY(name, operation)                                                                                 \
    ZKR_FUNCTION size_t FE(x8_vec_##name)(uint8_t *out, const uint8_t *left, const uint8_t *right, size_t n)           \
    {                                                                                                                  \
        for (size_t i = 0; i + 8 <= n; i += 8) {                                                                       \
            FE(x8) a, b;                                                                                               \
            FE(x8_load_bytes)(&a, left + i * sizeof(FIELD));                                                           \
            FE(x8_load_bytes)(&b, right + i * sizeof(FIELD));                                                          \
            operation;                                                                                                 \
            FE(x8_canonical)(&a, &a);                                                                                  \
            FE(x8_store_bytes)(out + i * sizeof(FIELD), &a);                                                           \
        }                                                                                                              \
        return n - n % 8;                                                                                              \
    }
VECTOR_BINARY(add, FE(x8_add)(&a, &a, &b))
VECTOR_BINARY(sub, FE(x8_sub)(&a, &a, &b, 1))
VECTOR_BINARY(mul, (FE(x8_raise)(&a, &a), FE(x8_mul)(&a, &a, &b)))
#undef VECTOR_BINARY

/* [Mon87] in each of eight lanes, then one scalar inversion for the eight products; no element is zero.  The four chains of
 * columns i, i + 4, .. hide each other's latency.  Does the first n - n % X8_INVERSE_STEP elements. */
enum { FE(X8_CHAINS) = 4, FE(X8_INVERSE_STEP) = 8 * FE(X8_CHAINS) };

ZKR_FUNCTION int FE(x8_vec_inverse_vartime)(uint8_t *out, const uint8_t *in, size_t n)
{
    enum { CHAINS = FE(X8_CHAINS), STEP = FE(X8_INVERSE_STEP) };
    size_t columns = n / STEP * CHAINS;
    FE(x8) product[CHAINS];
    FIELD ends[STEP], inverses[STEP];
    if (columns == 0) return ZKR_OK;
    FE(x8) *value = zkr_take_memory(2 * columns * sizeof *value);
    if (value == NULL) return ZKR_ERR_MEMORY;
    FE(x8) *before = value + columns; /* the product of the columns before in the chain */
    for (int k = 0; k < CHAINS; k++) FE(x8_broadcast)(&product[k], FE(one52));
    for (size_t i = 0; i < columns; i++) {
        FE(x8) *chain = &product[i % CHAINS];
        FE(x8_load_bytes)(&value[i], in + 8 * i * sizeof(FIELD));
        FE(x8_from_scalar)(&value[i], &value[i]);
        before[i] = *chain;
        FE(x8_mul)(chain, chain, &value[i]);
    }
    for (int k = 0; k < CHAINS; k++) {
        FE(x8_to_scalar)(&product[k], &product[k]);
        FE(x8_store)(&ends[8 * k], &product[k]);
    }
    FE(batch_inverse_vartime)(inverses, ends, STEP);
    for (int k = 0; k < CHAINS; k++) FE(x8_enter)(&product[k], &inverses[8 * k]);
    for (size_t i = columns; i-- > 0;) {
        FE(x8) *chain = &product[i % CHAINS];
        FE(x8_mul)(&before[i], &before[i], chain);
        FE(x8_mul)(chain, chain, &value[i]);
        FE(x8_to_scalar)(&before[i], &before[i]);
        FE(x8_store_bytes)(out + 8 * i * sizeof(FIELD), &before[i]);
    }
    free(value);
    return ZKR_OK;
}
