/* groth16.h: the prover of [Gro16] section 3.2 over CURVE, with the conventions of iden3's .zkey (docs/formats.md).
 * Parameters: CURVE, GROUP1, GROUP2, SCALAR.
 *
 *   A = alpha + sum z_i u_i(tau) + r*delta         (G1)
 *   B = beta  + sum z_i v_i(tau) + s*delta         (G2, and its copy in G1)
 *   C = sum_private z_i l_i + h(tau)t(tau)/delta + s*A + r*B - r*s*delta
 *
 * The quotient is taken at the odd points omega_{2n}^(2i+1), where t is the constant -2: h_query holds Lagrange bases of
 * those points with the constant in it, and the scalars are (A*B - C) there.
 */
#define SC(name) ZKR_JOIN(SCALAR, name)
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)
enum { CU(RECORD_BYTES) = 44 };

/* values[row] += coefficient*z[column] over the records of one matrix, in Montgomery form: the file holds value*R^2, and
 * mul(value*R^2, z) = value*z*R. */
ZKR_FUNCTION void CU(qap_rows)(SCALAR *values, const zkr_groth16_key *key, uint32_t matrix, const uint8_t *assignment)
{
    for (uint64_t i = 0; i < key->num_coefficients; i++) {
        const uint8_t *record = key->coefficients + i * CU(RECORD_BYTES);
        uint32_t position[3]; /* matrix, row, column */
        SCALAR coefficient, z;
        memcpy(position, record, sizeof position);
        if (position[0] != matrix) continue;
        SC(load)(&coefficient, record + sizeof position);
        SC(load)(&z, assignment + (size_t)position[2] * sizeof z);
        SC(mul)(&coefficient, &coefficient, &z);
        SC(add)(&values[position[1]], &values[position[1]], &coefficient);
    }
}

/* h (canonical, 2^log_domain elements) = A*B - C at the odd points, with C = A∘B on the domain. */
ZKR_FUNCTION int CU(quotient_evaluations)(uint8_t *h, const zkr_groth16_key *key, const uint8_t *assignment, int threads)
{
    size_t n = (size_t)1 << key->log_domain;
    SC(domain) domain;
    SCALAR *rows = calloc(2 * n, sizeof *rows);
    if (rows == NULL) return ZKR_ERR_MEMORY;
    int status = SC(domain_open)(&domain, key->log_domain);
    if (status == ZKR_OK) {
        CU(qap_rows)(rows, key, 0, assignment);
        CU(qap_rows)(rows + n, key, 1, assignment);
        status = SC(quotient)(h, rows, rows + n, &domain, threads);
        SC(domain_close)(&domain);
    }
    zkr_wipe(rows, 2 * n * sizeof *rows);
    free(rows);
    return status;
}

/* sum <- sum + scalar*point. */
ZKR_FUNCTION void CU(add_multiple_g1)(G1(xyzz) *sum, const SCALAR *scalar, const G1(affine) *point)
{
    G1(xyzz) product;
    G1(mul_vartime)(&product, point, scalar->limb, SC(LIMBS));
    G1(xyzz_add)(sum, sum, &product);
}

