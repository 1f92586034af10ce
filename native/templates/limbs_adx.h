/* limbs_adx.h: the products of limbs.h for x86-64 with mulx, adcx and adox, over 4 and 6 limbs.
 *
 * The same steps and the same bounds as zkr_limbs_mont_sum; only the carries run otherwise: low halves ride on CF (adcx)
 * and high halves on OF (adox), so that a row of products needs no carry in a register and no limb leaves the registers.
 * The operand that is scanned comes through rdx, the other from memory, which costs mulx nothing.
 * BN254, Zen 5: a product in 9.4 ns, 10.9 ns in a chain (gnark-crypto 11.3 and 13.5, limbs.h 12.3 and 12.7).
 */
#ifndef ZKR_LIMBS_ADX_H
#define ZKR_LIMBS_ADX_H

#define ADX_T0 "%[t0]"
#define ADX_T1 "%[t1]"
#define ADX_T2 "%[t2]"
#define ADX_T3 "%[t3]"
#define ADX_T4 "%[t4]"
#define ADX_T5 "%[t5]"
#define ADX_T6 "%[t6]"
#define ADX_A(i) #i "*8(%[a])"      /* the factors */
#define ADX_C(i) #i "*8(%[c])"
#define ADX_P(i) #i "*8(%[r])"      /* the reduction: p, fold and -p^-1 */
#define ADX_FOLD4(i) "32+" #i "*8(%[r])"
#define ADX_FOLD6(i) "48+" #i "*8(%[r])"
#define ADX_SCAN(offset) "movq " #offset "(%[b]), %%rdx\n\t"

/* CF = OF = 0.  With 4 limbs a register is free to stay zero from there to the end of the row, which saves the move there: a
 * product in 17.1 ns for 19.0 on Zen 3.  With 6 it is lo, made zero again for the end. */
#define ADX_CLEAR4 "xorl %k[z], %k[z]\n\t"
#define ADX_CLOSE4(top) "adcx %[z], " top "\n\t"
#define ADX_CLOSE_BOTH4(top) "adox %[z], " top "\n\t" ADX_CLOSE4(top)
#define ADX_CLEAR6 "xorl %k[lo], %k[lo]\n\t"
#define ADX_CLOSE6(top) "movl $0, %k[lo]\n\tadcx %[lo], " top "\n\t"
#define ADX_CLOSE_BOTH6(top) ADX_CLOSE6(top) "adox %[lo], " top "\n\t"
#define ADX_MAC(source, low, high) "mulx " source ", %[lo], %[hi]\n\tadcx %[lo], " low "\n\tadox %[hi], " high "\n\t"
#define ADX_LAST(source, low, high) "mulx " source ", %[lo], " high "\n\tadcx %[lo], " low "\n\t"
#define ADX_FIRST(source, low, high) "mulx " source ", %[lo], " high "\n\taddq %[lo], " low "\n\t"
#define ADX_NEXT(source, low, high) "mulx " source ", %[lo], " high "\n\tadcq %[lo], " low "\n\t"

/* t = rdx*A, t += rdx*A where the top limb is in use, and t += rdx*A where it is not. */
#define ADX_START4(A, t0, t1, t2, t3, t4)                                                                              \
    "mulx " A(0) ", " t0 ", " t1 "\n\t" ADX_FIRST(A(1), t1, t2) ADX_NEXT(A(2), t2, t3) ADX_NEXT(A(3), t3, t4)         \
    "adcq $0, " t4 "\n\t"
#define ADX_ADD4(A, t0, t1, t2, t3, t4)                                                                                \
    ADX_CLEAR4 ADX_MAC(A(0), t0, t1) ADX_MAC(A(1), t1, t2) ADX_MAC(A(2), t2, t3) ADX_MAC(A(3), t3, t4) ADX_CLOSE4(t4)
#define ADX_EXTEND4(A, t0, t1, t2, t3, t4)                                                                             \
    ADX_CLEAR4 ADX_MAC(A(0), t0, t1) ADX_MAC(A(1), t1, t2) ADX_MAC(A(2), t2, t3) ADX_LAST(A(3), t3, t4) ADX_CLOSE_BOTH4(t4)
#define ADX_START6(A, t0, t1, t2, t3, t4, t5, t6)                                                                      \
    "mulx " A(0) ", " t0 ", " t1 "\n\t" ADX_FIRST(A(1), t1, t2) ADX_NEXT(A(2), t2, t3) ADX_NEXT(A(3), t3, t4)         \
    ADX_NEXT(A(4), t4, t5) ADX_NEXT(A(5), t5, t6) "adcq $0, " t6 "\n\t"
#define ADX_ADD6(A, t0, t1, t2, t3, t4, t5, t6)                                                                        \
    ADX_CLEAR6 ADX_MAC(A(0), t0, t1) ADX_MAC(A(1), t1, t2) ADX_MAC(A(2), t2, t3) ADX_MAC(A(3), t3, t4)                 \
    ADX_MAC(A(4), t4, t5) ADX_MAC(A(5), t5, t6) ADX_CLOSE6(t6)
