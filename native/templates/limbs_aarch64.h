/* limbs_aarch64.h: the sums under the products of limbs.h as chains of adcs and sbcs, for 4 and 6 limbs.
 *
 * gcc makes no such chains of 128-bit sums, it moves every carry through a register: a product over BN254 has 215 instructions
 * this way and 369 that way (gcc 12).  The products of two limbs themselves, mul and umulh, compilers know.
 */
#ifndef ZKR_LIMBS_AARCH64_H
#define ZKR_LIMBS_AARCH64_H

#define A64_INOUT(i) [t##i] "+&r"(t[i])
#define A64_IN(i) [x##i] "r"(x[i])
#define A64_STEP(op, i) op " %[t" #i "], %[t" #i "], %[x" #i "]\n\t"
#define A64_TOP(i) "adc %[t" #i "], %[t" #i "], xzr\n\t"

/* As zkr_limbs_accumulate. */
ZKR_INLINE void zkr_a64_accumulate(uint64_t *t, const uint64_t *x, int n)
{
    if (n == 4) {
        __asm__(A64_STEP("adds", 0) A64_STEP("adcs", 1) A64_STEP("adcs", 2) A64_STEP("adcs", 3) A64_TOP(4)
                : A64_INOUT(0), A64_INOUT(1), A64_INOUT(2), A64_INOUT(3), A64_INOUT(4)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3)
                : "cc");
    } else if (n == 6) {
        __asm__(A64_STEP("adds", 0) A64_STEP("adcs", 1) A64_STEP("adcs", 2) A64_STEP("adcs", 3) A64_STEP("adcs", 4)
                A64_STEP("adcs", 5) A64_TOP(6)
                : A64_INOUT(0), A64_INOUT(1), A64_INOUT(2), A64_INOUT(3), A64_INOUT(4), A64_INOUT(5), A64_INOUT(6)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3), A64_IN(4), A64_IN(5)
                : "cc");
    } else {
        zkr_limbs_accumulate(t, x, n);
    }
}

/* As zkr_limbs_accumulate_all. */
ZKR_INLINE void zkr_a64_accumulate_all(uint64_t *t, const uint64_t *x, int n)
{
    if (n == 4) {
        __asm__(A64_STEP("adds", 0) A64_STEP("adcs", 1) A64_STEP("adcs", 2) A64_STEP("adc", 3)
                : A64_INOUT(0), A64_INOUT(1), A64_INOUT(2), A64_INOUT(3)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3)
                : "cc");
    } else if (n == 6) {
        __asm__(A64_STEP("adds", 0) A64_STEP("adcs", 1) A64_STEP("adcs", 2) A64_STEP("adcs", 3) A64_STEP("adcs", 4)
                A64_STEP("adc", 5)
                : A64_INOUT(0), A64_INOUT(1), A64_INOUT(2), A64_INOUT(3), A64_INOUT(4), A64_INOUT(5)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3), A64_IN(4), A64_IN(5)
                : "cc");
    } else {
        zkr_limbs_accumulate_all(t, x, n);
    }
}

#define A64_MINUS(op, i) op " %[u" #i "], %[t" #i "], %[x" #i "]\n\t"
#define A64_KEEP(i) "csel %[t" #i "], %[t" #i "], %[u" #i "], lo\n\t" /* t where t < p */
#define A64_OUT(i) [u##i] "=&r"(u[i])

