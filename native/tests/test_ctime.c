/* test_ctime.c: what the header calls constant time neither branches nor indexes on its secrets.
 *
 * Run under valgrind, as secp256k1's ctime_tests: secrets are marked undefined, and memcheck reports every jump and every
 * address that depends on one.  The table entries are called, not the border: that a number is canonical is public.
 * Without valgrind the program only runs the code once.
 */
#include "../src/kernel.h"
#include "baby_jubjub.h"
#include "check.h"

#ifdef ZKR_HAVE_MEMCHECK
#include <valgrind/memcheck.h>
#define SECRET(memory, size) VALGRIND_MAKE_MEM_UNDEFINED(memory, size)
#define PUBLIC(memory, size) VALGRIND_MAKE_MEM_DEFINED(memory, size)
#else
#define SECRET(memory, size) ((void)(memory), (void)(size))
#define PUBLIC(memory, size) ((void)(memory), (void)(size))
#define RUNNING_ON_VALGRIND 0
#endif

enum { MOST = MOST_ELEMENT_BYTES };

static size_t bytes_of(const zkr_field_table *field) { return 8 * (size_t)field->limbs; }

static void random_field_elements(const zkr_field_table *field, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) random_sized(out + i * bytes_of(field), bytes_of(field));
}

static void test_vectors(const zkr_field_table *field)
{
    enum { N = 5 };
    uint8_t a[N * MOST], b[N * MOST], out[N * MOST];
    random_field_elements(field, a, N);
    random_field_elements(field, b, N);
    memset(a, 0, bytes_of(field));
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
    uint8_t constants[(FULL + PARTIAL) * T * MOST], mds[T * T * MOST], inputs[(T - 1) * MOST], out[MOST];
    random_field_elements(field, constants, (FULL + PARTIAL) * T);
    random_field_elements(field, mds, T * T);
    random_field_elements(field, inputs, T - 1);
    SECRET(inputs, sizeof inputs);
    CHECK(field->poseidon(out, inputs, 1, T, FULL, PARTIAL, constants, mds) == ZKR_OK);
    PUBLIC(out, sizeof out);
}

static void test_edwards(const zkr_field_table *field)
{
    uint8_t scalar[32], identity[2 * MOST] = {0}, a[MOST] = {0}, d[MOST] = {0}, out[2 * MOST];
    random_element(scalar);
    small_element(a, 168700);
    small_element(d, 168696);
    identity[bytes_of(field)] = 1;
    SECRET(scalar, sizeof scalar);
    CHECK(field->edwards_mul(out, scalar, identity, a, d) == ZKR_OK);
    PUBLIC(out, sizeof out);
    CHECK(memcmp(out, identity, 2 * bytes_of(field)) == 0);
}

/* Signing: secret key and nonce are secret until R8, S and A are out. */
static void test_eddsa(const zkr_field_table *field)
{
    zkr_eddsa_parameters parameters = baby_parameters();
    uint8_t secret[32], digest[64], message[32], public[64], signature[96];
    void *scheme;
    CHECK(field->eddsa->make(&scheme, &parameters) == ZKR_OK);
    random_element(secret);
    secret[31] &= 3; /* below l */
    for (size_t i = 0; i < sizeof digest; i++) digest[i] = (uint8_t)random_word();
    random_element(message);
    SECRET(secret, sizeof secret);
    SECRET(digest, sizeof digest);
    SECRET(message, sizeof message);
    field->eddsa->public_key(public, scheme, secret);
    field->eddsa->sign(signature, scheme, secret, digest, message);
    PUBLIC(public, sizeof public);
    PUBLIC(signature, sizeof signature);
    field->eddsa->free(scheme);
}

/* By name, not by zkr_kernel_select: valgrind runs the instructions of x86_adx and hides them from those who ask the CPU. */
static const zkr_kernel *named_kernel(const char *name)
{
    const zkr_kernel *kernels[] = {
        &zkr_kernel_portable,
#ifdef ZKR_HAVE_X86_ADX
        &zkr_kernel_x86_adx,
#endif
#ifdef ZKR_HAVE_X86_IFMA
        &zkr_kernel_x86_ifma,
#endif
#ifdef ZKR_HAVE_AARCH64
        &zkr_kernel_aarch64,
#endif
    };
    for (size_t i = 0; i < LENGTH(kernels); i++) {
        if (strcmp(kernels[i]->name, name) == 0) return kernels[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const zkr_kernel *kernel = named_kernel(argc > 1 ? argv[1] : "portable");
    CHECK(kernel != NULL);
    if (!runs_kernel(kernel->name) && !RUNNING_ON_VALGRIND) return skip(kernel->name);
    for (int field = 0; field < ZKR_NUM_FIELDS; field++) {
        const zkr_field_table *table = zkr_field_of(kernel, field);
        test_vectors(table);
        if (table->poseidon == NULL) continue; /* a base field: vectors only */
        test_poseidon(table);
        test_edwards(table);
    }
    test_eddsa(zkr_field_of(kernel, ZKR_BN254_FR));
    return 0;
}