#define ADX_EXTEND6(A, t0, t1, t2, t3, t4, t5, t6)                                                                     \
    ADX_CLEAR6 ADX_MAC(A(0), t0, t1) ADX_MAC(A(1), t1, t2) ADX_MAC(A(2), t2, t3) ADX_MAC(A(3), t3, t4)                 \
    ADX_MAC(A(4), t4, t5) ADX_LAST(A(5), t5, t6) ADX_CLOSE_BOTH6(t6)

/* A fold leaves the result in (t1, .., t0): the lowest limb becomes the highest.  A Montgomery step too, without a top. */
#define ADX_FOLD_STEP4(t0, t1, t2, t3, t4) "movq " t0 ", %%rdx\n\t" ADX_EXTEND4(ADX_FOLD4, t1, t2, t3, t4, t0)
#define ADX_MONT_STEP4(t0, t1, t2, t3, t4)                                                                             \
    "movq " t0 ", %%rdx\n\timulq 64(%[r]), %%rdx\n\t" ADX_ADD4(ADX_P, t0, t1, t2, t3, t4)
#define ADX_FOLD_STEP6(t0, t1, t2, t3, t4, t5, t6)                                                                     \
    "movq " t0 ", %%rdx\n\t" ADX_EXTEND6(ADX_FOLD6, t1, t2, t3, t4, t5, t6, t0)
#define ADX_MONT_STEP6(t0, t1, t2, t3, t4, t5, t6)                                                                     \
    "movq " t0 ", %%rdx\n\timulq 96(%[r]), %%rdx\n\t" ADX_ADD6(ADX_P, t0, t1, t2, t3, t4, t5, t6)

/* t mod p for t < 2p, by way of u. */
#define ADX_MINUS_P(op, i, t, u) "movq " t ", " u "\n\t" op " " ADX_P(i) ", " u "\n\t"
#define ADX_KEEP(t, u) "cmovncq " u ", " t "\n\t"
#define ADX_REDUCE4(t0, t1, t2, t3, u0)                                                                                \
    ADX_MINUS_P("subq", 0, t0, u0) ADX_MINUS_P("sbbq", 1, t1, "%[lo]") ADX_MINUS_P("sbbq", 2, t2, "%[hi]")            \
    ADX_MINUS_P("sbbq", 3, t3, "%%rdx")                                                                                \
    ADX_KEEP(t0, u0) ADX_KEEP(t1, "%[lo]") ADX_KEEP(t2, "%[hi]") ADX_KEEP(t3, "%%rdx")
/* Six limbs have no six free registers beside them: where the factors' pointers were is room for two. */
#define ADX_REDUCE6(t0, t1, t2, t3, t4, t5, u0)                                                                        \
    ADX_MINUS_P("subq", 0, t0, u0) ADX_MINUS_P("sbbq", 1, t1, "%[lo]") ADX_MINUS_P("sbbq", 2, t2, "%[hi]")            \
    ADX_MINUS_P("sbbq", 3, t3, "%%rdx") ADX_MINUS_P("sbbq", 4, t4, "%[a]") ADX_MINUS_P("sbbq", 5, t5, "%[b]")         \
    ADX_KEEP(t0, u0) ADX_KEEP(t1, "%[lo]") ADX_KEEP(t2, "%[hi]") ADX_KEEP(t3, "%%rdx") ADX_KEEP(t4, "%[a]")           \
    ADX_KEEP(t5, "%[b]")

#define ADX_NONE(...)
#define ADX_PLUS4(offset, ...) ADX_SCAN(32 + offset) ADX_ADD4(ADX_C, __VA_ARGS__)
#define ADX_PLUS6(offset, ...) ADX_SCAN(48 + offset) ADX_ADD6(ADX_C, __VA_ARGS__)

/* The whole product; PLUS adds the second of two products to each step. */
#define ADX_STEP4(offset, PLUS, STEP, ...)                                                                              \
    ADX_SCAN(offset) ADX_ADD4(ADX_A, __VA_ARGS__) PLUS(offset, __VA_ARGS__) STEP(__VA_ARGS__)
#define ADX_PRODUCT4(PLUS)                                                                                             \
    ADX_SCAN(0) ADX_START4(ADX_A, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4) PLUS(0, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4) \
    ADX_FOLD_STEP4(ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4)                                                             \
    ADX_STEP4(8, PLUS, ADX_FOLD_STEP4, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T0)                                         \
    ADX_STEP4(16, PLUS, ADX_FOLD_STEP4, ADX_T2, ADX_T3, ADX_T4, ADX_T0, ADX_T1)                                        \
    ADX_STEP4(24, PLUS, ADX_MONT_STEP4, ADX_T3, ADX_T4, ADX_T0, ADX_T1, ADX_T2)                                        \
    ADX_REDUCE4(ADX_T4, ADX_T0, ADX_T1, ADX_T2, ADX_T3)
#define ADX_UNFOLDED_STEP4(offset, ...)                                                                                \
    ADX_SCAN(offset) ADX_EXTEND4(ADX_A, __VA_ARGS__) ADX_MONT_STEP4(__VA_ARGS__)
