/* limbs_adx_sums.h: sums and differences mod p for x86-64 over 4 and 6 limbs, corrected by conditional moves, which compilers
 * do not find by themselves (they make masks: a third more instructions, and for a difference twice the latency).
 */
#ifndef ZKR_LIMBS_ADX_SUMS_H
#define ZKR_LIMBS_ADX_SUMS_H

#define SUM(op, i) op " " #i "*8(%[b]), %[t" #i "]\n\tmovq %[t" #i "], %[u" #i "]\n\t"
#define MINUS_P(op, i) op " " #i "*8(%[p]), %[u" #i "]\n\t"
#define KEEP(i) "cmovncq %[u" #i "], %[t" #i "]\n\t"
#define DIFFERENCE(op, i) op " " #i "*8(%[b]), %[t" #i "]\n\tmovq " #i "*8(%[p]), %[u" #i "]\n\t"
#define FORGET(i) "cmovncq %[p], %[u" #i "]\n\t"
#define PLUS(op, i) op " %[u" #i "], %[t" #i "]\n\t"
#define BOTH(i) [t##i] "+&r"(t[i]), [u##i] "=&r"(u[i])

/* out = a + b mod p for a, b < p. */
ZKR_INLINE void zkr_adx_mod_add(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t t[ZKR_MAX_LIMBS], u[ZKR_MAX_LIMBS];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) t[i] = a[i];
    if (n == 4) {
        __asm__(SUM("addq", 0) SUM("adcq", 1) SUM("adcq", 2) SUM("adcq", 3)
                MINUS_P("subq", 0) MINUS_P("sbbq", 1) MINUS_P("sbbq", 2) MINUS_P("sbbq", 3)
                KEEP(0) KEEP(1) KEEP(2) KEEP(3)
                : BOTH(0), BOTH(1), BOTH(2), BOTH(3)
                : [b] "r"(b), [p] "r"(p)
                : "cc", "memory");
    } else if (n == 6) {
        __asm__(SUM("addq", 0) SUM("adcq", 1) SUM("adcq", 2) SUM("adcq", 3) SUM("adcq", 4) SUM("adcq", 5)
                MINUS_P("subq", 0) MINUS_P("sbbq", 1) MINUS_P("sbbq", 2) MINUS_P("sbbq", 3) MINUS_P("sbbq", 4) MINUS_P("sbbq", 5)
                KEEP(0) KEEP(1) KEEP(2) KEEP(3) KEEP(4) KEEP(5)
                : BOTH(0), BOTH(1), BOTH(2), BOTH(3), BOTH(4), BOTH(5)
                : [b] "r"(b), [p] "r"(p)
                : "cc", "memory");
    } else {
        zkr_limbs_mod_add(out, a, b, p, n);
        return;
    }
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = t[i];
}

/* out = a - b mod p for a, b < p. */
ZKR_INLINE void zkr_adx_mod_sub(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t t[ZKR_MAX_LIMBS], u[ZKR_MAX_LIMBS];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) t[i] = a[i];
    if (n == 4) {
        __asm__(DIFFERENCE("subq", 0) DIFFERENCE("sbbq", 1) DIFFERENCE("sbbq", 2) DIFFERENCE("sbbq", 3)
                "movl $0, %k[p]\n\t" FORGET(0) FORGET(1) FORGET(2) FORGET(3)
                PLUS("addq", 0) PLUS("adcq", 1) PLUS("adcq", 2) PLUS("adcq", 3)
                : BOTH(0), BOTH(1), BOTH(2), BOTH(3), [p] "+&r"(p)
                : [b] "r"(b)
                : "cc", "memory");
    } else if (n == 6) {
        __asm__(DIFFERENCE("subq", 0) DIFFERENCE("sbbq", 1) DIFFERENCE("sbbq", 2) DIFFERENCE("sbbq", 3) DIFFERENCE("sbbq", 4)
                DIFFERENCE("sbbq", 5)
                "movl $0, %k[p]\n\t" FORGET(0) FORGET(1) FORGET(2) FORGET(3) FORGET(4) FORGET(5)
                PLUS("addq", 0) PLUS("adcq", 1) PLUS("adcq", 2) PLUS("adcq", 3) PLUS("adcq", 4) PLUS("adcq", 5)
                : BOTH(0), BOTH(1), BOTH(2), BOTH(3), BOTH(4), BOTH(5), [p] "+&r"(p)
                : [b] "r"(b)
                : "cc", "memory");
    } else {
        zkr_limbs_mod_sub(out, a, b, p, n);
        return;
    }
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = t[i];
}

#define ZKR_MOD_ADD zkr_adx_mod_add
#define ZKR_MOD_SUB zkr_adx_mod_sub
#undef SUM
#undef MINUS_P
#undef KEEP
#undef DIFFERENCE
#undef FORGET
#undef PLUS
#undef BOTH
#endif
