/* vector.h: element-wise operations on vectors over FIELD; the byte buffers of the ABI need no alignment.
 * Lanes, where there are any, do what they can of the front. */
#ifdef ZKR_LANES
#include "lanes/vector.h"
#define LANES_DO(i, call) i = call
#else
#define LANES_DO(i, call) (void)0
#endif

ZKR_FUNCTION void FE(vec_to_montgomery)(uint8_t *out, const uint8_t *in, size_t n)
{
    size_t i = 0;
    FIELD radix2;
    memcpy(&radix2, FE(radix2), sizeof radix2);
    LANES_DO(i, FE(x8_vec_scale)(out, in, &radix2, n));
    for (; i < n; i++) {
        FIELD a;
        FE(load)(&a, in + i * sizeof a);
        FE(mul)(&a, &a, &radix2);
        FE(store)(out + i * sizeof a, &a);
    }
}

ZKR_FUNCTION void FE(vec_from_montgomery)(uint8_t *out, const uint8_t *in, size_t n)
{
    size_t i = 0;
    FIELD least = {{1}};
    LANES_DO(i, FE(x8_vec_scale)(out, in, &least, n));
    for (; i < n; i++) {
        FIELD a;
        FE(load)(&a, in + i * sizeof a);
        FE(mul)(&a, &a, &least);
        FE(store)(out + i * sizeof a, &a);
    }
}

#define VECTOR_BINARY(name)                                                                                            \
    ZKR_FUNCTION void FE(ZKR_JOIN(vec, name))(uint8_t *out, const uint8_t *left, const uint8_t *right, size_t n)       \
    {                                                                                                                  \
        size_t i = 0;                                                                                                  \
        LANES_DO(i, FE(ZKR_JOIN(x8_vec, name))(out, left, right, n));                                                  \
        for (; i < n; i++) {                                                                                           \
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
    size_t i = 0;
    FIELD factor;
    FE(load)(&factor, scalar);
    LANES_DO(i, FE(x8_vec_scale)(out, in, &factor, n));
    for (; i < n; i++) {
        FIELD a;
        FE(load)(&a, in + i * sizeof a);
        FE(mul)(&a, &a, &factor);
        FE(store)(out + i * sizeof a, &a);
    }
}

/* ZKR_ERR_ZERO and *bad_index for the first zero. */
ZKR_FUNCTION int FE(vec_inverse_vartime)(uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index)
{
    FIELD element;
    for (size_t i = 0; i < n; i++) {
        FE(load)(&element, in + i * sizeof element);
        if (FE(is_zero)(&element)) {
            *bad_index = i;
            return ZKR_ERR_ZERO;
        }
    }
    /* The last elements first: they need memory too, and after the lanes nothing may fail. */
#ifdef ZKR_LANES
    size_t left = n % FE(X8_INVERSE_STEP);
#else
    size_t left = n;
#endif
    FIELD *elements = malloc((2 * left + 1) * sizeof *elements); /* + 1: malloc(0) may give NULL */
    if (elements == NULL) return ZKR_ERR_MEMORY;
    memcpy(elements, in + (n - left) * sizeof element, left * sizeof element);
    FE(batch_inverse_vartime)(elements + left, elements, left);
    int status = ZKR_OK;
    LANES_DO(status, FE(x8_vec_inverse_vartime)(out, in, n));
    if (status == ZKR_OK) memcpy(out + (n - left) * sizeof element, elements + left, left * sizeof element);
    free(elements);
    return status;
}
#undef LANES_DO
