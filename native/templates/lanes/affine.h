/* lanes/affine.h: many independent affine additions in GROUP, eight to a vector, one inversion for all of a batch.
 * Parameters: GROUP, COORD, FIELD; after group.h and the lanes of COORD.
 *
 * affine_batch.h has the formulas.  Pass 1 takes the differences of x and their running products, from the last item to the
 * first; then the product of everything is inverted; pass 2 goes the other way, so that an item's result may overwrite the
 * operands of items before it.  Even and odd items are two chains, and run side by side.
 *
 * Coordinates are tight and below 3p throughout (x8_narrow), infinity does not occur: lanes without a second operand are
 * masked out and pass the first one on.  Equal or opposite points make the product of the batch zero, so they cost nothing
 * to detect; then pass 1 is repeated with them taken out (adder_repair).  Equal points are doubled in their lanes.  For
 * opposite ones, whose sum has no affine coordinates, the constant point D takes the sum's place, and the adder's owner is
 * told (msm_cancelled), who subtracts D again at the end.
 */
/* 80 KiB of each coordinate: all that a batch touches stays in an L2 of 1 MiB beside the points (measured: 40 and 160 are slower). */
enum { GR(ADDER_ITEMS) = (int)(80 * 1024 / sizeof(CO(x8))) & ~1 };

typedef struct {
    CO(x8) x, y;
} GR(x8_node);

/* Where the operands come from: points in memory by position, two neighbours among vectors, or one by position in each of
 * two arrays, the second under the endomorphism or not. */
enum { GR(FROM_POINTS), GR(FROM_NODES), GR(FROM_TWO), GR(FROM_TWO_ENDO) };

typedef struct {
    CO(x8) x1, dx, prefix;       /* dx stands for x2 - x1 + 3p, or what replaces it */
    GR(x8_node) *out;
    const GR(x8_node) *nodes;  /* FROM_NODES: both operands */
    const uint32_t *slots;       /* what the lanes belong to, for msm_cancelled; NULL: to the left operands' */
    uint32_t left[8], right[8];  /* others: position << 1 | negative */
    __mmask8 active, doubled, cancelled;
    __mmask8 right_only;         /* FROM_TWO: lanes whose first operand is missing */
} GR(x8_item);

struct GR(msm_workspace);
ZKR_FUNCTION void GR(msm_cancelled)(struct GR(msm_workspace) *owner, const uint32_t *slots, unsigned lanes);

typedef struct {
    size_t count;
    const uint8_t *left_points, *right_points;
    GR(x8_node) d, sink[3]; /* D in all lanes; an item that fills up a pair of chains */
    struct GR(msm_workspace) *owner;
    GR(x8_item) item[GR(ADDER_ITEMS)];
} GR(adder);

_Static_assert(FE(NARROWED_MULTIPLES) >= 9, "the sums of an addition stay below what x8_narrow takes");

/* --- operands --------------------------------------------------------------------------------------------------------------- */
ZKR_INLINE __mmask8 GR(x8_addresses)(const uint8_t **addresses, const uint8_t *points, const uint32_t *entries)
{
    ZKR_UNROLL
    for (int k = 0; k < 8; k++) addresses[k] = points + (size_t)(entries[k] >> 1) * sizeof(GR(affine));
    return _mm256_test_epi32_mask(_mm256_loadu_si256((const __m256i *)(const void *)entries), _mm256_set1_epi32(1));
}

ZKR_INLINE void GR(x8_endomorphism)(CO(x8) *x)
{
    FE(x8) beta;
    FE(x8_broadcast)(&beta, GR(glv_beta52));
    CO(x8_mul_by_base)(x, x, &beta);
}

ZKR_INLINE void GR(operand_x)(CO(x8) *x1, CO(x8) *x2, const GR(adder) *adder, const GR(x8_item) *item, int from)
{
    const uint8_t *left[8], *right[8];
    if (from == GR(FROM_NODES)) {
        *x1 = item->nodes[0].x;
        *x2 = item->nodes[1].x;
        return;
    }
    GR(x8_addresses)(left, adder->left_points, item->left);
    GR(x8_addresses)(right, adder->right_points, item->right);
    CO(x8_gather)(x1, left, 0);
    CO(x8_gather)(x2, right, 0);
    if (from == GR(FROM_TWO_ENDO)) GR(x8_endomorphism)(x2);
    if (from == GR(FROM_TWO_ENDO) || from == GR(FROM_TWO)) CO(x8_select)(x1, item->right_only, x2, x1);
}

