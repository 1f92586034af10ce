/* vector.h: element-wise operations on vectors over FIELD; the byte buffers of the ABI need no alignment. */

ZKR_FUNCTION void FE(vec_to_montgomery)(uint8_t *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        FIELD a;
        FE(load)(&a, in + i * sizeof a);
        FE(from_canonical)(&a, &a);
        FE(store)(out + i * sizeof a, &a);
    }
}

ZKR_FUNCTION void FE(vec_from_montgomery)(uint8_t *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        FIELD a;
        FE(load)(&a, in + i * sizeof a);
        FE(to_canonical)(&a, &a);
        FE(store)(out + i * sizeof a, &a);
    }
}

#define VECTOR_BINARY(name)                                                                                            \
    ZKR_FUNCTION void FE(ZKR_JOIN(vec, name))(uint8_t *out, const uint8_t *left, const uint8_t *right, size_t n)       \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            FIELD a, b;                                                                                                \
            FE(load)(&a, left + i * sizeof a);                                                                         \
            FE(load)(&b, right + i * sizeof b);                                                                        \
            FE(name)(&a, &a, &b);                                                                                      \
            FE(store)(out + i * sizeof a, &a);                                                                         \
        }                                                                                                              \
    }
VECTOR_BINARY(add)
VECTOR_BINARY(sub)
VECTOR_BINARY(mul)
#undef VECTOR_BINARY

ZKR_FUNCTION void FE(vec_scale)(uint8_t *out, const uint8_t *in, const uint8_t *scalar, size_t n)
{
    FIELD factor;
    FE(load)(&factor, scalar);
    for (size_t i = 0; i < n; i++) {
        FIELD a;
        FE(load)(&a, in + i * sizeof a);
        FE(mul)(&a, &a, &factor);
        FE(store)(out + i * sizeof a, &a);
    }
}

/* ZKR_ERR_ZERO and *bad_index for the first zero. */
ZKR_FUNCTION int FE(vec_inverse_vartime)(uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index)
{
    FIELD *elements = malloc((2 * n + 1) * sizeof *elements); /* + 1: malloc(0) may give NULL */
    if (elements == NULL) return ZKR_ERR_MEMORY;
    memcpy(elements, in, n * sizeof *elements);
    int status = ZKR_OK;
    for (size_t i = 0; i < n && status == ZKR_OK; i++) {
        if (FE(is_zero)(&elements[i])) {
            *bad_index = i;
            status = ZKR_ERR_ZERO;
        }
    }
    if (status == ZKR_OK) {
        FE(batch_inverse_vartime)(elements + n, elements, n);
        memcpy(out, elements + n, n * sizeof *elements);
    }
    free(elements);
    return status;
}
