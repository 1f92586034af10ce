/* test_ctime.c: what the header calls constant time neither branches nor indexes on its secrets.
 *
 * Run under valgrind, as secp256k1's ctime_tests: secrets are marked undefined, and memcheck reports every jump and every
 * address that depends on one.  The table entries are called, not the border: that a number is canonical is public.
 * Without valgrind the program only runs the code once.
 */
#include "../src/kernel.h"
#include "check.h"

#ifdef ZKR_HAVE_MEMCHECK
#include <valgrind/memcheck.h>
#define SECRET(memory, size) VALGRIND_MAKE_MEM_UNDEFINED(memory, size)
#define PUBLIC(memory, size) VALGRIND_MAKE_MEM_DEFINED(memory, size)
#else
#define SECRET(memory, size) ((void)(memory), (void)(size))
#define PUBLIC(memory, size) ((void)(memory), (void)(size))
#endif

static void test_vectors(const zkr_field_table *field)
{
    enum { N = 5 };
    uint8_t a[N * 32], b[N * 32], out[N * 32];
    random_elements(a, N);
    random_elements(b, N);
    memset(a, 0, 32);
    SECRET(a, sizeof a);
    SECRET(b, sizeof b);
    field->vec_to_montgomery(out, a, N);
    field->vec_from_montgomery(out, a, N);
    field->vec_add(out, a, b, N);
    field->vec_sub(out, a, b, N);
    field->vec_mul(out, a, b, N);
    field->vec_scale(out, a, b, N);
    PUBLIC(out, sizeof out);
}

static void test_poseidon(const zkr_field_table *field)
{
    enum { T = 3, FULL = 8, PARTIAL = 57 };
    uint8_t constants[(FULL + PARTIAL) * T * 32], mds[T * T * 32], inputs[(T - 1) * 32], out[32];
    random_elements(constants, (FULL + PARTIAL) * T);
    random_elements(mds, T * T);
    random_elements(inputs, T - 1);
    SECRET(inputs, sizeof inputs);
    CHECK(field->poseidon(out, inputs, 1, T, FULL, PARTIAL, constants, mds) == ZKR_OK);
    PUBLIC(out, sizeof out);
}

static void test_edwards(const zkr_field_table *field)
{
    uint8_t scalar[32], identity[64] = {0}, a[32], d[32], out[64];
    random_element(scalar);
    small_element(a, 168700);
    small_element(d, 168696);
    identity[32] = 1;
    SECRET(scalar, sizeof scalar);
    CHECK(field->edwards_mul(out, scalar, identity, a, d) == ZKR_OK);
    PUBLIC(out, sizeof out);
    CHECK(memcmp(out, identity, sizeof out) == 0);
}

int main(void)
{
    for (int field = 0; field < ZKR_NUM_FIELDS; field++) {
        const zkr_field_table *table = zkr_current()->fields[field];
        test_vectors(table);
        test_poseidon(table);
        test_edwards(table);
    }
    return 0;
}