/* With signs: loose, in (0, 3p]. */
ZKR_INLINE void GR(operand_y)(CO(x8) *y1, CO(x8) *y2, const GR(adder) *adder, const GR(x8_item) *item, int from)
{
    const uint8_t *left[8], *right[8];
    if (from == GR(FROM_NODES)) {
        *y1 = item->nodes[0].y;
        *y2 = item->nodes[1].y;
        return;
    }
    __mmask8 minus1 = GR(x8_addresses)(left, adder->left_points, item->left);
    __mmask8 minus2 = GR(x8_addresses)(right, adder->right_points, item->right);
    CO(x8_gather)(y1, left, sizeof(COORD));
    CO(x8_gather)(y2, right, sizeof(COORD));
    CO(x8_negate_where_loose)(y1, y1, minus1, 3);
    CO(x8_negate_where_loose)(y2, y2, minus2, 3);
    if (from == GR(FROM_TWO_ENDO) || from == GR(FROM_TWO)) CO(x8_select)(y1, item->right_only, y2, y1);
}

/* --- pass 1 ----------------------------------------------------------------------------------------------------------------- */
ZKR_INLINE void GR(adder_difference)(const GR(adder) *adder, GR(x8_item) *item, int from)
{
    CO(x8) x1, x2, one;
    GR(operand_x)(&x1, &x2, adder, item, from);
    item->x1 = x1;
    CO(x8_sub)(&x2, &x2, &x1, 3);
    CO(x8_set_one)(&one);
    CO(x8_select)(&item->dx, item->active, &x2, &one);
}

enum { GR(PREFETCH_AHEAD) = 8 };

/* Ask for the points of an item that comes later. */
ZKR_INLINE void GR(adder_prefetch)(const GR(adder) *adder, const GR(x8_item) *item)
{
    ZKR_UNROLL
    for (int k = 0; k < 8; k++) {
        const uint8_t *left = adder->left_points + (size_t)(item->left[k] >> 1) * sizeof(GR(affine));
        const uint8_t *right = adder->right_points + (size_t)(item->right[k] >> 1) * sizeof(GR(affine));
        for (size_t line = 0; line < sizeof(GR(affine)); line += 64) {
            __builtin_prefetch(left + line);
            __builtin_prefetch(right + line);
        }
    }
}

/* product[chain] = the chain's dx multiplied together. */
ZKR_INLINE void GR(adder_multiply)(GR(adder) *adder, CO(x8) *product, int from, int differences)
{
    CO(x8_set_one)(&product[0]);
    CO(x8_set_one)(&product[1]);
    for (size_t i = adder->count; i > 0; i -= 2) {
        GR(x8_item) *first = &adder->item[i - 2], *second = &adder->item[i - 1];
        if (differences && from != GR(FROM_NODES) && i >= 2 + GR(PREFETCH_AHEAD)) {
            GR(adder_prefetch)(adder, first - GR(PREFETCH_AHEAD));
            GR(adder_prefetch)(adder, second - GR(PREFETCH_AHEAD));
        }
        if (differences) {
            GR(adder_difference)(adder, first, from);
            GR(adder_difference)(adder, second, from);
        }
        first->prefix = product[0];
        second->prefix = product[1];
        CO(x8_mul_two)(&product[0], &product[0], &first->dx, &product[1], &product[1], &second->dx);
    }
}

/* --- equal and opposite points ------------------------------------------------------------------------------------------------- */
ZKR_INLINE __mmask8 GR(x8_is_multiple)(const CO(x8) *a) /* of p: tight, below RR */
{
    CO(x8) reduced;
    CO(x8_reduce)(&reduced, a);
    CO(x8_canonical)(&reduced, &reduced);
    return CO(x8_is_zero)(&reduced);
}

/* Take the lanes with equal x out of the product: a doubling divides by 2*y, an opposite by nothing. */
ZKR_FUNCTION void GR(adder_repair)(GR(adder) *adder, int from)
{
    CO(x8) one;
    CO(x8_set_one)(&one);
    for (size_t i = 0; i < adder->count; i++) {
        GR(x8_item) *item = &adder->item[i];
        CO(x8) y1, y2, sum;
        __mmask8 equal = GR(x8_is_multiple)(&item->dx);
        if (!equal) continue;
        GR(operand_y)(&y1, &y2, adder, item, from);
        CO(x8_add)(&sum, &y1, &y2);
        item->cancelled = equal & GR(x8_is_multiple)(&sum);
        item->doubled = equal & (__mmask8)~item->cancelled;
        CO(x8_add)(&sum, &y1, &y1);
        CO(x8_select)(&item->dx, item->doubled, &sum, &item->dx);
        CO(x8_select)(&item->dx, item->cancelled, &one, &item->dx);
    }
}