#define ADX_UNFOLDED_PRODUCT4                                                                                          \
    ADX_SCAN(0) ADX_START4(ADX_A, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4) ADX_MONT_STEP4(ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4) \
    ADX_UNFOLDED_STEP4(8, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T0)                                                      \
    ADX_UNFOLDED_STEP4(16, ADX_T2, ADX_T3, ADX_T4, ADX_T0, ADX_T1)                                                     \
    ADX_UNFOLDED_STEP4(24, ADX_T3, ADX_T4, ADX_T0, ADX_T1, ADX_T2)                                                     \
    ADX_REDUCE4(ADX_T4, ADX_T0, ADX_T1, ADX_T2, ADX_T3)
#define ADX_STEP6(offset, PLUS, STEP, ...)                                                                             \
    ADX_SCAN(offset) ADX_ADD6(ADX_A, __VA_ARGS__) PLUS(offset, __VA_ARGS__) STEP(__VA_ARGS__)
#define ADX_PRODUCT6(PLUS)                                                                                             \
    ADX_SCAN(0) ADX_START6(ADX_A, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6)                              \
    PLUS(0, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6)                                                    \
    ADX_FOLD_STEP6(ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6)                                             \
    ADX_STEP6(8, PLUS, ADX_FOLD_STEP6, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6, ADX_T0)                         \
    ADX_STEP6(16, PLUS, ADX_FOLD_STEP6, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6, ADX_T0, ADX_T1)                        \
    ADX_STEP6(24, PLUS, ADX_FOLD_STEP6, ADX_T3, ADX_T4, ADX_T5, ADX_T6, ADX_T0, ADX_T1, ADX_T2)                        \
    ADX_STEP6(32, PLUS, ADX_FOLD_STEP6, ADX_T4, ADX_T5, ADX_T6, ADX_T0, ADX_T1, ADX_T2, ADX_T3)                        \
    ADX_STEP6(40, PLUS, ADX_MONT_STEP6, ADX_T5, ADX_T6, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4)                        \
    ADX_REDUCE6(ADX_T6, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5)

/* After n steps the result lies in (t<n>, t0, .., t<n - 2>). */
#define ADX_SCRATCH [lo] "=&r"(lo), [hi] "=&r"(hi), "=&d"(rdx), [a] "+&r"(a), [b] "+&r"(b)
#define ADX_RUN4(PRODUCT)                                                                                              \
    do {                                                                                                               \
        uint64_t t0, t1, t2, t3, t4, lo, hi, z, rdx;                                                                   \
        __asm__(PRODUCT                                                                                                \
                : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [z] "=&r"(z),        \
                  ADX_SCRATCH                                                                                          \
                : [c] "r"(c), [r] "r"(reduction)                                                                       \
                : "cc", "memory");                                                                                     \
        out[0] = t4, out[1] = t0, out[2] = t1, out[3] = t2;                                                            \
    } while (0)
#define ADX_RUN6(PRODUCT)                                                                                              \
    do {                                                                                                               \
        uint64_t t0, t1, t2, t3, t4, t5, t6, lo, hi, rdx;                                                              \
        __asm__(PRODUCT                                                                                                \
                : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),      \
                  [t6] "=&r"(t6), ADX_SCRATCH                                                                          \
                : [c] "r"(c), [r] "r"(reduction)                                                                       \
                : "cc", "memory");                                                                                     \
        out[0] = t6, out[1] = t0, out[2] = t1, out[3] = t2, out[4] = t3, out[5] = t4;                                  \
    } while (0)

/* As zkr_limbs_mont_mul. */
ZKR_INLINE void zkr_adx_mont_mul(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *reduction, int folds, int n)
{
    const uint64_t *c = a; /* no second product */
    if (n == 4 && folds == 3) {
        ADX_RUN4(ADX_PRODUCT4(ADX_NONE));
    } else if (n == 4 && folds == 0) {
        ADX_RUN4(ADX_UNFOLDED_PRODUCT4);
    } else if (n == 6 && folds == 5) {
        ADX_RUN6(ADX_PRODUCT6(ADX_NONE));
    } else {
        zkr_limbs_mont_mul(out, a, b, reduction, folds, n);
    }
}

/* As zkr_limbs_mont_sum. */
ZKR_INLINE void zkr_adx_mont_sum(uint64_t *out, const uint64_t *a, const uint64_t *c, const uint64_t *b,
                                 const uint64_t *reduction, int folds, int n)
{
    if (n == 4 && folds == 3) {
        ADX_RUN4(ADX_PRODUCT4(ADX_PLUS4));
    } else if (n == 6 && folds == 5) {
        ADX_RUN6(ADX_PRODUCT6(ADX_PLUS6));
    } else {
        zkr_limbs_mont_sum(out, a, c, b, reduction, folds, n);
    }
}

#define ZKR_MONT_MUL zkr_adx_mont_mul
#define ZKR_MONT_SUM zkr_adx_mont_sum
#endif
