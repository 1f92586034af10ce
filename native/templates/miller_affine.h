/* miller_affine.h: Miller loops of many pairs side by side.  Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD12; before
 * inclusion fixed_lines.h and the curve's own part.
 *
 * With one inversion for the slopes of all pairs ([Mon87]) a point is kept affine, (x, y) -> slope^2 - .., and a line has l0 = 1:
 * the form of fixed_lines.h, whose product with f is the cheapest.  Over BN254 a doubling with its line is 6 products and 2 squares
 * for 3, 6 and two halvings, and f takes 10 products of it for 13.
 *
 * A point of the subgroup of order r meets no slope without a value (ends_in_subgroup has why).  Another point may: it is lost, goes
 * on with a slope that means nothing, so that the inversion stays one for all, and is outside the subgroup whatever comes of it.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

enum {
    CU(STEP_PAIRS) = 64,    /* pairs that share an inversion                      */
    CU(MOST_PROJECTIVE) = 3 /* so few do not earn what an inversion at every step costs */
};

typedef struct {
    G2(affine) q, t;
    CU(fixed_pair) at; /* P, where its line is evaluated */
    int is_lost;
} CU(affine_pair);

/* For finite points, p of prime order. */
ZKR_FUNCTION void CU(affine_pairs_set)(CU(affine_pair) *pairs, const CU(point_pair) *points, size_t n)
{
    FIELD y[CU(STEP_PAIRS)], inverse[CU(STEP_PAIRS)];
    for (size_t from = 0; from < n; from += CU(STEP_PAIRS)) {
        size_t count = n - from < CU(STEP_PAIRS) ? n - from : CU(STEP_PAIRS);
        for (size_t i = 0; i < count; i++) y[i] = points[from + i].p.y;
        FE(batch_inverse_vartime)(inverse, y, count);
        for (size_t i = 0; i < count; i++) {
            CU(affine_pair) *pair = &pairs[from + i];
            pair->q = pair->t = points[from + i].q;
            pair->at.inverse_y = inverse[i];
            FE(mul)(&pair->at.x_over_y, &points[from + i].p.x, &inverse[i]);
            pair->is_lost = 0;
        }
    }
}

/* t <- t + addends[i], or 2t without addends, for n <= STEP_PAIRS pairs, and f[(first + i)/per_group] times the line through them. */
ZKR_FUNCTION void CU(affine_step)(FIELD12 *f, CU(affine_pair) *pairs, const G2(affine) *addends, size_t first, size_t n,
                                  size_t per_group)
{
    FIELD2 numerator[CU(STEP_PAIRS)], denominator[CU(STEP_PAIRS)], inverse[CU(STEP_PAIRS)];
    for (size_t i = 0; i < n; i++) {
        const G2(affine) *t = &pairs[i].t;
        if (addends == NULL) {
            FIELD2 square;
            E2(sqr)(&square, &t->x);
            E2(dbl)(&numerator[i], &square);
            E2(add)(&numerator[i], &numerator[i], &square);
            E2(dbl)(&denominator[i], &t->y);
        } else {
            E2(sub)(&numerator[i], &t->y, &addends[i].y);
            E2(sub)(&denominator[i], &t->x, &addends[i].x);
        }
        if (E2(is_zero)(&denominator[i])) {
            pairs[i].is_lost = 1;
            E2(set_one)(&denominator[i]);
        }
    }
    E2(batch_inverse_vartime)(inverse, denominator, n);
    for (size_t i = 0; i < n; i++) {
        G2(affine) *t = &pairs[i].t;
        CU(fixed_line) line;
        FIELD2 slope, x;
        E2(mul)(&slope, &numerator[i], &inverse[i]);
        E2(mul)(&line.l4, &slope, &t->x);
        E2(sub)(&line.l4, &line.l4, &t->y);
        E2(neg)(&line.l3, &slope);
        E2(sqr)(&x, &slope);
        E2(sub)(&x, &x, &t->x);
        E2(sub)(&t->x, &x, addends == NULL ? &t->x : &addends[i].x);
        E2(mul)(&slope, &slope, &t->x);
        E2(sub)(&t->y, &line.l4, &slope); /* slope*(x_T - x) - y_T */
        pairs[i].at.next = (const uint8_t *)&line;
        CU(mul_by_fixed_line)(&f[(first + i) / per_group], &pairs[i].at);
    }
}

/* The step for all pairs: by 2t for digit 0, by digit*q for 1 and -1, and by tail point number `tail` where that is not negative. */
ZKR_FUNCTION void CU(affine_steps)(FIELD12 *f, CU(affine_pair) *pairs, size_t n, size_t per_group, int digit, int tail)
{
    G2(affine) addends[CU(STEP_PAIRS)], points[CU(TAIL_LINES) + 1];
    for (size_t from = 0; from < n; from += CU(STEP_PAIRS)) {
        size_t count = n - from < CU(STEP_PAIRS) ? n - from : CU(STEP_PAIRS);
        for (size_t i = 0; i < count && (digit != 0 || tail >= 0); i++) {
            addends[i] = pairs[from + i].q;
            if (digit < 0) G2(negate)(&addends[i], &addends[i]);
            if (tail >= 0) {
                CU(tail_points)(points, &pairs[from + i].q);
                addends[i] = points[tail];
            }
        }
        CU(affine_step)(f, pairs + from, digit != 0 || tail >= 0 ? addends : NULL, from, count, per_group);
    }
}

/* f[g] = the product of the Miller loops of pairs [g*per_group, (g + 1)*per_group); each t is then what ends_in_subgroup takes. */
ZKR_FUNCTION void CU(miller_affine)(FIELD12 *f, CU(affine_pair) *pairs, size_t n, size_t per_group)
{
    size_t num_groups = (n + per_group - 1) / per_group;
    for (size_t g = 0; g < num_groups; g++) E12(set_one)(&f[g]);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        for (size_t g = 0; g < num_groups; g++) E12(sqr)(&f[g], &f[g]);
        CU(affine_steps)(f, pairs, n, per_group, 0, -1);
        if (CU(ate_digits)[i] != 0) CU(affine_steps)(f, pairs, n, per_group, CU(ate_digits)[i], -1);
    }
    for (int i = 0; i < CU(TAIL_LINES); i++) CU(affine_steps)(f, pairs, n, per_group, 0, i);
    for (size_t g = 0; g < num_groups; g++) CU(miller_tail)(&f[g], NULL, 0, NULL, 0);
}

/* Whether the pair's q, a point of the twist, is in the subgroup, after the loop. */
ZKR_FUNCTION int CU(affine_in_subgroup)(const CU(affine_pair) *pair)
{
    CU(projective) t = {.x = pair->t.x, .y = pair->t.y};
    E2(set_one)(&t.z);
    return !pair->is_lost && CU(ends_in_subgroup)(&t, &pair->q);
}
#undef G1
#undef G2