/* The numerator of a tangent is 3*x^2, and its x2 is x1. */
ZKR_FUNCTION void GR(adder_tangent)(CO(x8) *dy, CO(x8) *dx, const GR(x8_item) *item)
{
    CO(x8) square, numerator, three_p;
    CO(x8_sqr)(&square, &item->x1);
    CO(x8_add)(&numerator, &square, &square);
    CO(x8_add)(&numerator, &numerator, &square); /* below 6p */
    CO(x8_select)(dy, item->doubled, &numerator, dy);
    CO(x8_set_zero)(&three_p);
    CO(x8_add_multiple_loose)(&three_p, &three_p, 3);
    CO(x8_select)(dx, item->doubled, &three_p, dx);
}

/* --- pass 2 ----------------------------------------------------------------------------------------------------------------- */
/* The slope of an item, dx, dy below 6p, inverses below 3p, so below 3p itself: item->prefix; y1 waits in out->y, which is an
 * operand of this item or of none to come. */
ZKR_INLINE void GR(adder_slopes)(GR(x8_item) *first, GR(x8_item) *second, CO(x8) *inverse0, CO(x8) *inverse1, const GR(adder) *adder,
                                 int from)
{
    CO(x8) dy0, dy1, y10, y11, y20, y21;
    GR(operand_y)(&y10, &y20, adder, first, from);
    GR(operand_y)(&y11, &y21, adder, second, from);
    CO(x8_sub)(&dy0, &y20, &y10, 3);
    CO(x8_sub)(&dy1, &y21, &y11, 3);
    if (__builtin_expect(first->doubled | second->doubled, 0)) {
        GR(adder_tangent)(&dy0, &first->dx, first);
        GR(adder_tangent)(&dy1, &second->dx, second);
    }
    first->out->y = y10;
    second->out->y = y11;
    CO(x8_mul_two)(&first->prefix, inverse0, &dy0, &second->prefix, inverse1, &dy1);
}

/* x3 = lambda^2 - x1 - x2 = lambda^2 - 2*x1 - (dx - 3p) from the square, below 2p: plus 7p that is in [p, 9p). */
ZKR_INLINE void GR(adder_x3)(CO(x8) *x3, const GR(x8_item) *item)
{
    CO(x8_sub_loose)(x3, x3, &item->dx);
    CO(x8_sub_loose)(x3, x3, &item->x1);
    CO(x8_sub_loose)(x3, x3, &item->x1);
    CO(x8_add_multiple_loose)(x3, x3, 10);
    CO(x8_narrow)(x3, x3);
}

/* y3 = lambda*(x1 - x3) - y1 from the product, below 3p: plus 4p that is in [p, 7p). */
ZKR_INLINE void GR(adder_store)(GR(adder) *adder, const GR(x8_item) *item, const CO(x8) *x3, CO(x8) *y3)
{
    GR(x8_node) *out = item->out;
    CO(x8) y1 = out->y;
    CO(x8_sub_loose)(y3, y3, &y1);
    CO(x8_add_multiple_loose)(y3, y3, 4);
    CO(x8_narrow)(&out->y, y3);
    out->x = *x3;
    if (item->active != 0xff) {
        CO(x8_carry)(&y1, &y1);
        CO(x8_select)(&out->x, item->active, x3, &item->x1);
        CO(x8_select)(&out->y, item->active, &out->y, &y1);
    }
    if (__builtin_expect(item->cancelled, 0)) {
        uint32_t slots[8];
        for (int k = 0; k < 8; k++) slots[k] = item->slots != NULL ? item->slots[k] : item->left[k] >> 1;
        CO(x8_select)(&out->x, item->cancelled, &adder->d.x, &out->x);
        CO(x8_select)(&out->y, item->cancelled, &adder->d.y, &out->y);
        GR(msm_cancelled)(adder->owner, slots, item->cancelled);
    }
}

/* The slopes of items i + 2 and i + 3 between the sums of i and i + 1: a step always has independent ones around it. */
ZKR_INLINE void GR(adder_finish)(GR(adder) *adder, CO(x8) *inverse, int from)
{
    CO(x8) inverse0, inverse1, x30, x31, y30, y31;
    for (size_t i = 0; i <= adder->count; i += 2) {
        GR(x8_item) *first = &adder->item[i], *second = &adder->item[i + 1]; /* slopes; those before them: sums */
        int slopes = i < adder->count, sums = i > 0;
        if (slopes) CO(x8_mul_two)(&inverse0, &inverse[0], &first->prefix, &inverse1, &inverse[1], &second->prefix);
        if (sums) CO(x8_sqr_two_loose)(&x30, &first[-2].prefix, &x31, &second[-2].prefix);
        if (slopes) CO(x8_mul_two)(&inverse[0], &inverse[0], &first->dx, &inverse[1], &inverse[1], &second->dx);
        if (sums) {
            GR(adder_x3)(&x30, &first[-2]);
            GR(adder_x3)(&x31, &second[-2]);
            CO(x8_sub)(&y30, &first[-2].x1, &x30, 3);
            CO(x8_sub)(&y31, &second[-2].x1, &x31, 3);
        }
        if (slopes) GR(adder_slopes)(first, second, &inverse0, &inverse1, adder, from);
        if (sums) {
            CO(x8_mul_two_loose)(&y30, &y30, &first[-2].prefix, &y31, &y31, &second[-2].prefix);
            GR(adder_store)(adder, &first[-2], &x30, &y30);
            GR(adder_store)(adder, &second[-2], &x31, &y31);
        }
    }
}

