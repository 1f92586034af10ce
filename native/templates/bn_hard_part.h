/* bn_hard_part.h: f^((p^4-p^2+1)/r) for a Barreto-Naehrig curve and f of order dividing p^4 - p^2 + 1.  Parameters: CURVE, GT_TYPE, the type
 * of elements, and GT(name), its operations mul, cyclotomic_sqr, conjugate and frobenius: once for the scalar tower, once for
 * vectors.
 *
 * The exponent is p^3 + (6x^2+1)p^2 + (1-12x-18x^2-36x^3)p - (2+18x+30x^2+36x^3) ([SBCPK09] section 5, exact).
 */

/* out = a^x for a as above, where inverses are free: x in width-4 signed digits. */
ZKR_FUNCTION void GT(pow_seed)(GT_TYPE *out, const GT_TYPE *a)
{
    GT_TYPE odd[4], square, factor, result;
    odd[0] = *a;
    GT(cyclotomic_sqr)(&square, a);
    for (int i = 1; i < 4; i++) GT(mul)(&odd[i], &odd[i - 1], &square);
    result = odd[(CU(seed_digits)[CU(SEED_DIGITS) - 1] - 1) / 2];
    for (int i = CU(SEED_DIGITS) - 2; i >= 0; i--) {
        int digit = CU(seed_digits)[i];
        GT(cyclotomic_sqr)(&result, &result);
        if (digit == 0) continue;
        factor = odd[((digit < 0 ? -digit : digit) - 1) / 2];
        if (digit < 0) GT(conjugate)(&factor, &factor);
        GT(mul)(&result, &result, &factor);
    }
    *out = result;
}

ZKR_FUNCTION void GT(hard_part)(GT_TYPE *out, const GT_TYPE *f)
{
    GT_TYPE t, fx, fx2, fx3, y0, y1, y2, y3, y4, y5, y6, t0, t1;
    GT(pow_seed)(&fx, f);
    GT(pow_seed)(&fx2, &fx);
    GT(pow_seed)(&fx3, &fx2);
    GT(frobenius)(&y0, f, 1); /* y0 = f^p * f^(p^2) * f^(p^3) */
    GT(frobenius)(&t, f, 2);
    GT(mul)(&y0, &y0, &t);
    GT(frobenius)(&t, f, 3);
    GT(mul)(&y0, &y0, &t);
    GT(conjugate)(&y1, f);          /* 1/f */
    GT(frobenius)(&y2, &fx2, 2);    /* (f^(x^2))^(p^2) */
    GT(frobenius)(&y3, &fx, 1);     /* 1/(f^x)^p */
    GT(conjugate)(&y3, &y3);
    GT(frobenius)(&y4, &fx2, 1);    /* 1/(f^x * (f^(x^2))^p) */
    GT(mul)(&y4, &y4, &fx);
    GT(conjugate)(&y4, &y4);
    GT(conjugate)(&y5, &fx2);       /* 1/f^(x^2) */
    GT(frobenius)(&y6, &fx3, 1);    /* 1/(f^(x^3) * (f^(x^3))^p) */
    GT(mul)(&y6, &y6, &fx3);
    GT(conjugate)(&y6, &y6);
    /* y0 * y1^2 * y2^6 * y3^12 * y4^18 * y5^30 * y6^36 by a vectorial addition chain ([SBCPK09] section 5) */
    GT(cyclotomic_sqr)(&t0, &y6);
    GT(mul)(&t0, &t0, &y4);
    GT(mul)(&t0, &t0, &y5);
    GT(mul)(&t1, &y3, &y5);
    GT(mul)(&t1, &t1, &t0);
    GT(mul)(&t0, &t0, &y2);
    GT(cyclotomic_sqr)(&t1, &t1);
    GT(mul)(&t1, &t1, &t0);
    GT(cyclotomic_sqr)(&t1, &t1);
    GT(mul)(&t0, &t1, &y1);
    GT(mul)(&t1, &t1, &y0);
    GT(cyclotomic_sqr)(&t0, &t0);
    GT(mul)(out, &t0, &t1);
}
