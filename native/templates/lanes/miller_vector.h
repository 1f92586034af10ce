/* lanes/miller_vector.h: the Miller loop of pairing.h with f in one vector (lanes/fp12_vector.h).  Parameters: CURVE, GROUP1, GROUP2,
 * FIELD, FIELD2, FIELD12, for a twist of D-type: a line is l0 + l3*w + l4*w^3.
 *
 * Points move on in the scalar kernel.  A line's six numbers enter the lanes together, and the product that brings them there also
 * evaluates them at P: with s*R the scalar kernel's form of s, entering it twice makes a factor that takes l*R to l*s*RR.
 */

/* The columns of coefficient `lane`, `lane` + 1 of a line times f, whose lanes move up by `power`. */
ZKR_INLINE void E12(vector_add_term)(E2(x8_sum) *sum, const FE(x8) *line, const FE(x8) *line_sums, int lane, const E2(x8_factor) *f,
                                     const E2(x8_factor) *xi_f, int power)
{
    FE(x8_turned_columns)(sum->real, line, lane, &f->c0, &xi_f->c0, power);
    FE(x8_turned_columns)(sum->imaginary, line, lane + 1, &f->c1, &xi_f->c1, power);
    FE(x8_turned_columns)(sum->cross, line_sums, lane, &f->sum, &xi_f->sum, power);
}

/* In lane 2k the sum of lanes 2k and 2k + 1. */
ZKR_INLINE void FE(x8_sums_of_neighbours)(FE(x8) *out, const FE(x8) *a)
{
    FE(x8) swapped;
    ZKR_UNROLL
    for (int i = 0; i < FE(LIMBS52); i++) swapped.limb[i] = _mm512_shuffle_epi32(a->limb[i], 0x4e);
    FE(x8_add)(out, a, &swapped);
}

ZKR_INLINE void E12(vector_factors)(E2(x8_factor) *f_factor, E2(x8_factor) *xi_factor, const E12(vector) *f)
{
    E2(x8) t;
    E2(x8_factor_of)(f_factor, f);
    E2(x8_mul_by_xi)(&t, f);
    E2(x8_factor_of)(xi_factor, &t);
}

/* f <- f*(l0 + l3*w + l4*w^3) for lanes 0..5 of line, below 2p. */
ZKR_FUNCTION void E12(vector_mul_by_line)(E12(vector) *f, const FE(x8) *line)
{
    E2(x8_factor) factor, xi_factor;
    E2(x8_sum) sum;
    FE(x8) sums;
    FE(x8_sums_of_neighbours)(&sums, line);
    E12(vector_factors)(&factor, &xi_factor, f);
    E2(x8_sum_clear)(&sum);
    E12(vector_add_term)(&sum, line, &sums, 0, &factor, &xi_factor, 0);
    E12(vector_add_term)(&sum, line, &sums, 2, &factor, &xi_factor, 1);
    E12(vector_add_term)(&sum, line, &sums, 4, &factor, &xi_factor, 3);
    E2(x8_sum_reduce)(f, &sum);
}

/* f <- f*(1 + l3*w + l4*w^3) for lanes `lane`..`lane` + 3 of line, below 2p. */
ZKR_FUNCTION void E12(vector_mul_by_line_1)(E12(vector) *f, const FE(x8) *line, int lane)
{
    E2(x8_factor) factor, xi_factor;
    E2(x8_sum) sum;
    E2(x8) t;
    FE(x8) sums;
    FE(x8_sums_of_neighbours)(&sums, line);
    E12(vector_factors)(&factor, &xi_factor, f);
    E2(x8_sum_clear)(&sum);
    E12(vector_add_term)(&sum, line, &sums, lane, &factor, &xi_factor, 1);
    E12(vector_add_term)(&sum, line, &sums, lane + 2, &factor, &xi_factor, 3);
    E2(x8_sum_reduce)(&t, &sum);
    E2(x8_add)(&t, &t, f); /* 6 */
    E2(x8_reduce)(f, &t);
}

/* Eight numbers of P in the form that both enters and evaluates. */
ZKR_INLINE void FE(x8_enter_twice)(FE(x8) *out, const FIELD *values)
{
    FE(x8_load)(out, values);
    FE(x8_from_scalar)(out, out);
    FE(x8_from_scalar)(out, out);
}

ZKR_INLINE void CU(vector_line_into)(E12(vector) *f, const CU(line) *line, const FE(x8) *scale)
{
    FIELD numbers[8] = {line->l0.c0, line->l0.c1, line->l3.c0, line->l3.c1, line->l4.c0, line->l4.c1};
    FE(x8) t;
    FE(x8_load)(&t, numbers);
    FE(x8_mul)(&t, &t, scale);
    E12(vector_mul_by_line)(f, &t);
}

