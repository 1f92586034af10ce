/* kernel.h: what a kernel is: a table of coarse operations, filled by one file of kernels/ from the templates, a curve at a time.
 *
 * The border (abi_*.c) has checked every argument against the contract of zkrelay.h before a table entry is called:
 * lengths, ranges, canonical numbers, identifiers, threads.  An entry can still fail for lack of memory and for what only
 * the arithmetic finds out.  On failure it leaves its outputs untouched.
 */
#ifndef ZKR_KERNEL_H
#define ZKR_KERNEL_H
#include <stddef.h>
#include <stdint.h>

#include "../include/zkrelay.h"

enum { ZKR_OP_DOT = 1, ZKR_OP_MUL = 2, ZKR_OP_INV = 3, ZKR_OP_BITS = 4 }; /* the witness program's instructions */

/* EdDSA on a curve embedded in a field of 4 limbs. */
typedef struct {
    int (*make)(void **scheme, const zkr_eddsa_parameters *parameters);
    void (*free)(void *scheme);
    void (*public_key)(uint8_t *public64, const void *scheme, const uint8_t *secret32);
    void (*sign)(uint8_t *signature96, const void *scheme, const uint8_t *secret32, const uint8_t *digest64,
                 const uint8_t *message32);
    int (*key_new_vartime)(void **key, const void *scheme, const uint8_t *public64); /* for free() */
    int (*verify_vartime)(int32_t *verdicts, const void *scheme, const void *key, const uint8_t *publics, const uint8_t *messages,
                          const uint8_t *signatures, size_t n, int threads); /* publics are read when key is NULL */
    void (*unpack_vartime)(uint8_t *points, int32_t *verdicts, const void *scheme, const uint8_t *packed, size_t n);
} zkr_eddsa_table;

typedef struct {
    const uint64_t *modulus;
    int limbs;
    uint32_t two_adicity;
    void (*vec_to_montgomery)(uint8_t *out, const uint8_t *in, size_t n);
    void (*vec_from_montgomery)(uint8_t *out, const uint8_t *in, size_t n);
    void (*vec_add)(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
    void (*vec_sub)(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
    void (*vec_mul)(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
    void (*vec_scale)(uint8_t *out, const uint8_t *in, const uint8_t *scalar, size_t n);
    int (*vec_inverse_vartime)(uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index);
    /* from here on NULL over a field that is no curve's scalar field */
    int (*ntt)(uint8_t *inout, uint32_t log_size, int inverse, const uint8_t *shift32, int threads);
    int (*matrix_apply)(uint8_t *out, const zkr_matrix *matrix, const uint8_t *table, size_t table_size, const uint8_t *z);
    int (*matrix_apply_transposed)(uint8_t *out, const zkr_matrix *matrix, const uint8_t *table, size_t table_size,
                                   const uint8_t *weights, size_t num_columns);
    int (*system_new)(void **system, const zkr_matrix *const matrices[3], const uint8_t *table, size_t table_size);
    void (*system_free)(void *system);
    int (*system_first_unsatisfied)(int64_t *row, const void *system, const uint8_t *z, int threads);
    int (*program_new)(void **program, size_t num_wires, const uint32_t *tape, size_t tape_words, const uint8_t *table,
                       size_t table_size, size_t num_inputs, size_t num_registers);
    void (*program_free)(void *program);
    int (*program_run_vartime)(uint8_t *assignment, const void *program, const uint8_t *inputs);
    int (*poseidon)(uint8_t *out, const uint8_t *inputs, size_t num_hashes, int t, int full_rounds, int partial_rounds,
                    const uint8_t *round_constants, const uint8_t *mds);
    int (*edwards_mul)(uint8_t *out64, const uint8_t *scalar32, const uint8_t *point64, const uint8_t *a, const uint8_t *d);
    int (*edwards_double_mul_vartime)(uint8_t *out64, const uint8_t *s32, const uint8_t *p64, const uint8_t *k32,
                                      const uint8_t *q64, const uint8_t *a, const uint8_t *d);
    const zkr_eddsa_table *eddsa; /* NULL for a field that is no scalar field */
} zkr_field_table;

typedef struct {
    int (*check_vartime)(const uint8_t *points, size_t n, int allow_infinity, int threads, size_t *bad_index);
    int (*add_vartime)(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
    int (*msm_vartime)(uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads);
    int (*fixed_base_vartime)(uint8_t *out, const uint8_t *base, const uint8_t *scalars, size_t n, int threads);
    int (*multiples_vartime)(uint8_t *out, const uint8_t *points, size_t n, size_t factor, int threads);
    int (*products_vartime)(uint8_t *out, const uint8_t *scalars, const uint8_t *points, size_t n, int threads);
} zkr_group_table;

typedef struct {
    const zkr_field_table *base_field, *scalar_field;
    const zkr_group_table *g1, *g2;
    int (*pairing_check_vartime)(int *is_one, const uint8_t *g1, const uint8_t *g2, size_t n);
    int (*pairing_vartime)(uint8_t *out, const uint8_t *g1, const uint8_t *g2);
    int (*prover_new)(void **prover, const zkr_groth16_key *key, const zkr_groth16_tables *tables);
    void (*prover_free)(void *prover);
    size_t (*prover_num_bytes)(const void *prover);
    int (*prover_prove_vartime)(uint8_t *proof, const void *prover, const uint8_t *assignment, const uint8_t *blind_r,
                                const uint8_t *blind_s, int threads);
    size_t (*groth16_prepared_bytes)(size_t num_public);
    int (*groth16_prepare_vartime)(uint8_t *prepared, const uint8_t *alpha, const uint8_t *beta, const uint8_t *gamma,
                                   const uint8_t *delta, const uint8_t *ic, size_t num_public);
    int (*groth16_verify_vartime)(int32_t *verdicts, const uint8_t *prepared, size_t num_public, const uint8_t *inputs,
                                  const uint8_t *proofs, const uint8_t *weights, size_t n, int threads);
} zkr_curve_table;

enum { ZKR_NUM_FIELDS = 4, ZKR_NUM_CURVES = 2 }; /* each curve's scalar field and base field */

typedef struct {
    const char *name;
    const char *const *features; /* what it asks of the CPU, by the names of src/cpu.c, NULL at the end */
    const zkr_curve_table *curves[ZKR_NUM_CURVES];
} zkr_kernel;

/* Those that this build holds. */
extern const zkr_kernel zkr_kernel_portable, zkr_kernel_x86_adx, zkr_kernel_x86_ifma, zkr_kernel_aarch64;

/* The kernel that the calling thread has chosen, or the fastest. */
const zkr_kernel *zkr_current(void);

/* The table of a field, by its identifier; NULL for a number that is none. */
const zkr_field_table *zkr_field_of(const zkr_kernel *kernel, int field);
#endif
