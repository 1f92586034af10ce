/* bls_pairing.h: what is a Barreto-Lynn-Scott curve's own in the optimal ate pairing: embedding degree 12, an M-type twist and a
 * negative seed x = -SEED; and membership in G1 and G2.
 * Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD6, FIELD12.
 *
 * e(P, Q) = f_{x,Q}(P)^((p^12-1)/r)  ([Ver10]), f_{x,Q} = 1/f_{-x,Q} up to a factor that the exponentiation sends to 1.
 * With w^6 = xi the twist's (x, y) lies on the curve at (x/w^2, y/w^3), and a line of slope lambda/w, times w^3, is
 * y_P*w^3 - lambda*x_P*w^2 + (lambda*x_T - y_T).
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* For a point of G1's curve: whether phi(P) = -x^2*P with phi(x, y) = (beta*x, y), which holds exactly on the subgroup of
 * order r ([Scott21]; the proof is in params/generate.py).  Two products by the seed, of weight 6. */
ZKR_FUNCTION int G1(is_in_subgroup)(const G1(affine) *p)
{
    static const uint64_t seed = CU(SEED);
    G1(affine) multiple, image;
    G1(xyzz) product;
    G1(mul_vartime)(&product, p, &seed, 1);
    G1(to_affine_vartime)(&multiple, &product);
    G1(mul_vartime)(&product, &multiple, &seed, 1); /* x^2*P */
    FE(mul)(&image.x, &p->x, &CU(beta));
    image.y = p->y;
    G1(xyzz_add_affine)(&product, &product, &image);
    return G1(xyzz_is_infinity)(&product);
}

/* f <- f*(l4 + l3*v + l0*v*w): 13 products in FIELD2. */
ZKR_FUNCTION void CU(mul_by_line_m)(FIELD12 *f, const FIELD2 *l4, const FIELD2 *l3, const FIELD2 *l0)
{
    FIELD6 t0, t1, s;
    FIELD2 l30;
    E6(mul_by_01)(&t0, &f->c0, l4, l3);
    E6(mul_by_0)(&t1, &f->c1, l0);
    E6(mul_by_v)(&t1, &t1);
    E2(add)(&l30, l3, l0);
    E6(add)(&s, &f->c0, &f->c1);
    E6(mul_by_01)(&s, &s, l4, &l30);
    E6(sub)(&s, &s, &t0);
    E6(sub)(&f->c1, &s, &t1);
    E6(mul_by_v)(&t1, &t1);
    E6(add)(&f->c0, &t0, &t1);
}

/* f <- f * line(p). */
ZKR_INLINE void CU(mul_by_line)(FIELD12 *f, CU(line) *line, const G1(affine) *p)
{
    E2(mul_by_base)(&line->l0, &line->l0, &p->y);
    E2(mul_by_base)(&line->l3, &line->l3, &p->x);
    CU(mul_by_line_m)(f, &line->l4, &line->l3, &line->l0);
}

ZKR_INLINE void CU(add_step_into)(FIELD12 *f, CU(miller_pair) *pair, const G2(affine) *q)
{
    CU(line) line;
    CU(add_step)(&line, &pair->t, q);
    CU(mul_by_line)(f, &line, &pair->p);
}

/* f <- f*(l4 + l3*v + v*w) for a line divided by its l0 and a P given as x/y, 1/y: 10 products. */
ZKR_FUNCTION void CU(mul_by_fixed_line)(FIELD12 *f, CU(fixed_pair) *pair)
{
    CU(fixed_line) line;
    FIELD6 t0, t1, s;
    FIELD2 one;
    CU(next_fixed_line)(&line, pair);
    E2(mul_by_base)(&line.l3, &line.l3, &pair->x_over_y);
    E2(mul_by_base)(&line.l4, &line.l4, &pair->inverse_y);
    E6(mul_by_01)(&t0, &f->c0, &line.l4, &line.l3);
    E6(mul_by_v)(&t1, &f->c1);
    E2(set_one)(&one);
    E2(add)(&line.l3, &line.l3, &one);
    E6(add)(&s, &f->c0, &f->c1);
    E6(mul_by_01)(&s, &s, &line.l4, &line.l3);
    E6(sub)(&s, &s, &t0);
    E6(sub)(&f->c1, &s, &t1);
    E6(mul_by_v)(&t1, &t1);
    E6(add)(&f->c0, &t0, &t1);
}

