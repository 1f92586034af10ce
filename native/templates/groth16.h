/* groth16.h: the prover of [Gro16] section 3.2 over CURVE, with the conventions of iden3's .zkey (docs/formats.md).
 * Parameters: CURVE, GROUP1, GROUP2, SCALAR.
 *
 *   A = alpha + sum z_i u_i(tau) + r*delta         (G1)
 *   B = beta  + sum z_i v_i(tau) + s*delta         (G2)
 *   C = sum_private z_i l_i + h(tau)t(tau)/delta + s*A + r*(beta + sum z_i v_i(tau))
 *
 * where the terms r*s*delta of the paper's C cancel, as the copy of B in G1 is taken without its blinding.
 * The quotient is taken at the odd points omega_{2n}^(2i+1), where t is the constant -2: h_query holds Lagrange bases of
 * those points with the constant in it, and the scalars are (A*B - C) there.
 *
 * One queue of tasks for everything, so that threads stay busy to the end (docs/groth16.md): rows, quotient, then the tasks
 * of the four sums, the longest first.  The sum for C holds both the L and the H query: its pairs come last, when the quotient
 * is known.  Whoever does the last task of a sum also finishes it.
 */
#define SC(name) ZKR_JOIN(SCALAR, name)
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* The stages in the order of the queue.  A task waits only for tasks of an earlier stage. */
enum { CU(ROWS), CU(QUOTIENT), CU(COLLECTS), CU(SUM_B2), CU(SUM_A), CU(SUM_B1), CU(SUM_C), CU(NUM_STAGES) };

typedef struct {
    const CU(prover) *prover;
    const uint8_t *assignment, *blind_r, *blind_s;
    int threads;
    SCALAR *a, *b, *h;                  /* of the domain's size: rows, and the quotient */
    size_t first_task[CU(NUM_STAGES) + 1];
    zkr_gate gates[CU(NUM_STAGES)];     /* a stage's gate opens when all its tasks are done */
    G1(msm_job) sum_a, sum_b1, sum_c;
    G2(msm_job) sum_b2;
    G1(msm_workspace) **workspaces_g1;  /* by worker */
    G2(msm_workspace) **workspaces_g2;
    G1(affine) a_point;
    G2(affine) b_point;
    G1(xyzz) c_parts[2];                /* s*A and r*B1 */
} CU(proof_job);

/* A and B times z for one of equal parts of the domain, canonical as z is. */
ZKR_FUNCTION void CU(prove_rows)(CU(proof_job) *job, size_t part, size_t num_parts)
{
    const CU(prover) *p = job->prover;
    size_t n = (size_t)1 << p->key.log_domain, end = n * (part + 1) / num_parts;
    for (size_t i = n * part / num_parts; i < end; i++) {
        SC(rows_dot)(&job->a[i], &p->a, p->table.value, i, job->assignment);
        SC(rows_dot)(&job->b[i], &p->b, p->table.value, i, job->assignment);
    }
}

/* The quotient, and with it the pairs of C. */
ZKR_FUNCTION int CU(prove_quotient)(CU(proof_job) *job)
{
    const zkr_groth16_key *key = &job->prover->key;
    const zkr_groth16_tables *tables = &job->prover->tables;
    size_t num_known = (size_t)key->num_public + 1, n = (size_t)1 << key->log_domain; /* known: the constant, public inputs */
    uint8_t *h = (uint8_t *)job->h;
    int status = SC(quotient)(h, job->a, job->b, &job->prover->domain, job->threads < 4 ? 1 : job->threads / 2);
    if (status != ZKR_OK) return status;
    G1(msm_add)(&job->sum_c, job->assignment + num_known * sizeof(SCALAR), key->l_query, tables->l_multiples,
                key->num_variables - num_known);
    G1(msm_add)(&job->sum_c, h, key->h_query, tables->h_multiples, n);
    return ZKR_OK;
}

ZKR_FUNCTION void CU(collect)(CU(proof_job) *job, size_t which)
{
    const CU(prover) *p = job->prover;
    const zkr_groth16_key *key = &p->key;
    if (which == 0) {
        G2(msm_add)(&job->sum_b2, job->assignment, key->b_g2_query, p->tables.b_g2_multiples, key->num_variables);
        G2(msm_add)(&job->sum_b2, job->blind_s, key->delta_g2, p->delta_g2_multiples, 1);
    } else if (which == 1) {
        G1(msm_add)(&job->sum_a, job->assignment, key->a_query, p->tables.a_multiples, key->num_variables);
        G1(msm_add)(&job->sum_a, job->blind_r, key->delta_g1, p->delta_g1_multiples, 1);
    } else {
        G1(msm_add)(&job->sum_b1, job->assignment, key->b_g1_query, p->tables.b_g1_multiples, key->num_variables);
    }
}

