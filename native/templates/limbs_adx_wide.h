/* limbs_adx_wide.h: limbs_wide.h with mulx, adcx and adox; needs the rows of limbs_adx.h. */
#ifndef ZKR_LIMBS_ADX_WIDE_H
#define ZKR_LIMBS_ADX_WIDE_H

#define ADX_STORE(i, t) "movq " t ", " #i "*8(%[o])\n\t"
#define ADX_WIDE4                                                                                                      \
    ADX_SCAN(0) ADX_START4(ADX_A, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4) ADX_STORE(0, ADX_T0)                         \
    ADX_SCAN(8) ADX_EXTEND4(ADX_A, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T0) ADX_STORE(1, ADX_T1)                        \
    ADX_SCAN(16) ADX_EXTEND4(ADX_A, ADX_T2, ADX_T3, ADX_T4, ADX_T0, ADX_T1) ADX_STORE(2, ADX_T2)                       \
    ADX_SCAN(24) ADX_EXTEND4(ADX_A, ADX_T3, ADX_T4, ADX_T0, ADX_T1, ADX_T2)
#define ADX_WIDE6                                                                                                      \
    ADX_SCAN(0) ADX_START6(ADX_A, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6) ADX_STORE(0, ADX_T0)         \
    ADX_SCAN(8) ADX_EXTEND6(ADX_A, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6, ADX_T0) ADX_STORE(1, ADX_T1)        \
    ADX_SCAN(16) ADX_EXTEND6(ADX_A, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T6, ADX_T0, ADX_T1) ADX_STORE(2, ADX_T2)       \
    ADX_SCAN(24) ADX_EXTEND6(ADX_A, ADX_T3, ADX_T4, ADX_T5, ADX_T6, ADX_T0, ADX_T1, ADX_T2) ADX_STORE(3, ADX_T3)       \
    ADX_SCAN(32) ADX_EXTEND6(ADX_A, ADX_T4, ADX_T5, ADX_T6, ADX_T0, ADX_T1, ADX_T2, ADX_T3) ADX_STORE(4, ADX_T4)       \
    ADX_SCAN(40) ADX_EXTEND6(ADX_A, ADX_T5, ADX_T6, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4)

/* As zkr_limbs_mul_wide. */
ZKR_INLINE void zkr_adx_mul_wide(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    uint64_t t0, t1, t2, t3, t4, t5, t6, lo, hi, z, rdx;
    if (n == 4) {
        __asm__(ADX_WIDE4
                : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [lo] "=&r"(lo),
                  [hi] "=&r"(hi), [z] "=&r"(z), "=&d"(rdx)
                : [a] "r"(a), [b] "r"(b), [o] "r"(out)
                : "cc", "memory");
        out[3] = t3, out[4] = t4, out[5] = t0, out[6] = t1, out[7] = t2;
    } else if (n == 6) {
        __asm__(ADX_WIDE6
                : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
                  [t6] "=&r"(t6), [lo] "=&r"(lo), [hi] "=&r"(hi), "=&d"(rdx)
                : [a] "r"(a), [b] "r"(b), [o] "r"(out)
                : "cc", "memory");
        out[5] = t5, out[6] = t6, out[7] = t0, out[8] = t1, out[9] = t2, out[10] = t3, out[11] = t4;
    } else {
        zkr_limbs_mul_wide(out, a, b, n);
    }
}

/* A Montgomery step on the low half: the limb that became zero takes the new highest. */
#define ADX_LOW_STEP4(t0, t1, t2, t3)                                                                                  \
    "movq " t0 ", %%rdx\n\timulq 64(%[r]), %%rdx\n\t" ADX_EXTEND4(ADX_P, t0, t1, t2, t3, t0)
#define ADX_LOW_STEP6(t0, t1, t2, t3, t4, t5)                                                                          \
    "movq " t0 ", %%rdx\n\timulq 96(%[r]), %%rdx\n\t" ADX_EXTEND6(ADX_P, t0, t1, t2, t3, t4, t5, t0)
#define ADX_LOW4                                                                                                       \
    ADX_LOW_STEP4(ADX_T0, ADX_T1, ADX_T2, ADX_T3) ADX_LOW_STEP4(ADX_T1, ADX_T2, ADX_T3, ADX_T0)                        \
    ADX_LOW_STEP4(ADX_T2, ADX_T3, ADX_T0, ADX_T1) ADX_LOW_STEP4(ADX_T3, ADX_T0, ADX_T1, ADX_T2)
#define ADX_LOW6                                                                                                       \
    ADX_LOW_STEP6(ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5) ADX_LOW_STEP6(ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T0) \
    ADX_LOW_STEP6(ADX_T2, ADX_T3, ADX_T4, ADX_T5, ADX_T0, ADX_T1) ADX_LOW_STEP6(ADX_T3, ADX_T4, ADX_T5, ADX_T0, ADX_T1, ADX_T2) \
    ADX_LOW_STEP6(ADX_T4, ADX_T5, ADX_T0, ADX_T1, ADX_T2, ADX_T3) ADX_LOW_STEP6(ADX_T5, ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4)
#define ADX_PLUS_HIGH(op, i, t) op " " #i "*8(%[a]), " t "\n\t"

/* As zkr_limbs_mont_reduce; t is left as it was. */
ZKR_INLINE void zkr_adx_mont_reduce(uint64_t *out, uint64_t *t, const uint64_t *reduction, int n)
{
    const uint64_t *a = t + n; /* the high half */
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], lo, hi, z, rdx, u, b;
    if (n == 4) {
        __asm__(ADX_LOW4 ADX_PLUS_HIGH("addq", 0, ADX_T0) ADX_PLUS_HIGH("adcq", 1, ADX_T1) ADX_PLUS_HIGH("adcq", 2, ADX_T2)
                    ADX_PLUS_HIGH("adcq", 3, ADX_T3) ADX_REDUCE4(ADX_T0, ADX_T1, ADX_T2, ADX_T3, "%[u]")
                : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [u] "=&r"(u), [lo] "=&r"(lo),
                  [hi] "=&r"(hi), [z] "=&r"(z), "=&d"(rdx)
                : [a] "r"(a), [r] "r"(reduction)
                : "cc", "memory");
        out[0] = t0, out[1] = t1, out[2] = t2, out[3] = t3;
    } else if (n == 6) {
        uint64_t t4 = t[4], t5 = t[5];
        __asm__(ADX_LOW6 ADX_PLUS_HIGH("addq", 0, ADX_T0) ADX_PLUS_HIGH("adcq", 1, ADX_T1) ADX_PLUS_HIGH("adcq", 2, ADX_T2)
                    ADX_PLUS_HIGH("adcq", 3, ADX_T3) ADX_PLUS_HIGH("adcq", 4, ADX_T4) ADX_PLUS_HIGH("adcq", 5, ADX_T5)
                        ADX_REDUCE6(ADX_T0, ADX_T1, ADX_T2, ADX_T3, ADX_T4, ADX_T5, "%[u]")
                : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5),
                  [u] "=&r"(u), [lo] "=&r"(lo), [hi] "=&r"(hi), "=&d"(rdx), [a] "+&r"(a), [b] "=&r"(b)
                : [r] "r"(reduction)
                : "cc", "memory");
        out[0] = t0, out[1] = t1, out[2] = t2, out[3] = t3, out[4] = t4, out[5] = t5;
    } else {
        zkr_limbs_mont_reduce(out, t, reduction, n);
    }
}

#define ZKR_MUL_WIDE zkr_adx_mul_wide
#define ZKR_MONT_REDUCE zkr_adx_mont_reduce
#endif
