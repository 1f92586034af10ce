/* groth16_batch.h: many proofs under one key by a random linear combination, and which of them are false.  Parameters: CURVE,
 * GROUP1, GROUP2, SCALAR, FIELD, FIELD12; before inclusion groth16_verify.h and pairing_groups.h.
 *
 * Reference: [BGR98] (small exponents); with weights w_i chosen at random after the proofs are fixed,
 *
 *   prod e(w_i*A_i, B_i) * e(-sum w_i*S_i, gamma) * e(-sum w_i*C_i, delta) * e(-(sum w_i)*alpha, beta) = 1
 *
 * holds for true proofs, and for a set with a false one with probability at most 2^-128: all points are in groups of prime order r
 * (checked first: elsewhere a small factor of the order would help a forger), so each item's defect is an element of GT, where the
 * discrete logarithms of the defects satisfy a linear equation with a non-zero coefficient, and at most one of the 2^128 values of that weight solves it.
 *
 * Items go in groups that share a chain of squarings; each group keeps its Miller value, its sum of w_i*C_i, and its sums over
 * the public inputs.  When the equation of all fails, halves are tried, down to groups ([LM07]), whose items are then verified
 * one by one without weights: so a true proof is never refused.  Each further equation costs a final exponentiation, no Miller loop of an item.
 */
#define SC(name) ZKR_JOIN(SCALAR, name)
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

typedef struct {
    size_t count, items[CU(GROUP_PAIRS)];
    FIELD12 f;     /* product of the Miller loops of (w_i*A_i, B_i) */
    G1(xyzz) c;    /* sum of w_i*C_i */
} CU(batch_group);

typedef struct {
    CU(prepared_key) key;
    const uint8_t *inputs, *proofs;
    const CU(weight) *weights;
    size_t n;
    int32_t *verdicts;
    CU(batch_group) *groups; /* GROUPS for each block of items; those without items are left out of sums */
    SCALAR *sums;            /* of each group: sum w_i and the sums of w_i*x_ij, canonical */
} CU(batch_job);

ZKR_INLINE const uint8_t *CU(batch_inputs)(const CU(batch_job) *job, size_t item)
{
    return job->inputs + item * job->key.num_public * sizeof(SCALAR);
}

/* The weight as an element, Montgomery. */
ZKR_FUNCTION void CU(weight_value)(SCALAR *out, const CU(weight) *weight)
{
    SCALAR a = {{weight->a, 1}}, b = {{weight->b}}, lambda;
    memcpy(&lambda, CU(lambda), sizeof lambda);
    SC(mul)(&b, &b, &lambda);
    SC(add)(&a, &a, &b);
    SC(from_canonical)(out, &a);
}

ZKR_FUNCTION void CU(add_to_sums)(SCALAR *sums, const CU(batch_job) *job, size_t item)
{
    SCALAR weight, input;
    CU(weight_value)(&weight, &job->weights[item]);
    SC(to_canonical)(&input, &weight);
    SC(add)(&sums[0], &sums[0], &input);
    for (size_t j = 0; j < job->key.num_public; j++) {
        SC(load)(&input, CU(batch_inputs)(job, item) + j * sizeof input);
        SC(mul)(&input, &input, &weight);
        SC(add)(&sums[j + 1], &sums[j + 1], &input);
    }
}

typedef struct {
    size_t items[CU(BLOCK_PAIRS)];
    CU(weight) weights[CU(BLOCK_PAIRS)];
    G1(affine) a[CU(BLOCK_PAIRS)], c[CU(BLOCK_PAIRS)];
    G1(xyzz) multiples[CU(BLOCK_PAIRS)];
    FIELD zzz[CU(BLOCK_PAIRS)], inverse[CU(BLOCK_PAIRS)];
    CU(point_pair) pairs[CU(BLOCK_PAIRS)];
    FIELD12 f[CU(GROUPS)];
    uint8_t in_subgroup[CU(BLOCK_PAIRS)];
} CU(batch_block);

/* pairs[i].p = weights[i]*a[i], affine. */
ZKR_FUNCTION void CU(weigh_a)(CU(batch_block) *block, size_t n)
{
    CU(mul_by_weights)(block->multiples, block->a, block->weights, n);
    for (size_t i = 0; i < n; i++) block->zzz[i] = block->multiples[i].zzz;
    FE(batch_inverse_vartime)(block->inverse, block->zzz, n);
    for (size_t i = 0; i < n; i++) {
        FIELD t;
        FE(mul)(&block->pairs[i].p.y, &block->multiples[i].y, &block->inverse[i]);
        FE(mul)(&t, &block->inverse[i], &block->multiples[i].zz);
        FE(sqr)(&t, &t);
        FE(mul)(&block->pairs[i].p.x, &block->multiples[i].x, &t);
    }
}

