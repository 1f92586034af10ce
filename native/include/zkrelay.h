/* zkrelay.h: the whole ABI of the kernel, and the source of the cffi declarations.
 *
 * Rules that hold for every function:
 *  - arguments come in the order: identifiers, outputs, in/outs, inputs, each length right after its array, threads last;
 *  - a return of ZKR_OK (0) is success, a negative value says what went wrong, and then no output was written
 *    (exception: *bad_index, which tells the first offending element);
 *  - an element is n bytes little-endian: n = 48 for the base field of BLS12-381, n = 32 for every other field; "canonical" is
 *    an integer in [0, p), "Montgomery" is a*2^(8n) mod p in [0, p); every function says which of the two it takes;
 *    a parameter whose name ends in 32 or 64 is one element or two, which is that many bytes over a field of 32;
 *  - scalars are 32 bytes: those of a curve are elements of its scalar field;
 *  - affine points are x then y, Montgomery; an Fp2 coordinate is c0 then c1; infinity is all zero bytes (no curve or twist
 *    contains (0, 0)).  So a point of G1 or G2 is 64 or 128 bytes over BN254, and 96 or 192 bytes over BLS12-381;
 *  - buffers need no alignment and may be read-only maps of files; outputs never overlap inputs unless said;
 *  - memory is taken with malloc in proportion to the input and given back before return; there is no global state but each
 *    thread's choice of a kernel, and no randomness;
 *  - functions ending in _vartime leak their inputs by timing.  The others do not branch or index on element values.
 *  - threads is the number of threads to use, 1..ZKR_MAX_THREADS; results never depend on it.
 */
#ifndef ZKRELAY_H
#define ZKRELAY_H
#include <stddef.h>
#include <stdint.h>

/* cffi: begin */
enum {
    ZKR_OK = 0,
    ZKR_ERR_LENGTH = -1,          /* a length is zero, odd, inconsistent or too large                  */
    ZKR_ERR_NOT_CANONICAL = -2,   /* a number is not below its modulus                                 */
    ZKR_ERR_NOT_ON_CURVE = -3,
    ZKR_ERR_NOT_IN_SUBGROUP = -4,
    ZKR_ERR_INFINITY = -5,        /* infinity where the contract refuses it                            */
    ZKR_ERR_DOMAIN = -6,          /* no NTT domain of that size                                        */
    ZKR_ERR_ZERO = -7,            /* zero has no inverse                                               */
    ZKR_ERR_MEMORY = -8,
    ZKR_ERR_KERNEL = -9,          /* kernel name unknown or not supported by this CPU                  */
    ZKR_ERR_PROGRAM = -10,        /* a witness program is malformed                                    */
    ZKR_ERR_FIELD = -11,          /* unknown field or curve identifier, or none that the function serves */
    ZKR_ERR_THREADS = -12,
    ZKR_ERR_EQUATION = -13,       /* a proof or signature is well formed, and its equation does not hold */
    ZKR_ERR_SMALL_ORDER = -14,    /* a public key whose multiple by the cofactor is the identity       */
    ZKR_ERR_CURVE = -15           /* constants of a curve for which the formulas are not complete      */
};
enum { ZKR_BN254_FR = 0, ZKR_BN254_FP = 1, ZKR_BLS12_381_FR = 2, ZKR_BLS12_381_FP = 3 }; /* field identifiers */
enum { ZKR_BN254 = 0, ZKR_BLS12_381 = 1 };                                               /* curve identifiers */
enum { ZKR_MAX_THREADS = 256, ZKR_MAX_LOG_SIZE = 24, ZKR_MAX_FACTOR = 32, ZKR_ABI_VERSION = 2 };