/* chain[k] <- 1/chain[k], for what pass 1 leaves.  Once a batch: one copy for all. */
ZKR_FUNCTION void GR(adder_invert)(GR(adder) *adder, CO(x8) *chain, int from)
{
    CO(x8) product[2] = {chain[0], chain[1]}, all;
    CO(x8_mul)(&all, &product[0], &product[1]);
    if (!CO(x8_inverse_vartime)(&all, &all)) {
        GR(adder_repair)(adder, from);
        GR(adder_multiply)(adder, product, from, 0);
        CO(x8_mul)(&all, &product[0], &product[1]);
        CO(x8_inverse_vartime)(&all, &all);
    }
    CO(x8_mul_two)(&chain[0], &all, &product[1], &chain[1], &all, &product[0]);
}

/* Both passes keep what they carry from item to item in variables that no pointer reaches. */
ZKR_INLINE void GR(adder_begin)(GR(adder) *adder, CO(x8) *chain, int from)
{
    CO(x8) product[2];
    GR(adder_multiply)(adder, product, from, 1);
    chain[0] = product[0];
    chain[1] = product[1];
}

ZKR_INLINE void GR(adder_end)(GR(adder) *adder, CO(x8) *chain, int from)
{
    GR(adder_invert)(adder, chain, from);
    CO(x8) inverse[2] = {chain[0], chain[1]};
    GR(adder_finish)(adder, inverse, from);
}

/* Pass 2 apart from pass 1 spills less; that of FROM_TWO_ENDO is that of FROM_TWO, as an endomorphism changes x only. */
ZKR_FUNCTION void GR(adder_end_points)(GR(adder) *adder, CO(x8) *chain) { GR(adder_end)(adder, chain, GR(FROM_POINTS)); }
ZKR_FUNCTION void GR(adder_end_nodes)(GR(adder) *adder, CO(x8) *chain) { GR(adder_end)(adder, chain, GR(FROM_NODES)); }
ZKR_FUNCTION void GR(adder_end_two)(GR(adder) *adder, CO(x8) *chain) { GR(adder_end)(adder, chain, GR(FROM_TWO)); }

#define ADDER_RUN(run, from, end)                                                                                      \
    ZKR_FUNCTION void GR(run)(GR(adder) *adder)                                                                        \
    {                                                                                                                  \
        CO(x8) chain[2];                                                                                               \
        GR(adder_begin)(adder, chain, GR(from));                                                                       \
        GR(end)(adder, chain);                                                                                         \
    }
ADDER_RUN(adder_run_points, FROM_POINTS, adder_end_points)
ADDER_RUN(adder_run_nodes, FROM_NODES, adder_end_nodes)
ADDER_RUN(adder_run_two, FROM_TWO, adder_end_two)
ADDER_RUN(adder_run_two_endo, FROM_TWO_ENDO, adder_end_two)
#undef ADDER_RUN

/* A new item, to be filled in; the caller leaves room (ADDER_ITEMS - 1). */
ZKR_INLINE GR(x8_item) *GR(adder_item)(GR(adder) *adder, GR(x8_node) *out, const uint32_t *slots, __mmask8 active)
{
    GR(x8_item) *item = &adder->item[adder->count++];
    item->out = out;
    item->slots = slots;
    item->active = active;
    item->doubled = item->cancelled = item->right_only = 0;
    return item;
}

/* Carry out the additions that wait. */
ZKR_INLINE void GR(adder_run)(GR(adder) *adder, int from)
{
    if (adder->count == 0) return;
    if (adder->count % 2 != 0) {
        GR(x8_item) *item = GR(adder_item)(adder, &adder->sink[2], NULL, 0);
        item->nodes = adder->sink;
        memset(item->left, 0, sizeof item->left);
        memset(item->right, 0, sizeof item->right);
    }
    if (from == GR(FROM_POINTS)) GR(adder_run_points)(adder);
    if (from == GR(FROM_NODES)) GR(adder_run_nodes)(adder);
    if (from == GR(FROM_TWO)) GR(adder_run_two)(adder);
    if (from == GR(FROM_TWO_ENDO)) GR(adder_run_two_endo)(adder);
    adder->count = 0;
}
