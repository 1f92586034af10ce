/* groth16_verify.h: the verifier of [Gro16] over CURVE: the prepared key, and one proof.  Parameters: CURVE, GROUP1, GROUP2,
 * SCALAR, FIELD2, FIELD12; before inclusion pairing.h, point_check.h, and the curve's CU(ends_in_subgroup).
 *
 *   e(A, B) * e(-S, gamma) * e(-C, delta) = e(alpha, beta),  S = IC_0 + sum x_j IC_j
 *
 * The key is prepared once: the lines of its three G2 points, e(alpha, beta), and multiples of the IC points.  So a proof costs one
 * Miller loop with lines of B to compute (whose end also tells whether B is in the subgroup), two with known lines, and a final
 * exponentiation.
 */
#define SC(name) ZKR_JOIN(SCALAR, name)
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* Rows of the table of a public input hold k*2^(cw)*IC_j, k = 1..2^(c-1): 53 kB an input over BN254, so not for too many. */
enum {
    CU(IC_WINDOW) = 5,
    CU(IC_ROW) = 1 << (CU(IC_WINDOW) - 1),
    CU(IC_WINDOWS) = (SC(NUM_BITS) + 2 + CU(IC_WINDOW) - 1) / CU(IC_WINDOW), /* num_windows of signed_digits.h */
    CU(MAX_IC_TABLES) = 16
};
enum { CU(BETA), CU(GAMMA), CU(DELTA) };

/* A prepared key begins with this, then come num_public + 1 IC points, then the tables. */
typedef struct {
    G1(affine) alpha;
    FIELD12 target; /* e(alpha, beta) */
    CU(fixed_line) lines[3][CU(FIXED_LINES)];
} CU(prepared_head);

typedef struct {
    G1(affine) a;
    G2(affine) b;
    G1(affine) c;
} CU(proof);

typedef struct {
    const uint8_t *bytes;
    size_t num_public;
} CU(prepared_key);

ZKR_INLINE size_t CU(ic_table_entries)(void) { return (size_t)CU(IC_WINDOWS) * CU(IC_ROW); }
ZKR_INLINE const uint8_t *CU(prepared_ic)(const CU(prepared_key) *key) { return key->bytes + sizeof(CU(prepared_head)); }
ZKR_INLINE const uint8_t *CU(prepared_table)(const CU(prepared_key) *key, size_t input)
{
    return CU(prepared_ic)(key) + (key->num_public + 1 + input * CU(ic_table_entries)()) * sizeof(G1(affine));
}

ZKR_FUNCTION size_t CU(groth16_prepared_bytes)(size_t num_public)
{
    size_t tables = num_public <= CU(MAX_IC_TABLES) ? num_public * CU(ic_table_entries)() : 0;
    return sizeof(CU(prepared_head)) + (num_public + 1 + tables) * sizeof(G1(affine));
}

/* The key's points have been checked.  On failure (memory only) the output holds nothing of use. */
ZKR_FUNCTION int CU(groth16_prepare_vartime)(uint8_t *prepared, const uint8_t *alpha, const uint8_t *beta, const uint8_t *gamma,
                                             const uint8_t *delta, const uint8_t *ic, size_t num_public)
{
    CU(prepared_head) *head = malloc(sizeof *head);
    G1(affine) *table = malloc(CU(ic_table_entries)() * sizeof *table);
    const uint8_t *points[3] = {beta, gamma, delta};
    int status = head != NULL && table != NULL ? CU(pairing_product)(&head->target, alpha, beta, 1) : ZKR_ERR_MEMORY;
    for (int i = 0; i < 3 && status == ZKR_OK; i++) {
        G2(affine) q;
        G2(load)(&q, points[i]);
        CU(fixed_lines_of)(head->lines[i], &q);
    }
    CU(prepared_key) key = {prepared, num_public};
    for (size_t j = 0; j < num_public && num_public <= CU(MAX_IC_TABLES) && status == ZKR_OK; j++) {
        G1(affine) base;
        G1(fixed_job) job = {.window = CU(IC_WINDOW), .num_windows = CU(IC_WINDOWS), .table = table};
        G1(load)(&base, ic + (j + 1) * sizeof base);
        status = G1(fixed_fill_table)(&job, &base);
        memcpy(prepared + (CU(prepared_table)(&key, j) - prepared), table, CU(ic_table_entries)() * sizeof *table);
    }
    if (status == ZKR_OK) {
        G1(load)(&head->alpha, alpha);
        memcpy(prepared, head, sizeof *head);
        memcpy(prepared + sizeof *head, ic, (num_public + 1) * sizeof(G1(affine)));
    }
    free(head);
    free(table);
    return status;
}

/* Entries of the tables whose sum, with signs, is the sum of the inputs times their points. */
typedef struct {
    size_t n;
    const uint8_t *points[CU(MAX_IC_TABLES) * CU(IC_WINDOWS)];
    uint8_t negative[CU(MAX_IC_TABLES) * CU(IC_WINDOWS)];
} CU(ic_terms);

