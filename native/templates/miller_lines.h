/* miller_lines.h: the lines of a Miller loop on a sextic twist with a = 0.  Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, and
 * the constant GROUP2's b.
 *
 * Lines and points: homogeneous projective formulas of [AKLGL11] section 4.  With lambda the slope on the twist, a line has three
 * coefficients up to a factor of a subfield that the final exponentiation sends to 1: l0 times y_P, l3 = -lambda*l0 times x_P,
 * l4 = (lambda*x_T - y_T)*l0.  At which powers of w they stand depends on the type of the twist: CU(mul_by_line).
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

typedef struct {
    FIELD2 x, y, z;
} CU(projective);

typedef struct {
    FIELD2 l0, l3, l4;
} CU(line);

typedef struct {
    G1(affine) p;
    G2(affine) q;
} CU(point_pair);

typedef struct {
    G1(affine) p;
    G2(affine) q, minus_q;
    CU(projective) t;
} CU(miller_pair);

/* t <- 2t, and the tangent at t; coordinates are four times those of [AKLGL11], which saves the halvings.  Still to be evaluated: l0 by y_P, l3 by x_P. */
ZKR_FUNCTION void CU(double_step)(CU(line) *line, CU(projective) *t)
{
    FIELD2 a, b, c, e, f, g, h, square;
    E2(mul)(&a, &t->x, &t->y);
    E2(sqr)(&b, &t->y);
    E2(sqr)(&c, &t->z);
    E2(add)(&h, &t->y, &t->z);
    E2(sqr)(&h, &h);
    E2(sub)(&h, &h, &b);
    E2(sub)(&h, &h, &c); /* 2YZ */
    E2(dbl)(&e, &c);
    E2(add)(&e, &e, &c);
    E2(mul)(&e, &e, &G2(b)); /* 3bZ^2 */
    E2(dbl)(&f, &e);
    E2(add)(&f, &f, &e);
    E2(add)(&g, &b, &f);
    E2(sqr)(&square, &t->x);
    E2(neg)(&line->l0, &h);           /* -2YZ    */
    E2(dbl)(&line->l3, &square);
    E2(add)(&line->l3, &line->l3, &square); /* 3X^2    */
    E2(sub)(&line->l4, &e, &b);       /* 3bZ^2 - Y^2 */
    E2(sub)(&f, &b, &f);
    E2(mul)(&f, &a, &f);
    E2(dbl)(&t->x, &f); /* 2XY*(Y^2 - 9bZ^2) */
    E2(sqr)(&g, &g);
    E2(dbl)(&e, &e);
    E2(sqr)(&e, &e);
    E2(sub)(&g, &g, &e);
    E2(sub)(&g, &g, &e);
    E2(sub)(&t->y, &g, &e); /* (Y^2 + 9bZ^2)^2 - 3*(6bZ^2)^2 */
    E2(mul)(&h, &b, &h);
    E2(dbl)(&h, &h);
    E2(dbl)(&t->z, &h); /* 8Y^3*Z */
}

/* t <- t + q, and the chord through both. */
ZKR_FUNCTION void CU(add_step)(CU(line) *line, CU(projective) *t, const G2(affine) *q)
{
    FIELD2 theta, lambda, c, d, e, f, g, h;
    E2(mul)(&theta, &q->y, &t->z);
    E2(sub)(&theta, &t->y, &theta); /* Y - y*Z */
    E2(mul)(&lambda, &q->x, &t->z);
    E2(sub)(&lambda, &t->x, &lambda); /* X - x*Z */
    line->l0 = lambda;
    E2(neg)(&line->l3, &theta);
    E2(mul)(&c, &theta, &q->x);
    E2(mul)(&d, &lambda, &q->y);
    E2(sub)(&line->l4, &c, &d);
    E2(sqr)(&c, &theta);
    E2(sqr)(&d, &lambda);
    E2(mul)(&e, &lambda, &d);
    E2(mul)(&f, &t->z, &c);
    E2(mul)(&g, &t->x, &d);
    E2(add)(&h, &e, &f);
    E2(sub)(&h, &h, &g);
    E2(sub)(&h, &h, &g);
    E2(mul)(&t->x, &lambda, &h);
    E2(sub)(&g, &g, &h);
    E2(mul)(&g, &theta, &g);
    E2(mul)(&c, &e, &t->y);
    E2(sub)(&t->y, &g, &c);
    E2(mul)(&t->z, &t->z, &e);
}
#undef G1
#undef G2
