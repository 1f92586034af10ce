/* base.h: what every template and kernel shares: name pasting, inlining, 128-bit integers, loading bytes.
 *
 * A template is a header without guard that is included once per instance, after macros such as FIELD name the instance:
 * FE(mul) is bn254_fr_mul while FIELD is bn254_fr.  All template functions are static, so that several kernels can hold
 * the same names, compiled with other flags or another multiplication, and meet only in the table of src/kernel.h.
 */
#ifndef ZKR_BASE_H
#define ZKR_BASE_H
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../include/zkrelay.h"
#include "../src/kernel.h"
#include "../src/memory.h"
#include "../src/threads.h"

#define ZKR_JOIN_(prefix, name) prefix##_##name
#define ZKR_JOIN(prefix, name) ZKR_JOIN_(prefix, name)
#define FE(name) ZKR_JOIN(FIELD, name)      /* a function or constant of the prime field FIELD                    */
#define CO(name) ZKR_JOIN(COORD, name)      /* of the field COORD that a group's coordinates live in             */
#define GR(name) ZKR_JOIN(GROUP, name)      /* of the group GROUP                                                */
#define CU(name) ZKR_JOIN(CURVE, name)      /* of the pairing-friendly curve CURVE                               */
#define E2(name) ZKR_JOIN(FIELD2, name)     /* of the quadratic extension FIELD2 of FIELD                        */
#define E6(name) ZKR_JOIN(FIELD6, name)
#define E12(name) ZKR_JOIN(FIELD12, name)

#ifdef ZKR_INLINE_NOTHING /* sanitized builds: instrumented copies of everything would take the compiler minutes and gigabytes */
#define ZKR_INLINE static __attribute__((unused))
#else
#define ZKR_INLINE static inline __attribute__((always_inline, unused))
#endif
#define ZKR_FUNCTION static __attribute__((noinline, unused))
#define ZKR_UNROLL _Pragma("GCC unroll 16")

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are read from memory as little-endian limbs");

__extension__ typedef unsigned __int128 zkr_u128;
__extension__ typedef __int128 zkr_i128;

/* Overwrite secrets in a way that the compiler may not remove. */
ZKR_INLINE void zkr_wipe(void *memory, size_t size)
{
    memset(memory, 0, size);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

/* Bit number `index` of a little-endian array of limbs. */
ZKR_INLINE unsigned zkr_limb_bit(const uint64_t *limbs, size_t index)
{
    return (unsigned)(limbs[index / 64] >> (index % 64)) & 1;
}
#endif