/* out = fixed + query·z + blind*delta, affine, in G1. */
ZKR_FUNCTION int CU(blinded_g1)(G1(affine) *out, const uint8_t *fixed, const uint8_t *query, const uint8_t *assignment,
                                size_t n, const SCALAR *blind, const uint8_t *delta, int threads)
{
    G1(xyzz) sum;
    G1(affine) point;
    int status = G1(msm_xyzz_vartime)(&sum, assignment, query, n, threads);
    if (status != ZKR_OK) return status;
    G1(load)(&point, fixed);
    G1(xyzz_add_affine)(&sum, &sum, &point);
    G1(load)(&point, delta);
    CU(add_multiple_g1)(&sum, blind, &point);
    G1(to_affine_vartime)(out, &sum);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(blinded_g2)(G2(affine) *out, const zkr_groth16_key *key, const uint8_t *assignment, const SCALAR *blind,
                                int threads)
{
    G2(xyzz) sum, product;
    G2(affine) point;
    int status = G2(msm_xyzz_vartime)(&sum, assignment, key->b_g2_query, key->num_variables, threads);
    if (status != ZKR_OK) return status;
    G2(load)(&point, key->beta_g2);
    G2(xyzz_add_affine)(&sum, &sum, &point);
    G2(load)(&point, key->delta_g2);
    G2(mul_vartime)(&product, &point, blind->limb, SC(LIMBS));
    G2(xyzz_add)(&sum, &sum, &product);
    G2(to_affine_vartime)(out, &sum);
    return ZKR_OK;
}

/* query_l·private + query_h·h + s*A + r*B - r*s*delta. */
ZKR_FUNCTION int CU(proof_c)(G1(affine) *out, const zkr_groth16_key *key, const uint8_t *assignment, const uint8_t *h,
                             const SCALAR *r, const SCALAR *s, const G1(affine) *a, const G1(affine) *b_g1, int threads)
{
    G1(xyzz) sum, part;
    G1(affine) delta;
    SCALAR product;
    size_t num_known = (size_t)key->num_public + 1; /* the constant and the public inputs */
    int status = G1(msm_xyzz_vartime)(&sum, assignment + num_known * sizeof product, key->l_query,
                                      key->num_variables - num_known, threads);
    if (status != ZKR_OK) return status;
    status = G1(msm_xyzz_vartime)(&part, h, key->h_query, (size_t)1 << key->log_domain, threads);
    if (status != ZKR_OK) return status;
    G1(xyzz_add)(&sum, &sum, &part);
    CU(add_multiple_g1)(&sum, s, a);
    CU(add_multiple_g1)(&sum, r, b_g1);
    SC(from_canonical)(&product, r);
    SC(mul)(&product, &product, s);
    G1(load)(&delta, key->delta_g1);
    G1(negate)(&delta, &delta);
    CU(add_multiple_g1)(&sum, &product, &delta);
    G1(to_affine_vartime)(out, &sum);
    zkr_wipe(&product, sizeof product);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(groth16_prove_vartime)(uint8_t *proof, const zkr_groth16_key *key, const uint8_t *assignment,
                                           const uint8_t *blind_r, const uint8_t *blind_s, int threads)
{
    SCALAR r, s;
    G1(affine) a, b_g1, c;
    G2(affine) b;
    size_t h_bytes = sizeof(SCALAR) << key->log_domain;
    uint8_t *h = malloc(h_bytes);
    if (h == NULL) return ZKR_ERR_MEMORY;
    SC(load)(&r, blind_r);
    SC(load)(&s, blind_s);
    int status = CU(quotient_evaluations)(h, key, assignment, threads);
    if (status == ZKR_OK) {
        status = CU(blinded_g1)(&a, key->alpha_g1, key->a_query, assignment, key->num_variables, &r, key->delta_g1, threads);
    }
    if (status == ZKR_OK) {
        status = CU(blinded_g1)(&b_g1, key->beta_g1, key->b_g1_query, assignment, key->num_variables, &s, key->delta_g1, threads);
    }
    if (status == ZKR_OK) status = CU(blinded_g2)(&b, key, assignment, &s, threads);
    if (status == ZKR_OK) status = CU(proof_c)(&c, key, assignment, h, &r, &s, &a, &b_g1, threads);
    if (status == ZKR_OK) {
        G1(store)(proof, &a);
        G2(store)(proof + sizeof a, &b);
        G1(store)(proof + sizeof a + sizeof b, &c);
    }
    zkr_wipe(h, h_bytes);
    zkr_wipe(&r, sizeof r);
    zkr_wipe(&s, sizeof s);
    free(h);
    return status;
}
#undef SC
#undef G1
#undef G2