/* point = fixed + sum; product = blind*point unless product is NULL. */
ZKR_FUNCTION void CU(finish_g1)(G1(affine) *point, G1(xyzz) *product, const G1(msm_job) *sum, const uint8_t *fixed,
                                const uint8_t *blind)
{
    G1(xyzz) total;
    G1(affine) start;
    SCALAR factor;
    G1(load)(&start, fixed);
    SC(load)(&factor, blind);
    G1(msm_sum)(&total, sum);
    G1(xyzz_add_affine)(&total, &total, &start);
    G1(to_affine_vartime)(point, &total);
    G1(mul_vartime)(product, point, factor.limb, SC(LIMBS));
    zkr_wipe(&factor, sizeof factor);
}

ZKR_FUNCTION void CU(finish)(CU(proof_job) *job, size_t stage)
{
    const zkr_groth16_key *key = &job->prover->key;
    if (stage == CU(SUM_B2)) {
        G2(xyzz) total;
        G2(affine) beta;
        G2(load)(&beta, key->beta_g2);
        G2(msm_sum)(&total, &job->sum_b2);
        G2(xyzz_add_affine)(&total, &total, &beta);
        G2(to_affine_vartime)(&job->b_point, &total);
    } else if (stage == CU(SUM_A)) {
        CU(finish_g1)(&job->a_point, &job->c_parts[0], &job->sum_a, key->alpha_g1, job->blind_s);
    } else if (stage == CU(SUM_B1)) {
        G1(affine) point;
        CU(finish_g1)(&point, &job->c_parts[1], &job->sum_b1, key->beta_g1, job->blind_r);
        zkr_wipe(&point, sizeof point);
    }
}

ZKR_FUNCTION int CU(prove_piece)(CU(proof_job) *job, size_t worker, size_t stage, size_t index)
{
    int status = ZKR_OK;
    switch (stage) {
    case CU(ROWS):
        CU(prove_rows)(job, index, job->first_task[stage + 1] - job->first_task[stage]);
        return ZKR_OK;
    case CU(QUOTIENT):
        status = zkr_gate_wait(&job->gates[CU(ROWS)]);
        return status == ZKR_OK ? CU(prove_quotient)(job) : status;
    case CU(COLLECTS):
        CU(collect)(job, index);
        return ZKR_OK;
    case CU(SUM_C):
        status = zkr_gate_wait(&job->gates[CU(QUOTIENT)]);
        return status == ZKR_OK ? G1(msm_task)(&job->sum_c, job->workspaces_g1, worker, index) : status;
    default:
        status = zkr_gate_wait(&job->gates[CU(COLLECTS)]);
        if (status != ZKR_OK) return status;
        if (stage == CU(SUM_B2)) return G2(msm_task)(&job->sum_b2, job->workspaces_g2, worker, index);
        return G1(msm_task)(stage == CU(SUM_A) ? &job->sum_a : &job->sum_b1, job->workspaces_g1, worker, index);
    }
}

static int CU(prove_task)(void *context, size_t worker, size_t index)
{
    CU(proof_job) *job = context;
    size_t stage = 0;
    while (index >= job->first_task[stage + 1]) stage++;
    int status = CU(prove_piece)(job, worker, stage, index - job->first_task[stage]);
    if (!zkr_gate_pass(&job->gates[stage], status)) return status;
    if (zkr_gate_wait(&job->gates[stage]) == ZKR_OK) CU(finish)(job, stage);
    return status;
}

/* How many of `finite` pairs will count, when `live` of `total` elements of the assignment are not zero. */
ZKR_INLINE size_t CU(expected_pairs)(size_t finite, size_t live, size_t total)
{
    return (size_t)((double)finite * (double)live / (double)total) + 1;
}

