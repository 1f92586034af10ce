/* poseidon_sparse.h: the same permutation with partial rounds of 2t - 1 products instead of t^2 ([GKRRS19] appendix B).
 *
 * In a partial round only lane 0 meets the S-box, so a matrix N' = (1 0; 0 H) commutes with it.  From the last partial round
 * backwards, the round's matrix N = (n v; w H) is written as N''*N' with N'' = (n u; w I), u*H = v, and N' moves before the
 * S-box into the matrix of the round before; what is left in the end goes into the last full round before.  Constants move along:
 * a partial round adds one, to lane 0.  Working this out costs about as much as twenty permutations: it is for many hashes
 * under one set of parameters, all of which are public.
 */
enum { FE(POSEIDON_MAX_ROWS) = FE(POSEIDON_MAX_WIDTH) - 1 };

typedef struct {
    int t, full_rounds, partial_rounds;
    FIELD *memory;         /* of all that follows                                                                    */
    FIELD *full_constants; /* full_rounds*t: of the full rounds only                                                 */
    FIELD *mds;            /* t*t                                                                                    */
    FIELD *joint;          /* t*t: takes the place of mds in the last full round before the partial ones             */
    FIELD *partial;        /* partial_rounds*2t: constant, n, u (t - 1), w (t - 1)                                   */
} FE(sparse_poseidon);

/* u*h = v for an n*n matrix h, by elimination on its transpose; 0 when h has no inverse. */
ZKR_FUNCTION int FE(solve_left_vartime)(FIELD *u, const FIELD *h, const FIELD *v, int n)
{
    FIELD rows[FE(POSEIDON_MAX_ROWS)][FE(POSEIDON_MAX_ROWS) + 1], factor, product;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) rows[i][j] = h[j * n + i];
        rows[i][n] = v[i];
    }
    for (int pivot = 0; pivot < n; pivot++) {
        int found = pivot;
        while (found < n && FE(is_zero)(&rows[found][pivot])) found++;
        if (found == n) return 0;
        for (int j = 0; j <= n; j++) {
            FIELD moved = rows[found][j];
            rows[found][j] = rows[pivot][j];
            rows[pivot][j] = moved;
        }
        FE(inverse_vartime)(&factor, &rows[pivot][pivot]);
        for (int j = pivot; j <= n; j++) FE(mul)(&rows[pivot][j], &rows[pivot][j], &factor);
        for (int i = 0; i < n; i++) {
            if (i == pivot) continue;
            factor = rows[i][pivot];
            for (int j = pivot; j <= n; j++) {
                FE(mul)(&product, &factor, &rows[pivot][j]);
                FE(sub)(&rows[i][j], &rows[i][j], &product);
            }
        }
    }
    for (int i = 0; i < n; i++) u[i] = rows[i][n];
    return 1;
}

/* out = N'*in for `columns` columns: row 0 as it is, the others times h. */
ZKR_FUNCTION void FE(apply_lower)(FIELD *out, const FIELD *h, const FIELD *in, int t, int columns)
{
    int n = t - 1;
    for (int j = 0; j < columns; j++) out[j] = in[j];
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < columns; j++) {
            FIELD sum, product;
            FE(set_zero)(&sum);
            for (int k = 0; k < n; k++) {
                FE(mul)(&product, &h[i * n + k], &in[(k + 1) * columns + j]);
                FE(add)(&sum, &sum, &product);
            }
            out[(i + 1) * columns + j] = sum;
        }
    }
}

/* Round r of the partial ones as N''; matrix becomes that of the round before, constants those that N' has passed. */
ZKR_FUNCTION int FE(split_round)(FE(sparse_poseidon) *plan, int r, FIELD *matrix, FIELD *constants)
{
    enum { ROWS = FE(POSEIDON_MAX_ROWS), WIDTH = FE(POSEIDON_MAX_WIDTH) };
    int t = plan->t, n = t - 1;
    FIELD h[ROWS * ROWS], next[WIDTH * WIDTH], moved[WIDTH], *round = plan->partial + (size_t)r * 2 * (size_t)t;
    memset(h, 0, sizeof h); /* gcc 12 does not follow that n*n of them are set */
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) h[i * n + j] = matrix[(i + 1) * t + j + 1];
    }
    round[1] = matrix[0];
    if (!FE(solve_left_vartime)(round + 2, h, matrix + 1, n)) return 0;
    for (int i = 0; i < n; i++) round[2 + n + i] = matrix[(i + 1) * t];
    FE(apply_lower)(next, h, plan->mds, t, t);
    FE(apply_lower)(moved, h, constants, t, 1);
    memcpy(matrix, next, (size_t)(t * t) * sizeof *next);
    memcpy(constants, moved, (size_t)t * sizeof *moved);
    return 1;
}