/* The next lines of pairs 0 and 1, or of pair 0 alone. */
ZKR_INLINE void CU(vector_fixed_lines_into)(E12(vector) *f, CU(fixed_pair) *pairs, size_t n, const FE(x8) *scale)
{
    CU(fixed_line) lines[2];
    FE(x8) t;
    CU(next_fixed_line)(&lines[0], &pairs[0]);
    lines[1] = lines[0];
    if (n > 1) CU(next_fixed_line)(&lines[1], &pairs[1]);
    FE(x8_load)(&t, &lines[0].l3.c0);
    FE(x8_mul)(&t, &t, scale);
    E12(vector_mul_by_line_1)(f, &t, 0);
    if (n > 1) E12(vector_mul_by_line_1)(f, &t, 4);
}

_Static_assert(sizeof(CU(fixed_line)) == 4 * sizeof(FIELD), "two fixed lines are eight elements");

ZKR_INLINE void CU(vector_all_fixed_lines_into)(E12(vector) *f, CU(fixed_pair) *fixed, size_t num_fixed, const FE(x8) *scales)
{
    for (size_t k = 0; k < num_fixed; k += 2) CU(vector_fixed_lines_into)(f, fixed + k, num_fixed - k, &scales[k / 2]);
}

ZKR_INLINE void CU(vector_add_into)(E12(vector) *f, CU(miller_pair) *pair, const ZKR_JOIN(GROUP2, affine) *q, const FE(x8) *scale)
{
    CU(line) line;
    CU(add_step)(&line, &pair->t, q);
    CU(vector_line_into)(f, &line, scale);
}

/* P's numbers for a line: y, y, x, x, 1, 1. */
ZKR_INLINE void CU(vector_scale_of)(FE(x8) *out, const ZKR_JOIN(GROUP1, affine) *p)
{
    FIELD numbers[8] = {p->y, p->y, p->x, p->x};
    for (int i = 4; i < 8; i++) FE(set_one)(&numbers[i]);
    FE(x8_enter_twice)(out, numbers);
}

/* The loop of pairing.h; plain pairs in portions whose scales fit on the stack. */
enum { CU(PORTION) = 16 };
ZKR_FUNCTION void CU(vector_portion)(E12(vector) *f, CU(miller_pair) *pairs, size_t n, CU(fixed_pair) *fixed, size_t num_fixed)
{
    FE(x8) scales[CU(PORTION)], fixed_scales[(CU(FIXED_PAIRS) + 1) / 2];
    ZKR_JOIN(GROUP2, affine) tail[CU(TAIL_LINES) + 1];
    CU(line) line;
    FIELD12 one;
    for (size_t k = 0; k < n; k++) CU(vector_scale_of)(&scales[k], &pairs[k].p);
    for (size_t k = 0; k < num_fixed; k += 2) {
        const CU(fixed_pair) *a = &fixed[k], *b = k + 1 < num_fixed ? &fixed[k + 1] : a;
        FIELD numbers[8] = {a->x_over_y, a->x_over_y, a->inverse_y, a->inverse_y, b->x_over_y, b->x_over_y, b->inverse_y, b->inverse_y};
        FE(x8_enter_twice)(&fixed_scales[k / 2], numbers);
    }
    E12(set_one)(&one);
    E12(vector_enter)(f, &one);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        int digit = CU(ate_digits)[i];
        E12(vector_mul)(f, f, f);
        for (size_t k = 0; k < n; k++) {
            CU(double_step)(&line, &pairs[k].t);
            CU(vector_line_into)(f, &line, &scales[k]);
            if (digit != 0) CU(vector_add_into)(f, &pairs[k], digit > 0 ? &pairs[k].q : &pairs[k].minus_q, &scales[k]);
        }
        CU(vector_all_fixed_lines_into)(f, fixed, num_fixed, fixed_scales);
        if (digit != 0) CU(vector_all_fixed_lines_into)(f, fixed, num_fixed, fixed_scales);
    }
    for (size_t k = 0; k < n; k++) {
        CU(tail_points)(tail, &pairs[k].q);
        for (int i = 0; i < CU(TAIL_LINES); i++) CU(vector_add_into)(f, &pairs[k], &tail[i], &scales[k]);
    }
    for (int i = 0; i < CU(TAIL_LINES); i++) CU(vector_all_fixed_lines_into)(f, fixed, num_fixed, fixed_scales);
}

ZKR_FUNCTION void CU(miller_loop)(FIELD12 *f, CU(miller_pair) *pairs, size_t n, CU(fixed_pair) *fixed, size_t num_fixed)
{
    E12(vector) product, portion;
    CU(vector_portion)(&product, pairs, n < CU(PORTION) ? n : CU(PORTION), fixed, num_fixed);
    for (size_t k = CU(PORTION); k < n; k += CU(PORTION)) {
        CU(vector_portion)(&portion, pairs + k, n - k < CU(PORTION) ? n - k : CU(PORTION), NULL, 0);
        E12(vector_mul)(&product, &product, &portion);
    }
    E12(vector_leave)(f, &product);
}
