/* batch_inverse.h: many inversions for the price of one, in the field COORD ([Mon87]: three products an element). */

/* out[i] = a[i]^-1; every a[i] non-zero.  out and a are distinct arrays. */
ZKR_FUNCTION void CO(batch_inverse_vartime)(COORD *out, const COORD *a, size_t n)
{
    COORD product;
    CO(set_one)(&product);
    for (size_t i = 0; i < n; i++) {
        out[i] = product; /* a[0]*...*a[i-1] */
        CO(mul_hot)(&product, &product, &a[i]);
    }
    CO(inverse_vartime)(&product, &product);
    for (size_t i = n; i-- > 0;) {
        CO(mul_hot)(&out[i], &out[i], &product);
        CO(mul_hot)(&product, &product, &a[i]);
    }
}
