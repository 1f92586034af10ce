/* order.h: integers modulo the odd order l of a group, 2^192 < l < 2^254, known at run time; constant time in the numbers.
 *
 * Montgomery products ([Mon85]) as in limbs.h, all steps without folds: for a < 2^255 and b < l every intermediate value is
 * below a + l + 1 < 2^256, and the last one below 2l.
 */
#ifndef ZKR_ORDER_H
#define ZKR_ORDER_H
#include "limbs.h"

enum { ZKR_ORDER_LIMBS = 4 };

typedef struct {
    uint64_t reduction[2 * ZKR_ORDER_LIMBS + 1]; /* l, unused, -l^-1 mod 2^64                */
    uint64_t shift192[ZKR_ORDER_LIMBS];          /* 2^(192 + 256) mod l                      */
    uint64_t radix2[ZKR_ORDER_LIMBS];            /* 2^512 mod l                              */
} zkr_order;

/* out = a*b*2^-256 mod l for a < 2^255 and b < l. */
ZKR_INLINE void zkr_order_mont_mul(uint64_t *out, const uint64_t *a, const uint64_t *b, const zkr_order *order)
{
    zkr_limbs_mont_mul(out, a, b, order->reduction, 0, ZKR_ORDER_LIMBS);
}

/* out = a*b mod l for a < 2^255 and b < l. */
ZKR_FUNCTION void zkr_order_mul(uint64_t *out, const uint64_t *a, const uint64_t *b, const zkr_order *order)
{
    uint64_t t[ZKR_ORDER_LIMBS];
    zkr_order_mont_mul(t, a, order->radix2, order);
    zkr_order_mont_mul(out, t, b, order);
    zkr_wipe(t, sizeof t);
}

/* out = a + b mod l for a, b < l. */
ZKR_INLINE void zkr_order_add(uint64_t *out, const uint64_t *a, const uint64_t *b, const zkr_order *order)
{
    zkr_limbs_mod_add(out, a, b, order->reduction, ZKR_ORDER_LIMBS);
}

/* out = wide mod l for 8 limbs: Horner's rule in pieces of 192 bits, which are below l. */
ZKR_FUNCTION void zkr_order_reduce_wide(uint64_t *out, const uint64_t *wide, const zkr_order *order)
{
    uint64_t sum[ZKR_ORDER_LIMBS] = {wide[6], wide[7]}, piece[ZKR_ORDER_LIMBS] = {0};
    for (int i = 3; i >= 0; i -= 3) {
        zkr_order_mont_mul(sum, sum, order->shift192, order);
        memcpy(piece, wide + i, 3 * sizeof *piece);
        zkr_order_add(sum, sum, piece, order);
    }
    memcpy(out, sum, sizeof sum);
    zkr_wipe(sum, sizeof sum);
    zkr_wipe(piece, sizeof piece);
}

/* 0 for an order that is even or out of range. */
ZKR_FUNCTION int zkr_order_init(zkr_order *order, const uint64_t *l)
{
    uint64_t inverse = 1, power[ZKR_ORDER_LIMBS] = {1};
    if (l[0] % 2 == 0 || l[ZKR_ORDER_LIMBS - 1] == 0 || l[ZKR_ORDER_LIMBS - 1] >> 62) return 0;
    memset(order, 0, sizeof *order);
    memcpy(order->reduction, l, sizeof power);
    for (int i = 0; i < 6; i++) inverse *= 2 - l[0] * inverse; /* each step doubles the low bits that are right */
    order->reduction[2 * ZKR_ORDER_LIMBS] = 0 - inverse;
    for (int bit = 1; bit <= 512; bit++) {
        zkr_order_add(power, power, power, order);
        if (bit == 448) memcpy(order->shift192, power, sizeof power);
    }
    memcpy(order->radix2, power, sizeof power);
    return 1;
}
#endif
