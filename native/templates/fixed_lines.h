/* fixed_lines.h: the lines of a Miller loop of a fixed G2 point, computed once.  Parameters: CURVE, GROUP1, GROUP2, FIELD,
 * FIELD2; before inclusion miller_lines.h.
 *
 * A line l0*y_P + l3*x_P*.. + l4*.. divided by l0*y_P is 1 + (l3/l0)*(x_P/y_P)*.. + (l4/l0)*(1/y_P)*..: the same pairing, as the
 * factor is in a subfield, and a cheaper product.  l0 is never 0 for a point of prime order r, nor y_P.  [CS10] has the idea.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

typedef struct {
    FIELD2 l3, l4;
} CU(fixed_line);

typedef struct {
    FIELD x_over_y, inverse_y;  /* of P */
    const uint8_t *next;        /* the fixed lines that are left; no alignment needed */
} CU(fixed_pair);

ZKR_INLINE void CU(next_fixed_line)(CU(fixed_line) *line, CU(fixed_pair) *pair)
{
    memcpy(line, pair->next, sizeof *line);
    pair->next += sizeof *line;
}

/* pairs[i] = (points[i], lines[i]) for n <= FIXED_PAIRS finite points. */
enum { CU(FIXED_PAIRS) = 3 };
ZKR_FUNCTION void CU(fixed_pairs_set)(CU(fixed_pair) *pairs, const G1(xyzz) *points, const uint8_t *const *lines, size_t n)
{
    FIELD denominator[CU(FIXED_PAIRS)], inverse[CU(FIXED_PAIRS)], t;
    memset(denominator, 0, sizeof denominator);
    for (size_t i = 0; i < n; i++) FE(mul)(&denominator[i], &points[i].zz, &points[i].y);
    FE(batch_inverse_vartime)(inverse, denominator, n);
    for (size_t i = 0; i < n; i++) { /* x/y = X*ZZZ/(ZZ*Y), 1/y = ZZ*ZZZ/(ZZ*Y) */
        FE(mul)(&t, &points[i].zzz, &inverse[i]);
        FE(mul)(&pairs[i].x_over_y, &points[i].x, &t);
        FE(mul)(&pairs[i].inverse_y, &points[i].zz, &t);
        pairs[i].next = lines[i];
    }
}
#undef G1
#undef G2