/* From the first partial round on: what a round's constants add to lanes 1.. passes its S-box, and N'' carries it to the next. */
ZKR_FUNCTION void FE(carry_constants)(FE(sparse_poseidon) *plan, const FIELD *moved, FIELD *after)
{
    int t = plan->t, n = t - 1;
    FIELD carry[FE(POSEIDON_MAX_WIDTH)], product;
    for (int i = 0; i < t; i++) FE(set_zero)(&carry[i]);
    for (int r = 0; r < plan->partial_rounds; r++) {
        FIELD *round = plan->partial + (size_t)r * 2 * (size_t)t;
        for (int i = 0; i < t; i++) FE(add)(&carry[i], &carry[i], &moved[r * t + i]);
        round[0] = carry[0];
        FE(set_zero)(&carry[0]);
        for (int i = 0; i < n; i++) {
            FE(mul)(&product, &round[2 + i], &carry[1 + i]);
            FE(add)(&carry[0], &carry[0], &product);
        }
    }
    for (int i = 0; i < t; i++) FE(add)(&after[i], &after[i], &carry[i]);
}

ZKR_FUNCTION void FE(sparse_poseidon_free)(FE(sparse_poseidon) *plan)
{
    free(plan->memory);
    plan->memory = NULL;
}

/* Montgomery parameters as zkr_poseidon takes them.  *works = 0, and nothing to free, for parameters without this form: no full
 * round on either side, or a matrix with a singular part.  ZKR_OK or ZKR_ERR_MEMORY. */
ZKR_FUNCTION int FE(sparse_poseidon_new)(FE(sparse_poseidon) *plan, int *works, int t, int full_rounds, int partial_rounds,
                                         const uint8_t *round_constants, const uint8_t *mds)
{
    size_t width = (size_t)t, before = (size_t)full_rounds / 2 * width, between = (size_t)partial_rounds * width;
    *works = 0;
    if (full_rounds == 0 || partial_rounds == 0) return ZKR_OK;
    *plan = (FE(sparse_poseidon)){.t = t, .full_rounds = full_rounds, .partial_rounds = partial_rounds};
    plan->memory = malloc((2 * before + 2 * width * width + 3 * between) * sizeof *plan->memory);
    if (plan->memory == NULL) return ZKR_ERR_MEMORY;
    plan->full_constants = plan->memory;
    plan->mds = plan->full_constants + 2 * before;
    plan->joint = plan->mds + width * width;
    plan->partial = plan->joint + width * width;
    FIELD *moved = plan->partial + 2 * between;
    memcpy(plan->full_constants, round_constants, before * sizeof *moved);
    memcpy(moved, round_constants + before * sizeof *moved, between * sizeof *moved);
    memcpy(plan->full_constants + before, round_constants + (before + between) * sizeof *moved, before * sizeof *moved);
    memcpy(plan->mds, mds, width * width * sizeof *moved);
    memcpy(plan->joint, mds, width * width * sizeof *moved);
    for (int r = partial_rounds - 1; r >= 0; r--) {
        if (!FE(split_round)(plan, r, plan->joint, moved + (size_t)r * width)) {
            FE(sparse_poseidon_free)(plan);
            return ZKR_OK;
        }
    }
    FE(carry_constants)(plan, moved, plan->full_constants + before);
    *works = 1;
    return ZKR_OK;
}

/* state <- matrix*S(state + constants) on all lanes. */
ZKR_FUNCTION void FE(full_round)(FIELD *state, int t, const FIELD *constants, const FIELD *matrix)
{
    FIELD mixed[FE(POSEIDON_MAX_WIDTH)], product;
    for (int lane = 0; lane < t; lane++) {
        FE(add)(&state[lane], &state[lane], &constants[lane]);
        FE(fifth_power)(&state[lane]);
    }
    for (int row = 0; row < t; row++) {
        FE(mul_hot)(&mixed[row], &matrix[row * t], &state[0]);
        for (int lane = 1; lane < t; lane++) {
            FE(mul_hot)(&product, &matrix[row * t + lane], &state[lane]);
            FE(add)(&mixed[row], &mixed[row], &product);
        }
    }
    memcpy(state, mixed, (size_t)t * sizeof *state);
    zkr_wipe(mixed, sizeof mixed);
    zkr_wipe(&product, sizeof product);
}

/* Without a branch or an index that depends on the state. */
ZKR_FUNCTION void FE(sparse_poseidon_permute)(FIELD *state, const FE(sparse_poseidon) *plan)
{
    int t = plan->t, half = plan->full_rounds / 2;
    FIELD sum, product;
    for (int r = 0; r < half; r++) {
        FE(full_round)(state, t, plan->full_constants + r * t, r == half - 1 ? plan->joint : plan->mds);
    }
    for (int r = 0; r < plan->partial_rounds; r++) {
        const FIELD *round = plan->partial + r * 2 * t, *u = round + 1, *w = round + t;
        FE(add)(&state[0], &state[0], &round[0]);
        FE(fifth_power)(&state[0]);
        FE(mul_hot)(&sum, &u[0], &state[0]);
        for (int lane = 1; lane < t; lane++) {
            FE(mul_hot)(&product, &u[lane], &state[lane]);
            FE(add)(&sum, &sum, &product);
            FE(mul_hot)(&product, &w[lane], &state[0]);
            FE(add)(&state[lane], &state[lane], &product);
        }
        state[0] = sum;
    }
    for (int r = half; r < plan->full_rounds; r++) FE(full_round)(state, t, plan->full_constants + r * t, plan->mds);
    zkr_wipe(&sum, sizeof sum);
    zkr_wipe(&product, sizeof product);
}