/* Nothing is added behind the loop. */
enum { CU(TAIL_LINES) = 0 };
ZKR_INLINE void CU(tail_points)(G2(affine) *out, const G2(affine) *q)
{
    (void)out;
    (void)q;
}

/* The seed is negative: the conjugate is the inverse up to a factor of Fp6. */
ZKR_INLINE void CU(miller_tail)(FIELD12 *f, CU(miller_pair) *pairs, size_t n, CU(fixed_pair) *fixed, size_t num_fixed)
{
    (void)pairs, (void)n, (void)fixed, (void)num_fixed;
    E12(conjugate)(f, f);
}

/* psi, the Frobenius endomorphism of the curve carried to the twist. */
ZKR_FUNCTION void CU(twist_frobenius)(G2(affine) *out, const G2(affine) *q)
{
    E2(conjugate)(&out->x, &q->x);
    E2(mul)(&out->x, &out->x, &CU(psi)[0]);
    E2(conjugate)(&out->y, &q->y);
    E2(mul)(&out->y, &out->y, &CU(psi)[1]);
}

/* Whether Q, a point of the twist, is in the subgroup of order r, for t as a Miller loop of Q leaves it: t = -x*Q, and the test
 * is t = -psi(Q) as in GROUP2's is_in_subgroup.  On the subgroup the loop meets no exceptional addition, as all multiples on the
 * way are below r.  Outside it may; then Z = 0 from there on (the formulas send T + T, and infinity + Q, to (0, 0, 0), which
 * stays), and is refused. */
ZKR_FUNCTION int CU(ends_in_subgroup)(const CU(projective) *t, const G2(affine) *q)
{
    G2(affine) image;
    FIELD2 x, y;
    CU(twist_frobenius)(&image, q);
    E2(mul)(&x, &image.x, &t->z);
    E2(mul)(&y, &image.y, &t->z);
    E2(neg)(&y, &y);
    return !E2(is_zero)(&t->z) && E2(equal)(&x, &t->x) && E2(equal)(&y, &t->y);
}

/* For a point of the twist: whether psi(Q) = x*Q, which holds exactly on the subgroup of order r ([Scott21]; conditions on the
 * numbers: params/generate.py). */
ZKR_FUNCTION int G2(is_in_subgroup)(const G2(affine) *q)
{
    static const uint64_t seed = CU(SEED);
    G2(affine) image;
    G2(xyzz) product;
    G2(mul_vartime)(&product, q, &seed, 1); /* -x*Q */
    CU(twist_frobenius)(&image, q);
    G2(xyzz_add_affine)(&product, &product, &image);
    return G2(xyzz_is_infinity)(&product);
}

/* f^((p^12-1)/r): p^6-1, then p^2+1, then (p^4-p^2+1)/r = ((x-1)^2/3)*(x+p)*(x^2+p^2-1) + 1  ([HHT20] theorem 1).
 * f has order dividing p^4-p^2+1 from the second step on, so its inverse is its conjugate. */
ZKR_FUNCTION void CU(final_exponentiation)(FIELD12 *out, const FIELD12 *in)
{
    FIELD12 f, t, g, power;
    E12(inverse_vartime)(&t, in);
    E12(conjugate)(&f, in);
    E12(mul)(&f, &f, &t);
    E12(frobenius)(&t, &f, 2);
    E12(mul)(&f, &f, &t);

    E12(cyclotomic_pow)(&g, &f, CU(SEED_THIRD)); /* (x-1)^2/3 = (SEED+1)/3 * (SEED+1) */
    E12(cyclotomic_pow)(&power, &g, CU(SEED));
    E12(mul)(&g, &g, &power);
    E12(cyclotomic_pow)(&power, &g, CU(SEED)); /* g^(x+p) */
    E12(conjugate)(&power, &power);
    E12(frobenius)(&t, &g, 1);
    E12(mul)(&g, &power, &t);
    E12(cyclotomic_pow)(&power, &g, CU(SEED)); /* g^(x^2+p^2-1) */
    E12(cyclotomic_pow)(&power, &power, CU(SEED));
    E12(frobenius)(&t, &g, 2);
    E12(mul)(&power, &power, &t);
    E12(conjugate)(&t, &g);
    E12(mul)(&g, &power, &t);
    E12(mul)(out, &g, &f);
}
#undef G1
#undef G2