/* As zkr_limbs_reduce_once. */
ZKR_INLINE void zkr_a64_reduce_once(uint64_t *out, const uint64_t *a, const uint64_t *x, int n)
{
    uint64_t t[ZKR_MAX_LIMBS], u[ZKR_MAX_LIMBS];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) t[i] = a[i];
    if (n == 4) {
        __asm__(A64_MINUS("subs", 0) A64_MINUS("sbcs", 1) A64_MINUS("sbcs", 2) A64_MINUS("sbcs", 3)
                A64_KEEP(0) A64_KEEP(1) A64_KEEP(2) A64_KEEP(3)
                : A64_INOUT(0), A64_INOUT(1), A64_INOUT(2), A64_INOUT(3), A64_OUT(0), A64_OUT(1), A64_OUT(2), A64_OUT(3)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3)
                : "cc");
    } else if (n == 6) {
        __asm__(A64_MINUS("subs", 0) A64_MINUS("sbcs", 1) A64_MINUS("sbcs", 2) A64_MINUS("sbcs", 3) A64_MINUS("sbcs", 4)
                A64_MINUS("sbcs", 5) A64_KEEP(0) A64_KEEP(1) A64_KEEP(2) A64_KEEP(3) A64_KEEP(4) A64_KEEP(5)
                : A64_INOUT(0), A64_INOUT(1), A64_INOUT(2), A64_INOUT(3), A64_INOUT(4), A64_INOUT(5), A64_OUT(0), A64_OUT(1),
                  A64_OUT(2), A64_OUT(3), A64_OUT(4), A64_OUT(5)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3), A64_IN(4), A64_IN(5)
                : "cc");
    } else {
        zkr_limbs_reduce_once(out, a, x, n);
        return;
    }
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = t[i];
}

#define A64_BORROW(i) "csel %[u" #i "], xzr, %[u" #i "], hs\n\t" /* nothing to add where a >= b */
#define A64_PLUS(op, i) op " %[t" #i "], %[t" #i "], %[u" #i "]\n\t"
#define A64_BOTH(i) [t##i] "+&r"(t[i]), [u##i] "+&r"(u[i])

/* As zkr_limbs_mod_sub. */
ZKR_INLINE void zkr_a64_mod_sub(uint64_t *out, const uint64_t *a, const uint64_t *x, const uint64_t *p, int n)
{
    uint64_t t[ZKR_MAX_LIMBS], u[ZKR_MAX_LIMBS];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) t[i] = a[i], u[i] = p[i];
    if (n == 4) {
        __asm__(A64_STEP("subs", 0) A64_STEP("sbcs", 1) A64_STEP("sbcs", 2) A64_STEP("sbcs", 3)
                A64_BORROW(0) A64_BORROW(1) A64_BORROW(2) A64_BORROW(3)
                A64_PLUS("adds", 0) A64_PLUS("adcs", 1) A64_PLUS("adcs", 2) A64_PLUS("adc", 3)
                : A64_BOTH(0), A64_BOTH(1), A64_BOTH(2), A64_BOTH(3)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3)
                : "cc");
    } else if (n == 6) {
        __asm__(A64_STEP("subs", 0) A64_STEP("sbcs", 1) A64_STEP("sbcs", 2) A64_STEP("sbcs", 3) A64_STEP("sbcs", 4)
                A64_STEP("sbcs", 5) A64_BORROW(0) A64_BORROW(1) A64_BORROW(2) A64_BORROW(3) A64_BORROW(4) A64_BORROW(5)
                A64_PLUS("adds", 0) A64_PLUS("adcs", 1) A64_PLUS("adcs", 2) A64_PLUS("adcs", 3) A64_PLUS("adcs", 4) A64_PLUS("adc", 5)
                : A64_BOTH(0), A64_BOTH(1), A64_BOTH(2), A64_BOTH(3), A64_BOTH(4), A64_BOTH(5)
                : A64_IN(0), A64_IN(1), A64_IN(2), A64_IN(3), A64_IN(4), A64_IN(5)
                : "cc");
    } else {
        zkr_limbs_mod_sub(out, a, x, p, n);
        return;
    }
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = t[i];
}

/* As zkr_limbs_mod_add. */
ZKR_INLINE void zkr_a64_mod_add(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t sum[ZKR_MAX_LIMBS];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) sum[i] = a[i];
    zkr_a64_accumulate_all(sum, b, n);
    zkr_a64_reduce_once(out, sum, p, n);
}

#define ZKR_ACCUMULATE zkr_a64_accumulate
#define ZKR_ACCUMULATE_ALL zkr_a64_accumulate_all
#define ZKR_REDUCE_ONCE zkr_a64_reduce_once
#define ZKR_MOD_ADD zkr_a64_mod_add
#define ZKR_MOD_SUB zkr_a64_mod_sub
#endif
