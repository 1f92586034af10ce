/* columns.h: which bits of a split scalar (glv.h) belong to which multiple of its base, and to which window.  Parameters: GROUP.
 *
 * A base P may come with its multiples 2^(stride*j)*P, j < factor, stride = ceil((PART_BITS + 1)/factor) (multiples.h).  A sum
 * takes every step-th of them as its columns: bits [bits*j, bits*(j+1)) of a part go with column j, bits = step*stride.  The
 * windows of c bits lie at c*w inside a column, the last one narrower, and window w of all columns fills the same buckets:
 *
 *   sum over w of 2^(cw) * sum over j, i of digit_{j,w}(part of scalar i) * 2^(bits*j)*P_i
 *
 * so that there are ceil(bits/c) sets of buckets instead of ceil((PART_BITS + 1)/c).  A factor of 1 is a base alone.
 *
 * Digits are signed.  A part is a two's complement number v of PART_WORDS words, |v| < 2^PART_BITS, kept as v + K with K the
 * sum of 2^(width - 1) at every window but the topmost: a digit is width bits of v + K, less 2^(width - 1), and what lies above
 * the other windows, signed, is the topmost digit.  That window begins at a bit p with p + width > PART_BITS, and K < 2^p, so
 * this digit is at most 2^(PART_BITS - p) <= 2^(width - 1) in absolute value.
 */
enum { GR(SPLIT_BITS) = GR(PART_BITS) + 1 };

typedef struct {
    unsigned window;                      /* c */
    size_t bits, step, count, num_windows; /* count: of columns */
} GR(columns);

ZKR_FUNCTION GR(columns) GR(columns_make)(size_t factor, size_t step, unsigned window)
{
    size_t stride = (GR(SPLIT_BITS) + factor - 1) / factor, bits = step * stride;
    if (bits > GR(SPLIT_BITS)) bits = GR(SPLIT_BITS);
    return (GR(columns)){window, bits, step, (factor + step - 1) / step, (bits + window - 1) / window};
}

/* A window's digits: `width` bits from `bit` on in each of `count` columns; `topmost` is the column whose digit is the topmost one
 * of the part, or SIZE_MAX. */
typedef struct {
    size_t bit, count, topmost;
    unsigned width;
} GR(digit_place);

ZKR_FUNCTION GR(digit_place) GR(columns_place)(const GR(columns) *columns, size_t w)
{
    size_t bit = w * columns->window, left = columns->bits - bit, count = columns->count;
    GR(digit_place) place = {.bit = bit, .width = left < columns->window ? (unsigned)left : columns->window};
    while (count > 0 && (count - 1) * columns->bits + bit >= GR(SPLIT_BITS)) count--;
    place.count = count;
    place.topmost = count > 0 && (count - 1) * columns->bits + bit + place.width >= GR(SPLIT_BITS) ? count - 1 : SIZE_MAX;
    return place;
}

/* K of the file comment. */
ZKR_FUNCTION void GR(columns_bias)(uint64_t *bias, const GR(columns) *columns)
{
    memset(bias, 0, GR(PART_WORDS) * sizeof *bias);
    for (size_t w = 0; w < columns->num_windows; w++) {
        GR(digit_place) place = GR(columns_place)(columns, w);
        for (size_t j = 0; j < place.count; j++) {
            size_t bit = j * columns->bits + place.bit + place.width - 1;
            if (j != place.topmost) bias[bit / 64] |= UINT64_C(1) << (bit % 64);
        }
    }
}
