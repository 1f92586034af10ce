/* pairing.h: products of optimal ate pairings.  Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD12; before inclusion
 * miller_lines.h and the curve's own part (bn_pairing.h): CU(mul_by_line), CU(add_step_into), CU(miller_tail),
 * CU(final_exponentiation), and the digits of the loop. */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* The product of the Miller loops of all pairs, one chain of squarings for all. */
ZKR_FUNCTION void CU(miller_loop)(FIELD12 *f, CU(miller_pair) *pairs, size_t n)
{
    CU(line) line;
    E12(set_one)(f);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        E12(sqr)(f, f);
        for (size_t k = 0; k < n; k++) {
            CU(double_step)(&line, &pairs[k].t);
            CU(mul_by_line)(f, &line, &pairs[k].p);
            if (CU(ate_digits)[i] > 0) CU(add_step_into)(f, &pairs[k], &pairs[k].q);
            if (CU(ate_digits)[i] < 0) CU(add_step_into)(f, &pairs[k], &pairs[k].minus_q);
        }
    }
    CU(miller_tail)(f, pairs, n);
}

/* Product of the pairings of n checked pairs; a pair with infinity contributes 1. */
ZKR_FUNCTION int CU(pairing_product)(FIELD12 *out, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    CU(miller_pair) *pairs = malloc((n + 1) * sizeof *pairs);
    size_t live = 0;
    if (pairs == NULL) return ZKR_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        CU(miller_pair) *pair = &pairs[live];
        G1(load)(&pair->p, g1 + i * sizeof pair->p);
        G2(load)(&pair->q, g2 + i * sizeof pair->q);
        if (G1(is_infinity)(&pair->p) || G2(is_infinity)(&pair->q)) continue;
        G2(negate)(&pair->minus_q, &pair->q);
        pair->t.x = pair->q.x;
        pair->t.y = pair->q.y;
        E2(set_one)(&pair->t.z);
        live++;
    }
    FIELD12 f;
    CU(miller_loop)(&f, pairs, live);
    CU(final_exponentiation)(out, &f);
    free(pairs);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(pairing_check_vartime)(int *is_one, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    FIELD12 product, one;
    int status = CU(pairing_product)(&product, g1, g2, n);
    if (status != ZKR_OK) return status;
    E12(set_one)(&one);
    *is_one = E12(equal)(&product, &one);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(pairing_vartime)(uint8_t *out, const uint8_t *g1, const uint8_t *g2)
{
    FIELD12 product;
    int status = CU(pairing_product)(&product, g1, g2, 1);
    if (status != ZKR_OK) return status;
    FE(vec_from_montgomery)(out, (const uint8_t *)&product, sizeof product / sizeof(FIELD));
    return ZKR_OK;
}
#undef G1
#undef G2