/* The items of one group whose B is in the subgroup; the others get their verdict, and the Miller value is made anew without them. */
ZKR_FUNCTION void CU(fill_group)(const CU(batch_job) *job, size_t group_index, CU(batch_block) *block, size_t from, size_t to,
                                 const FIELD12 *f)
{
    CU(batch_group) *group = &job->groups[group_index];
    SCALAR *sums = job->sums + group_index * (job->key.num_public + 1);
    CU(point_pair) kept[CU(GROUP_PAIRS)];
    G1(affine) c[CU(GROUP_PAIRS)];
    CU(weight) weights[CU(GROUP_PAIRS)];
    for (size_t i = from; i < to; i++) {
        size_t item = block->items[i];
        if (!block->in_subgroup[i]) {
            job->verdicts[item] = ZKR_ERR_NOT_IN_SUBGROUP;
            continue;
        }
        kept[group->count] = block->pairs[i];
        c[group->count] = block->c[i];
        weights[group->count] = block->weights[i];
        group->items[group->count++] = item;
        CU(add_to_sums)(sums, job, item);
    }
    CU(group_sum)(&group->c, c, weights, group->count);
    group->f = *f;
    if (group->count < to - from) CU(miller_group)(&group->f, block->in_subgroup + from, kept, group->count);
}

static int CU(batch_task)(void *context, size_t worker, size_t index)
{
    (void)worker;
    CU(batch_job) *job = context;
    CU(batch_block) *block = malloc(sizeof *block);
    size_t n = 0, begin = index * CU(BLOCK_PAIRS);
    if (block == NULL) return ZKR_ERR_MEMORY;
    for (size_t i = begin; i < job->n && i < begin + CU(BLOCK_PAIRS); i++) {
        CU(proof) proof;
        job->verdicts[i] =
            CU(check_proof)(&proof, job->proofs + i * sizeof proof, CU(batch_inputs)(job, i), job->key.num_public);
        if (job->verdicts[i] != ZKR_OK) continue;
        block->items[n] = i;
        memcpy(&block->weights[n], &job->weights[i], sizeof block->weights[n]);
        block->a[n] = proof.a;
        block->c[n] = proof.c;
        block->pairs[n++].q = proof.b;
    }
    if (n > 0) {
        size_t per_group = (n + CU(GROUPS) - 1) / CU(GROUPS);
        CU(weigh_a)(block, n);
        CU(miller_groups)(block->f, block->in_subgroup, block->pairs, n, per_group);
        for (size_t g = 0; g * per_group < n; g++) {
            size_t from = g * per_group, to = from + per_group < n ? from + per_group : n;
            CU(fill_group)(job, index * CU(GROUPS) + g, block, from, to, &block->f[g]);
        }
    }
    free(block);
    return ZKR_OK;
}

/* Whether the equation holds for the groups [from, to) together. */
ZKR_FUNCTION int CU(groups_hold)(int *holds, const CU(batch_job) *job, size_t from, size_t to)
{
    static const int which[3] = {CU(GAMMA), CU(DELTA), CU(BETA)};
    size_t num_sums = job->key.num_public + 1;
    SCALAR *sums = calloc(num_sums, sizeof *sums);
    G1(xyzz) points[3], product; /* S, C and alpha, each times the weights */
    G1(affine) point;
    FIELD12 f, one;
    if (sums == NULL) return ZKR_ERR_MEMORY;
    E12(set_one)(&f);
    E12(set_one)(&one);
    G1(xyzz_set_infinity)(&points[1]);
    for (size_t g = from; g < to; g++) {
        if (job->groups[g].count == 0) continue;
        E12(mul)(&f, &f, &job->groups[g].f);
        G1(xyzz_add)(&points[1], &points[1], &job->groups[g].c);
        for (size_t j = 0; j < num_sums; j++) SC(add)(&sums[j], &sums[j], &job->sums[g * num_sums + j]);
    }
    int status = CU(sum_of_inputs)(&points[0], &job->key, (const uint8_t *)(sums + 1));
    if (status == ZKR_OK) {
        CU(fixed_pair) fixed[CU(FIXED_PAIRS)];
        FIELD12 known;
        G1(load)(&point, CU(prepared_ic)(&job->key));
        G1(mul_vartime)(&product, &point, sums[0].limb, SC(LIMBS));
        G1(xyzz_add)(&points[0], &points[0], &product);
        memcpy(&point, job->key.bytes + offsetof(CU(prepared_head), alpha), sizeof point);
        G1(mul_vartime)(&points[2], &point, sums[0].limb, SC(LIMBS));
        size_t num_fixed = CU(key_pairs)(fixed, &job->key, points, which, 3);
        CU(miller_loop)(&known, NULL, 0, fixed, num_fixed);
        E12(mul)(&f, &f, &known);
        CU(final_exponentiation)(&f, &f);
        *holds = E12(equal)(&f, &one);
    }
    free(sums);
    return status;
}

