/* msm_small.h: sum scalars[i]*bases[i] in GROUP for few pairs, where buckets would stay empty.  Parameters: GROUP, COORD, SCALAR.
 *
 * Reference: [Str64], interleaved: the multiples 1..2^(c-1) of every base, then one chain of doublings for all.
 */
enum { GR(SMALL_MSM) = 48, GR(SMALL_WINDOW) = 4, GR(SMALL_ROW) = 1 << (GR(SMALL_WINDOW) - 1) };

/* table[k][i] = (k+1)*bases[i]; a row at a time, so that its additions share inversions. */
ZKR_FUNCTION int GR(msm_small_table)(GR(affine) (*table)[GR(SMALL_MSM)], const uint8_t *bases, size_t n)
{
    GR(batch) *batch = malloc(sizeof *batch);
    if (batch == NULL) return ZKR_ERR_MEMORY;
    batch->count = 0;
    memcpy(table[0], bases, n * sizeof table[0][0]);
    for (size_t k = 1; k < GR(SMALL_ROW); k++) {
        for (size_t i = 0; i < n; i++) GR(batch_add)(batch, &table[k][i], &table[k - 1][i], &table[0][i]);
        GR(batch_flush)(batch);
    }
    free(batch);
    return ZKR_OK;
}

ZKR_FUNCTION int GR(msm_small_vartime)(GR(xyzz) *out, const uint8_t *scalars, const uint8_t *bases, size_t n)
{
    size_t num_windows = GR(num_windows)(GR(SMALL_WINDOW));
    GR(affine) (*table)[GR(SMALL_MSM)] = malloc(GR(SMALL_ROW) * sizeof *table);
    uint64_t biased[GR(SMALL_MSM)][BIASED_LIMBS], bias[BIASED_LIMBS];
    int status = table != NULL ? GR(msm_small_table)(table, bases, n) : ZKR_ERR_MEMORY;
    if (status == ZKR_OK) {
        GR(signed_digit_bias)(bias, GR(SMALL_WINDOW), num_windows);
        for (size_t i = 0; i < n; i++) GR(bias_scalar)(biased[i], scalars + i * sizeof(SCALAR), bias);
        GR(xyzz_set_infinity)(out);
        for (size_t w = num_windows; w-- > 0;) {
            for (int i = 0; i < GR(SMALL_WINDOW); i++) GR(xyzz_dbl)(out, out);
            for (size_t i = 0; i < n; i++) {
                int32_t digit = GR(signed_digit)(biased[i], GR(SMALL_WINDOW), w);
                if (digit == 0) continue;
                GR(affine) multiple = table[(digit < 0 ? -digit : digit) - 1][i];
                if (digit < 0) GR(negate)(&multiple, &multiple);
                GR(xyzz_add_affine)(out, out, &multiple);
            }
        }
    }
    free(table);
    return status;
}
