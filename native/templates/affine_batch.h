/* affine_batch.h: many independent affine additions in GROUP with one inversion for all.
 *
 * lambda = (y2 - y1)/(x2 - x1), or 3*x^2/(2*y) to double; x3 = lambda^2 - x1 - x2, y3 = lambda*(x1 - x3) - y1.  With the
 * inversion shared ([Mon87]) an addition costs 5M + 1S against 8M + 2S of XYZZ.  Pairs that need no inversion (infinity on
 * a side, opposite points) are settled at once, so that no zero enters the shared product.
 */
enum { GR(BATCH_SIZE) = 256 };

typedef struct {
    size_t count;
    struct {
        COORD x1, y1, x2, numerator; /* numerator of lambda */
        GR(affine) *out;
    } pair[GR(BATCH_SIZE)];
    COORD denominator[GR(BATCH_SIZE)], inverse[GR(BATCH_SIZE)];
} GR(batch);

/* Carry out all additions that are waiting: a few side by side, as the three products of one wait for one another. */
ZKR_FUNCTION void GR(batch_flush)(GR(batch) *batch)
{
    enum { ABREAST = 8 };
    if (batch->count == 0) return;
    CO(batch_inverse_vartime)(batch->inverse, batch->denominator, batch->count);
    for (size_t from = 0; from < batch->count; from += ABREAST) {
        size_t n = batch->count - from < ABREAST ? batch->count - from : ABREAST;
        COORD lambda[ABREAST], x3[ABREAST], t;
        for (size_t i = 0; i < n; i++) CO(mul_hot)(&lambda[i], &batch->pair[from + i].numerator, &batch->inverse[from + i]);
        for (size_t i = 0; i < n; i++) {
            CO(sqr_hot)(&t, &lambda[i]);
            CO(sub)(&t, &t, &batch->pair[from + i].x1);
            CO(sub)(&x3[i], &t, &batch->pair[from + i].x2);
        }
        for (size_t i = 0; i < n; i++) {
            CO(sub)(&t, &batch->pair[from + i].x1, &x3[i]);
            CO(mul_hot)(&t, &t, &lambda[i]);
            batch->pair[from + i].out->x = x3[i];
            CO(sub)(&batch->pair[from + i].out->y, &t, &batch->pair[from + i].y1);
        }
    }
    batch->count = 0;
}

/* *out = p + q, now or at the next flush; until then *out must neither be read nor be an operand. */
ZKR_INLINE void GR(batch_add)(GR(batch) *batch, GR(affine) *out, const GR(affine) *p, const GR(affine) *q)
{
    size_t i = batch->count;
    if (GR(is_infinity)(p)) {
        *out = *q;
        return;
    }
    if (GR(is_infinity)(q)) {
        *out = *p;
        return;
    }
    CO(sub)(&batch->denominator[i], &q->x, &p->x);
    if (CO(is_zero)(&batch->denominator[i])) {
        if (!CO(equal)(&p->y, &q->y) || CO(is_zero)(&p->y)) {
            GR(set_infinity)(out);
            return;
        }
        COORD square;
        CO(sqr)(&square, &p->x);
        CO(dbl)(&batch->pair[i].numerator, &square);
        CO(add)(&batch->pair[i].numerator, &batch->pair[i].numerator, &square);
        CO(dbl)(&batch->denominator[i], &p->y);
    } else {
        CO(sub)(&batch->pair[i].numerator, &q->y, &p->y);
    }
    batch->pair[i].x1 = p->x;
    batch->pair[i].y1 = p->y;
    batch->pair[i].x2 = q->x;
    batch->pair[i].out = out;
    if (++batch->count == GR(BATCH_SIZE)) GR(batch_flush)(batch);
}

/* out[i] = a[i] + b[i] over byte arrays; out may be an input. */
ZKR_FUNCTION int GR(add_vartime)(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    enum { SIZE = sizeof(GR(affine)) };
    GR(affine) sums[GR(BATCH_SIZE)];
    GR(batch) *batch = malloc(sizeof *batch);
    if (batch == NULL) return ZKR_ERR_MEMORY;
    batch->count = 0;
    for (size_t from = 0; from < n; from += GR(BATCH_SIZE)) {
        size_t count = n - from < GR(BATCH_SIZE) ? n - from : GR(BATCH_SIZE);
        for (size_t i = 0; i < count; i++) {
            GR(affine) p, q;
            GR(load)(&p, a + (from + i) * SIZE);
            GR(load)(&q, b + (from + i) * SIZE);
            GR(batch_add)(batch, &sums[i], &p, &q);
        }
        GR(batch_flush)(batch);
        memcpy(out + from * SIZE, sums, count * SIZE);
    }
    free(batch);
    return ZKR_OK;
}