/* Each item of a group by itself. */
ZKR_FUNCTION int CU(settle_group)(const CU(batch_job) *job, const CU(batch_group) *group)
{
    int status = ZKR_OK;
    for (size_t i = 0; i < group->count && status == ZKR_OK; i++) {
        CU(proof) proof;
        memcpy(&proof, job->proofs + group->items[i] * sizeof proof, sizeof proof);
        status = CU(verify_one)(&job->verdicts[group->items[i]], &job->key, &proof, CU(batch_inputs)(job, group->items[i]));
    }
    return status;
}

/* Find the false items of groups [from, to); known_false says that there is one. */
ZKR_FUNCTION int CU(bisect)(const CU(batch_job) *job, size_t from, size_t to, int known_false)
{
    int holds = 0;
    int status = known_false ? ZKR_OK : CU(groups_hold)(&holds, job, from, to);
    if (status != ZKR_OK || holds) return status;
    if (to - from == 1) return CU(settle_group)(job, &job->groups[from]);
    size_t middle = from + (to - from) / 2;
    status = CU(groups_hold)(&holds, job, from, middle);
    if (status != ZKR_OK) return status;
    if (holds) return CU(bisect)(job, middle, to, 1);
    status = CU(bisect)(job, from, middle, 1);
    return status == ZKR_OK ? CU(bisect)(job, middle, to, 0) : status;
}

/* verdicts[i] = ZKR_OK, ZKR_ERR_EQUATION, or what is wrong with the form of item i.  The border has checked lengths. */
ZKR_FUNCTION int CU(groth16_verify_vartime)(int32_t *verdicts, const uint8_t *prepared, size_t num_public, const uint8_t *inputs,
                                            const uint8_t *proofs, const uint8_t *weights, size_t n, int threads)
{
    CU(batch_job) job = {.key = {prepared, num_public}, .inputs = inputs, .proofs = proofs, .n = n};
    if (n == 1) {
        CU(proof) proof;
        int32_t verdict = CU(check_proof)(&proof, proofs, inputs, num_public);
        int status = verdict == ZKR_OK ? CU(verify_one)(&verdict, &job.key, &proof, inputs) : ZKR_OK;
        if (status == ZKR_OK) *verdicts = verdict;
        return status;
    }
    size_t num_blocks = (n + CU(BLOCK_PAIRS) - 1) / CU(BLOCK_PAIRS), num_groups = num_blocks * CU(GROUPS);
    CU(weight) *copy = malloc((n + 1) * sizeof *copy);
    job.verdicts = malloc((n + 1) * sizeof *job.verdicts);
    job.groups = calloc(num_groups + 1, sizeof *job.groups);
    job.sums = calloc(num_groups * (num_public + 1) + 1, sizeof *job.sums);
    int status = ZKR_ERR_MEMORY;
    if (copy != NULL && job.verdicts != NULL && job.groups != NULL && job.sums != NULL) {
        memcpy(copy, weights, n * sizeof *copy);
        job.weights = copy;
        status = zkr_parallel(threads, num_blocks, CU(batch_task), &job, NULL);
    }
    if (status == ZKR_OK && n > 0) status = CU(bisect)(&job, 0, num_groups, 0);
    if (status == ZKR_OK) memcpy(verdicts, job.verdicts, n * sizeof *verdicts);
    free(copy);
    free(job.verdicts);
    free(job.groups);
    free(job.sums);
    return status;
}
#undef SC
#undef G1
#undef G2