/* Memory and numbers of tasks. */
ZKR_FUNCTION int CU(proof_job_open)(CU(proof_job) *job, int threads)
{
    const CU(prover) *p = job->prover;
    size_t n = (size_t)1 << p->key.log_domain, variables = p->key.num_variables, live = 0;
    for (size_t i = 0; i < variables; i++) {
        SCALAR z;
        SC(load)(&z, job->assignment + i * sizeof z);
        live += !SC(is_zero)(&z);
    }
    job->a = malloc(3 * n * sizeof *job->a);
    job->workspaces_g1 = calloc((size_t)threads, sizeof *job->workspaces_g1);
    job->workspaces_g2 = calloc((size_t)threads, sizeof *job->workspaces_g2);
    if (job->a == NULL || job->workspaces_g1 == NULL || job->workspaces_g2 == NULL) return ZKR_ERR_MEMORY;
    job->b = job->a + n;
    job->h = job->b + n;
    const size_t expected_a = CU(expected_pairs)(p->finite_a, live, variables), factor = p->tables.factor;
    const size_t expected_b1 = CU(expected_pairs)(p->finite_b1, live, variables);
    const size_t expected_b2 = CU(expected_pairs)(p->finite_b2, live, variables);
    const size_t expected_c = CU(expected_pairs)(p->finite_l, live, variables) + n;
    int status = G2(msm_open)(&job->sum_b2, p->finite_b2 + 1, expected_b2, factor, 1);
    if (status == ZKR_OK) status = G1(msm_open)(&job->sum_a, p->finite_a + 1, expected_a, factor, 1);
    if (status == ZKR_OK) status = G1(msm_open)(&job->sum_b1, p->finite_b1, expected_b1, factor, 1);
    if (status == ZKR_OK) status = G1(msm_open)(&job->sum_c, p->finite_l + n, expected_c, factor, (size_t)threads);
    const size_t tasks[CU(NUM_STAGES)] = {(size_t)threads, 1, 3, job->sum_b2.num_tasks, job->sum_a.num_tasks,
                                          job->sum_b1.num_tasks, job->sum_c.num_tasks};
    for (size_t stage = 0; stage < CU(NUM_STAGES); stage++) {
        job->first_task[stage + 1] = job->first_task[stage] + tasks[stage];
        zkr_gate_init(&job->gates[stage], tasks[stage]);
    }
    return status;
}

/* Wipes: all of it depends on the assignment. */
ZKR_FUNCTION void CU(proof_job_close)(CU(proof_job) *job, int threads)
{
    for (int i = 0; i < threads; i++) {
        if (job->workspaces_g1 != NULL) G1(msm_workspace_free)(job->workspaces_g1[i]);
        if (job->workspaces_g2 != NULL) G2(msm_workspace_free)(job->workspaces_g2[i]);
    }
    free((void *)job->workspaces_g1);
    free((void *)job->workspaces_g2);
    G2(msm_close)(&job->sum_b2);
    G1(msm_close)(&job->sum_a);
    G1(msm_close)(&job->sum_b1);
    G1(msm_close)(&job->sum_c);
    if (job->a != NULL) zkr_wipe(job->a, 3 * sizeof *job->a << job->prover->key.log_domain);
    free(job->a);
    for (size_t stage = 0; stage < CU(NUM_STAGES) && job->first_task[CU(NUM_STAGES)] != 0; stage++) {
        zkr_gate_destroy(&job->gates[stage]);
    }
    zkr_wipe(job, sizeof *job);
}

ZKR_FUNCTION int CU(prover_prove_vartime)(uint8_t *proof, const void *prover, const uint8_t *assignment, const uint8_t *blind_r,
                                          const uint8_t *blind_s, int threads)
{
    CU(proof_job) job = {.prover = prover, .assignment = assignment, .blind_r = blind_r, .blind_s = blind_s, .threads = threads};
    int status = CU(proof_job_open)(&job, threads);
    if (status == ZKR_OK) status = zkr_parallel(threads, job.first_task[CU(NUM_STAGES)], CU(prove_task), &job, NULL);
    if (status == ZKR_OK) {
        G1(xyzz) sum;
        G1(affine) c;
        G1(msm_sum)(&sum, &job.sum_c);
        for (int i = 0; i < 2; i++) G1(xyzz_add)(&sum, &sum, &job.c_parts[i]);
        G1(to_affine_vartime)(&c, &sum);
        G1(store)(proof, &job.a_point);
        G2(store)(proof + sizeof job.a_point, &job.b_point);
        G1(store)(proof + sizeof job.a_point + sizeof job.b_point, &c);
    }
    CU(proof_job_close)(&job, threads);
    return status;
}
#undef SC
#undef G1
#undef G2