/* --- the kernel in use ------------------------------------------------------------------------------------------- */
int zkr_abi_version(void);
int zkr_kernel_count(void);
const char *zkr_kernel_name(int index);                 /* NULL when out of range                                      */
int zkr_kernel_supported(int index);                    /* 1 when this CPU can run it, or this build emulates it       */
int zkr_kernel_emulated(int index);                     /* 1 in a build for tests that does its instructions in C      */
const char *zkr_kernel_feature(int index, int number);  /* what kernel index asks of the CPU, NULL after the last      */
int zkr_cpu_supports(const char *feature);              /* 1 when this CPU has it: a name that zkr_kernel_feature gave */
/* The calling thread's kernel from now on; the fastest until then.  ZKR_ERR_KERNEL leaves the choice as it was. */
int zkr_kernel_select(const char *name);
const char *zkr_kernel_current(void);

/* --- vectors over a field: n >= 0 elements ----------------------------------------------------------------------- */
/* canonical -> Montgomery; in-place allowed; ZKR_ERR_NOT_CANONICAL sets *bad_index. */
int zkr_to_montgomery(int field, uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index);
/* Montgomery -> canonical; in-place allowed; inputs must be below p (checked). */
int zkr_from_montgomery(int field, uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index);
/* Element-wise, Montgomery, inputs below p; in-place allowed. */
int zkr_vec_add(int field, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
int zkr_vec_sub(int field, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
int zkr_vec_mul(int field, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
int zkr_vec_scale(int field, uint8_t *out, const uint8_t *a, const uint8_t *scalar32, size_t n);
/* Batch inversion (one field inversion for all, [Mon87]); ZKR_ERR_ZERO sets *bad_index to the first zero. */
int zkr_vec_inverse_vartime(int field, uint8_t *out, const uint8_t *a, size_t n, size_t *bad_index);
/* From here on `field` is the scalar field of a curve: ZKR_ERR_FIELD over another, which has vectors only. */
/* In-place NTT of 2^log_size Montgomery elements, natural order in and out.
 * forward: evaluations at shift*omega^i of the coefficients; inverse: the reverse.  shift32 is Montgomery, NULL means 1. */
int zkr_ntt(int field, uint8_t *inout, uint32_t log_size, int inverse, const uint8_t *shift32, int threads);

/* --- sparse matrices: CSR over a table of distinct coefficients --------------------------------------------------- */
/* Row i holds entries offsets[i]..offsets[i+1]-1; entry k is table[coefficient_ids[k]] in column columns[k].
 * table is Montgomery.  Checked: offsets non-decreasing and ending at nnz, columns below num_columns, ids below table_size. */
typedef struct {
    const uint64_t *offsets;
    const uint32_t *columns;
    const uint32_t *coefficient_ids;
    uint64_t num_rows;
    uint64_t nnz;
} zkr_matrix;
/* out[i] = sum_k M[i][k] * z[k]; z canonical or Montgomery, out in the same form. */
int zkr_matrix_apply(int field, uint8_t *out, const zkr_matrix *matrix, const uint8_t *table, size_t table_size,
                     const uint8_t *z, size_t num_columns);
/* out[j] = sum_i M[i][j] * weights[i]; Montgomery throughout; out has num_columns elements. */
int zkr_matrix_apply_transposed(int field, uint8_t *out, const zkr_matrix *matrix, const uint8_t *table, size_t table_size,
                                const uint8_t *weights, size_t num_columns);
/* A constraint system <A,z>*<B,z> = <C,z> prepared for many checks; nothing of the arguments is needed afterwards. */
typedef struct zkr_system zkr_system;
int zkr_system_new(int field, zkr_system **system, const zkr_matrix *a, const zkr_matrix *b, const zkr_matrix *c,
                   const uint8_t *table, size_t table_size, size_t num_columns);
void zkr_system_free(zkr_system *system);                 /* NULL allowed; not while a check runs                       */
/* First row that does not hold; *row = -1 when all do.  z canonical (checked), num_columns elements. */
int zkr_system_first_unsatisfied(const zkr_system *system, int64_t *row, const uint8_t *z, int threads, size_t *bad_index);
/* The same for one check: new, check and free. */
int zkr_r1cs_first_unsatisfied(int field, int64_t *row, const zkr_matrix *a, const zkr_matrix *b, const zkr_matrix *c,
                               const uint8_t *table, size_t table_size, const uint8_t *z, size_t num_columns,
                               size_t *bad_index);

/* --- the witness program (docs/formats.md, .zkwp) ----------------------------------------------------------------- */
/* A tape of 32-bit words over num_registers registers; register 0 is one, 1..num_inputs are the inputs, and the first
 * num_wires registers are the assignment.  Instructions:
 *   1 DOT  dst n (coefficient_id register)*n     dst = sum table[id] * reg
 *   2 MUL  dst a b                               dst = a * b
 *   3 INV  dst a                                 dst = a^-1, and 0 for a = 0
 *   4 BITS dst n a                               dst..dst+n-1 = the n low bits of canonical(a), n <= 256
 * Every register is written before it is read and once only (ZKR_ERR_PROGRAM otherwise, *bad_index = word offset).
 * table Montgomery.  A prepared program holds what it needs: nothing of the arguments is needed afterwards. */
typedef struct zkr_program zkr_program;
int zkr_program_new(int field, zkr_program **program, size_t num_wires, const uint32_t *tape, size_t tape_words,
                    const uint8_t *table, size_t table_size, size_t num_inputs, size_t num_registers, size_t *bad_index);
void zkr_program_free(zkr_program *program);              /* NULL allowed; not while it runs                            */
/* inputs canonical (checked), assignment canonical out.  Registers are wiped before return. */
int zkr_program_assign_vartime(const zkr_program *program, uint8_t *assignment, const uint8_t *inputs, size_t *bad_index);
/* The same for one run: new, assign and free. */
int zkr_program_run_vartime(int field, uint8_t *assignment, size_t num_wires, const uint32_t *tape, size_t tape_words,
                    const uint8_t *table, size_t table_size, const uint8_t *inputs, size_t num_inputs,
                    size_t num_registers, size_t *bad_index);

/* --- groups: y^2 = x^3 + b, of order r; sizes of points above ----------------------------------------------------- */
/* Coordinates below p, on the curve, in the subgroup of order r; infinity refused unless allow_infinity. */
int zkr_g1_check_vartime(int curve, const uint8_t *points, size_t n, int allow_infinity, int threads, size_t *bad_index);
int zkr_g2_check_vartime(int curve, const uint8_t *points, size_t n, int allow_infinity, int threads, size_t *bad_index);
/* Element-wise sums of checked points. */
int zkr_g1_add_vartime(int curve, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
int zkr_g2_add_vartime(int curve, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
/* out = sum scalars[i]*bases[i]; scalars canonical (checked); bases of order r or infinity (not checked: kernels split scalars by
 * the eigenvalue that the endomorphism has there, [GLV01]); n = 0 gives infinity.  Pippenger, [BDLO12]. */
int zkr_g1_msm_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads,
                       size_t *bad_index);
int zkr_g2_msm_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads,
                       size_t *bad_index);
/* out[i] = scalars[i]*base; scalars canonical (checked). */
int zkr_g1_fixed_base_vartime(int curve, uint8_t *out, const uint8_t *base, const uint8_t *scalars, size_t n, int threads,
                              size_t *bad_index);
int zkr_g2_fixed_base_vartime(int curve, uint8_t *out, const uint8_t *base, const uint8_t *scalars, size_t n, int threads,
                              size_t *bad_index);
/* out[(factor-1)*i + j-1] = 2^(stride*j)*points[i], 0 < j < factor, of checked points; 2 <= factor <= ZKR_MAX_FACTOR.
 * stride = ceil(b/factor), b = 128 over BN254 and 129 over BLS12-381: the bits, with a sign, of the two parts that a scalar is
 * split into by the endomorphism, [GLV01]. */
int zkr_g1_multiples_vartime(int curve, uint8_t *out, const uint8_t *points, size_t n, uint32_t factor, int threads);
int zkr_g2_multiples_vartime(int curve, uint8_t *out, const uint8_t *points, size_t n, uint32_t factor, int threads);
/* out[i] = scalars[i]*points[i] of points of the curve, infinity included; scalars canonical (checked).  What held the scalars is wiped. */
int zkr_g1_products_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *points, size_t n, int threads,
                            size_t *bad_index);
int zkr_g2_products_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *points, size_t n, int threads,
                            size_t *bad_index);

/* --- pairing ------------------------------------------------------------------------------------------------------ */
/* *is_one = (prod e(g1[i], g2[i]) == 1) for checked points; infinity contributes 1. */
int zkr_pairing_check_vartime(int curve, int *is_one, const uint8_t *g1, const uint8_t *g2, size_t n);
/* One reduced pairing, optimal ate, as 12 Fp coefficients canonical (384 bytes over BN254, 576 over BLS12-381) in the order
 * c[i][j][k]: w^i (2), v^j (3), u^k (2) of Fp2[v]/(v^3-xi), Fp6[w]/(w^2-v); xi = 9+u over BN254, 1+u over BLS12-381. */
int zkr_pairing_vartime(int curve, uint8_t *out, const uint8_t *g1, const uint8_t *g2);

/* --- Groth16 ------------------------------------------------------------------------------------------------------ */
/* Views over the sections of a .zkey, as iden3 lays them out (docs/formats.md).  A coefficient record is 44 bytes:
 * u32 matrix (0 = A, 1 = B), u32 row, u32 column, then value*R^2 mod r.  h_query is over the odd points of the 2n-domain. */
typedef struct {
    uint32_t num_variables;
    uint32_t num_public;
    uint32_t log_domain;
    uint64_t num_coefficients;
    const uint8_t *coefficients;
    const uint8_t *alpha_g1;
    const uint8_t *beta_g1;
    const uint8_t *beta_g2;
    const uint8_t *delta_g1;
    const uint8_t *delta_g2;
    const uint8_t *a_query;      /* num_variables G1                   */
    const uint8_t *b_g1_query;   /* num_variables G1                   */
    const uint8_t *b_g2_query;   /* num_variables G2                   */
    const uint8_t *l_query;      /* num_variables - num_public - 1 G1  */
    const uint8_t *h_query;      /* 2^log_domain G1                    */
} zkr_groth16_key;
/* Multiples of the finite points of a key's queries, as zkr_g1_multiples_vartime and zkr_g2_multiples_vartime give them, one
 * point after another; each count is of points in the table: factor - 1 for each finite point of the query. */
typedef struct {
    uint32_t factor;
    uint64_t num_a;
    uint64_t num_b_g1;
    uint64_t num_b_g2;
    uint64_t num_l;
    uint64_t num_h;
    const uint8_t *a_multiples;
    const uint8_t *b_g1_multiples;
    const uint8_t *b_g2_multiples;
    const uint8_t *l_multiples;
    const uint8_t *h_multiples;
} zkr_groth16_tables;
/* What does not depend on the assignment, made once for many proofs: matrices by row, tables of the transforms.  The records of
 * the key are checked (*bad_index); its points must have been.  The buffers that key and tables point to are read by every proof
 * and must outlive the prover, which keeps the kernel that it was made with.
 * tables: NULL, or what makes the sums of a proof cheaper.  Their counts and that their coordinates are below the modulus is
 * checked (ZKR_ERR_LENGTH, ZKR_ERR_NOT_CANONICAL); wrong points in them give wrong proofs, and nothing worse. */
typedef struct zkr_prover zkr_prover;
int zkr_prover_new(int curve, zkr_prover **prover, const zkr_groth16_key *key, const zkr_groth16_tables *tables,
                   size_t *bad_index);
void zkr_prover_free(zkr_prover *prover);                 /* NULL allowed; not while a proof is being made               */
size_t zkr_prover_num_bytes(const zkr_prover *prover);    /* memory that it holds beside the key                         */
/* proof = A (G1), B (G2), C (G1): 256 bytes over BN254, 384 over BLS12-381.  assignment canonical (checked) of num_variables
 * elements beginning with 1; blind_r32, blind_s32 canonical.  [Gro16] section 3.2.  Many threads may call this at the same
 * time with one prover; memory that held anything of the assignment is wiped before return. */
int zkr_prover_prove_vartime(const zkr_prover *prover, uint8_t *proof, const uint8_t *assignment, const uint8_t *blind_r32,
                             const uint8_t *blind_s32, int threads, size_t *bad_index);
/* The same for one proof: new, prove and free. */
int zkr_groth16_prove_vartime(int curve, uint8_t *proof, const zkr_groth16_key *key, const uint8_t *assignment,
                              const uint8_t *blind_r32, const uint8_t *blind_s32, int threads, size_t *bad_index);

/* A verifying key made ready: lines of its G2 points, e(alpha, beta) and multiples of its IC points, for zkr_groth16_verify_vartime
 * of the same kernel.  Its layout is the kernel's own; *num_bytes is its size (over BN254 35 kB, and 53 kB for each of up to 16
 * public inputs).  Points must have been checked, none of them infinity; gamma_abc_g1 has num_public + 1. */
int zkr_groth16_prepared_bytes(int curve, size_t *num_bytes, uint32_t num_public);
int zkr_groth16_prepare_vartime(int curve, uint8_t *prepared, const uint8_t *alpha_g1, const uint8_t *beta_g2, const uint8_t *gamma_g2,
                                const uint8_t *delta_g2, const uint8_t *gamma_abc_g1, uint32_t num_public);
/* verdicts[i] for n items: ZKR_OK when proof i (256 bytes, nothing checked before) is true for its num_public canonical public
 * inputs; ZKR_ERR_EQUATION when it is false; ZKR_ERR_NOT_CANONICAL, _INFINITY, _NOT_ON_CURVE or _NOT_IN_SUBGROUP when the item is
 * malformed.  weights: 16 bytes an item, uniform and secret until the proofs are fixed; with them a false proof passes with
 * probability below n*2^-127, and a true one is never refused.  For n = 1 weights are not used and may be NULL. */
int zkr_groth16_verify_vartime(int curve, int32_t *verdicts, const uint8_t *prepared, uint32_t num_public,
                               const uint8_t *public_inputs, const uint8_t *proofs, const uint8_t *weights, size_t n, int threads);

/* --- hashing and signing ------------------------------------------------------------------------------------------ */
/* num_hashes Poseidon permutations [GKRRS19] of width t: state = (0, inputs), out = lane 0 after the last round.
 * inputs: num_hashes*(t-1) canonical; out: num_hashes canonical.  round_constants: (full+partial)*t, mds: t*t row-major,
 * both Montgomery.  2 <= t <= 17, full even.  Constant time in the inputs. */
int zkr_poseidon(int field, uint8_t *out, const uint8_t *inputs, size_t num_hashes, int t, int full_rounds,
                 int partial_rounds, const uint8_t *round_constants, const uint8_t *mds, size_t *bad_index);
/* The state of unkeyed BLAKE2b (RFC 7693, eight words) after n more bytes, of which the first is byte `offset` of the message, a
 * multiple of 128.  n is one, too, unless these are the message's last bytes: then the state becomes the digest. */
int zkr_blake2b(uint8_t *state64, uint64_t offset, const uint8_t *data, size_t n, int last);
/* out = scalar*point on a*x^2+y^2 = 1+d*x^2*y^2 over `field`, complete formulas, fixed 256 steps, constant time in the
 * scalar.  point, a, d, out: x then y canonical; scalar: 32 bytes little-endian, any value.  Point must be on the curve (checked). */
int zkr_edwards_mul(int field, uint8_t *out64, const uint8_t *scalar32, const uint8_t *point64, const uint8_t *a32,
                    const uint8_t *d32);
/* The same for public data: out = s*P + k*Q. */
int zkr_edwards_double_mul_vartime(int field, uint8_t *out64, const uint8_t *s32, const uint8_t *p64, const uint8_t *k32,
                                   const uint8_t *q64, const uint8_t *a32, const uint8_t *d32);

/* EdDSA with Poseidon on a curve embedded in `field`, a scalar field: S*B = R + k*(8A), k = Poseidon(R.x, R.y, A.x, A.y, M).
 * -a and -1 must be squares and d not one (ZKR_ERR_CURVE); base has the order l, odd, between 2^192 and 2^254 and below the modulus,
 * and the curve the cofactor 8.  Poseidon has width 6, parameters as zkr_poseidon takes them, and a matrix whose partial rounds have
 * a sparse form, as every Cauchy matrix in use has (ZKR_ERR_ZERO). */
typedef struct {
    const uint8_t *a;               /* canonical                                                              */
    const uint8_t *d;
    const uint8_t *base;            /* x then y, canonical                                                    */
    const uint8_t *order;           /* l, 32 bytes little-endian; so are the bounds                           */
    const uint8_t *s_end;           /* S is refused unless S < s_end, s_end <= l                              */
    const uint8_t *k_begin;         /* k, as a canonical integer, is refused unless k_begin <= k < k_end      */
    const uint8_t *k_end;
    int full_rounds;                /* even, at least 2                                                       */
    int partial_rounds;             /* at least 1                                                             */
    const uint8_t *round_constants; /* (full + partial)*6, Montgomery                                         */
    const uint8_t *mds;             /* 36, Montgomery                                                         */
} zkr_eddsa_parameters;
/* Tables for many signatures; keeps the kernel that it was made with, and nothing of the parameters.  Many threads may use it. */
typedef struct zkr_eddsa zkr_eddsa;
int zkr_eddsa_new(int field, zkr_eddsa **scheme, const zkr_eddsa_parameters *parameters);
void zkr_eddsa_free(zkr_eddsa *scheme);                   /* NULL allowed; after the keys that were made from it        */
/* A = secret*B, canonical; constant time in the secret, 1 <= secret < l (ZKR_ERR_ZERO, ZKR_ERR_NOT_CANONICAL). */
int zkr_eddsa_public_key(const zkr_eddsa *scheme, uint8_t *public64, const uint8_t *secret32);
/* signature = R = n*B (x then y), S = n + 8*k*secret mod l, canonical, for the nonce n = digest mod l, digest 64 bytes little-endian:
 * a hash of secret and message.  A is derived, never taken: a signature under another A would give the secret away.  Constant
 * time in secret and digest; whatever held anything of them is wiped. */
int zkr_eddsa_sign(const zkr_eddsa *scheme, uint8_t *signature96, const uint8_t *secret32, const uint8_t *digest64,
                   const uint8_t *message32);
/* A public key, canonical, made ready for many signatures: multiples of 8A (20 kB).  Refused: ZKR_ERR_NOT_CANONICAL,
 * _NOT_ON_CURVE, _SMALL_ORDER.  The scheme must outlive it. */
typedef struct zkr_eddsa_key zkr_eddsa_key;
int zkr_eddsa_key_new_vartime(const zkr_eddsa *scheme, zkr_eddsa_key **key, const uint8_t *public64);
void zkr_eddsa_key_free(zkr_eddsa_key *key);              /* NULL allowed; not while a check runs                       */
/* verdicts[i] for n signatures of 64 bytes: R packed (y little-endian, the top bit set when x > (p-1)/2), S.  Each is decided alone:
 * ZKR_OK; ZKR_ERR_NOT_CANONICAL for a message, y, coordinate of the key or S out of range; ZKR_ERR_NOT_ON_CURVE when no point, or
 * another form of it, has these bytes; ZKR_ERR_SMALL_ORDER for a key; ZKR_ERR_EQUATION when the equation does not hold or k is
 * out of its bounds.  Nothing was checked before.  publics: n keys, x then y; messages: n elements. */
int zkr_eddsa_verify_vartime(const zkr_eddsa *scheme, int32_t *verdicts, const uint8_t *publics, const uint8_t *messages,
                             const uint8_t *signatures, size_t n, int threads);
int zkr_eddsa_key_verify_vartime(const zkr_eddsa_key *key, int32_t *verdicts, const uint8_t *messages, const uint8_t *signatures,
                                 size_t n, int threads);
/* n packed points as x then y, canonical, and ZKR_OK; or zeros and ZKR_ERR_NOT_CANONICAL or _NOT_ON_CURVE. */
int zkr_eddsa_unpack_vartime(const zkr_eddsa *scheme, uint8_t *points, int32_t *verdicts, const uint8_t *packed, size_t n);
/* cffi: end */
#endif