/* The entries for scalar*IC_(input+1). */
ZKR_FUNCTION void CU(add_ic_terms)(CU(ic_terms) *terms, const CU(prepared_key) *key, size_t input, const uint8_t *scalar)
{
    const uint8_t *table = CU(prepared_table)(key, input);
    uint64_t bias[BIASED_LIMBS], biased[BIASED_LIMBS];
    G1(signed_digit_bias)(bias, CU(IC_WINDOW), CU(IC_WINDOWS));
    if (!G1(bias_scalar)(biased, scalar, bias)) return;
    for (size_t w = 0; w < CU(IC_WINDOWS); w++) {
        int32_t digit = G1(signed_digit)(biased, CU(IC_WINDOW), w);
        if (digit == 0) continue;
        terms->points[terms->n] = table + (w * CU(IC_ROW) + (size_t)(digit < 0 ? -digit : digit) - 1) * sizeof(G1(affine));
        terms->negative[terms->n++] = digit < 0;
    }
}

/* out = sum x_j*IC_(j+1) over the public inputs, canonical; IC_0 is the caller's. */
ZKR_FUNCTION int CU(sum_of_inputs)(G1(xyzz) *out, const CU(prepared_key) *key, const uint8_t *inputs)
{
    CU(ic_terms) terms;
    if (key->num_public > CU(MAX_IC_TABLES)) {
        return G1(msm_xyzz_vartime)(out, inputs, CU(prepared_ic)(key) + sizeof(G1(affine)), key->num_public, 1);
    }
    terms.n = 0;
    for (size_t j = 0; j < key->num_public; j++) CU(add_ic_terms)(&terms, key, j, inputs + j * sizeof(SCALAR));
#ifdef ZKR_LANES_PAIRING
    if (G1(x8_sum)(out, terms.points, terms.negative, terms.n)) return ZKR_OK;
#endif
    G1(xyzz_set_infinity)(out);
    for (size_t i = 0; i < terms.n; i++) {
        G1(affine) entry;
        G1(load)(&entry, terms.points[i]);
        if (terms.negative[i]) G1(negate)(&entry, &entry);
        G1(xyzz_add_affine)(out, out, &entry);
    }
    return ZKR_OK;
}

/* pairs = (-points[i], the lines of the key's point which[i]) without the points at infinity; returns how many. */
ZKR_FUNCTION size_t CU(key_pairs)(CU(fixed_pair) *pairs, const CU(prepared_key) *key, const G1(xyzz) *points, const int *which,
                                  size_t n)
{
    G1(xyzz) negated[CU(FIXED_PAIRS)];
    const uint8_t *lines[CU(FIXED_PAIRS)];
    size_t live = 0;
    for (size_t i = 0; i < n; i++) {
        if (G1(xyzz_is_infinity)(&points[i])) continue;
        G1(xyzz_neg)(&negated[live], &points[i]);
        lines[live++] = key->bytes + offsetof(CU(prepared_head), lines) + (size_t)which[i] * sizeof(CU(fixed_line)[CU(FIXED_LINES)]);
    }
    CU(fixed_pairs_set)(pairs, negated, lines, live);
    return live;
}

/* Everything about a proof but B's membership in the subgroup and the equation. */
ZKR_FUNCTION int CU(check_proof)(CU(proof) *proof, const uint8_t *bytes, const uint8_t *inputs, size_t num_public)
{
    for (size_t j = 0; j < num_public; j++) {
        SCALAR input;
        SC(load)(&input, inputs + j * sizeof input);
        if (!SC(is_below_modulus)(&input)) return ZKR_ERR_NOT_CANONICAL;
    }
    memcpy(proof, bytes, sizeof *proof);
    int status = G1(check_point)(&proof->a, 0);
    if (status == ZKR_OK) status = G2(check_on_curve)(&proof->b, 0);
    if (status == ZKR_OK) status = G1(check_point)(&proof->c, 0);
    return status;
}

/* The equation for one proof that CU(check_proof) has passed; *verdict is ZKR_OK, ZKR_ERR_NOT_IN_SUBGROUP (B) or
 * ZKR_ERR_EQUATION. */
ZKR_FUNCTION int CU(verify_one)(int32_t *verdict, const CU(prepared_key) *key, const CU(proof) *proof, const uint8_t *inputs)
{
    static const int which[2] = {CU(GAMMA), CU(DELTA)};
    CU(miller_pair) pair;
    CU(fixed_pair) fixed[2];
    G1(xyzz) points[2];
    G1(affine) ic0;
    FIELD12 f, target;
    int status = CU(sum_of_inputs)(&points[0], key, inputs);
    if (status != ZKR_OK) return status;
    G1(load)(&ic0, CU(prepared_ic)(key));
    G1(xyzz_add_affine)(&points[0], &points[0], &ic0);
    G1(xyzz_from_affine)(&points[1], &proof->c);
    size_t num_fixed = CU(key_pairs)(fixed, key, points, which, 2);
    CU(miller_pair_set)(&pair, &proof->a, &proof->b);
    CU(miller_loop)(&f, &pair, 1, fixed, num_fixed);
    if (!CU(ends_in_subgroup)(&pair.t, &pair.q)) {
        *verdict = ZKR_ERR_NOT_IN_SUBGROUP;
        return ZKR_OK;
    }
    memcpy(&target, key->bytes + offsetof(CU(prepared_head), target), sizeof target);
    CU(final_exponentiation)(&f, &f);
    *verdict = E12(equal)(&f, &target) ? ZKR_OK : ZKR_ERR_EQUATION;
    return ZKR_OK;
}
#undef SC
#undef G1
#undef G2
