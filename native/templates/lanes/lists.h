/* lanes/lists.h: sums of many lists of points in GROUP, one list a lane.  Parameters: GROUP, COORD, FIELD; after affine.h.
 *
 * A list is a run of entries in an order; an entry is position << 1 | negative in an array of points.  Lists are sorted by
 * length and taken eight at a time; a group's rows (entry i of each list) are added pairwise until one row is left: a tree,
 * whose upper levels are vectors already.  A tile is as many groups as fill the adder, so that every level of a tile is one
 * batch.  Lists longer than LONGEST are cut; the sums of the pieces are lists again, in the next round, so that one huge
 * list costs no more than many small ones.
 */
enum { GR(LONGEST) = 128 };

typedef struct {
    uint32_t start, length, slot; /* in the order; the sum goes to slot of the output */
} GR(list);

typedef struct {
    size_t count, most, num_long, num_extra, most_extra;
    GR(list) *list;    /* as added */
    uint32_t *start, *length, *slot; /* sorted by falling length, `most` + 8 each */
    GR(list) *cut;     /* lists that were cut: pieces start.. in the output, and the slot of the whole */
    uint32_t first_extra, sink; /* slots of the output: for pieces, most_extra of them, and one for nothing */
    uint32_t *owner;   /* of each extra slot: the slot of the whole */
    uint32_t *extra_order; /* entries for the sums of pieces */
    GR(x8_node) *nodes;
    GR(adder) *adder;
} GR(lists);

ZKR_FUNCTION void GR(lists_free)(GR(lists) *lists)
{
    if (lists->nodes != NULL) zkr_wipe(lists->nodes, GR(ADDER_ITEMS) * sizeof *lists->nodes);
    if (lists->adder != NULL) zkr_wipe(lists->adder, sizeof *lists->adder);
    free(lists->list);
    free(lists->start);
    free(lists->length);
    free(lists->slot);
    free(lists->cut);
    free(lists->owner);
    free(lists->extra_order);
    free(lists->nodes);
    free(lists->adder);
}

/* Room for `most_slots` lists of together `most_entries`; their pieces get the slots after most_slots. */
ZKR_FUNCTION int GR(lists_init)(GR(lists) *lists, size_t most_slots, size_t most_entries)
{
    *lists = (GR(lists)){.first_extra = (uint32_t)most_slots};
    /* a cut list has at most 2*length/LONGEST pieces, which are again less than that by half a LONGEST in all */
    lists->most_extra = 4 * (most_entries / GR(LONGEST)) + 8;
    lists->most = most_slots + lists->most_extra;
    lists->sink = (uint32_t)lists->most;
    lists->list = malloc(lists->most * sizeof *lists->list);
    lists->start = malloc((lists->most + 8) * sizeof *lists->start);
    lists->length = malloc((lists->most + 8) * sizeof *lists->length);
    lists->slot = malloc((lists->most + 8) * sizeof *lists->slot);
    lists->cut = malloc(lists->most_extra * sizeof *lists->cut);
    lists->owner = malloc(lists->most_extra * sizeof *lists->owner);
    lists->extra_order = calloc(lists->most_extra + 2 * GR(LONGEST), sizeof *lists->extra_order);
    lists->nodes = aligned_alloc(64, GR(ADDER_ITEMS) * sizeof *lists->nodes);
    lists->adder = aligned_alloc(64, sizeof *lists->adder);
    if (!lists->list || !lists->start || !lists->length || !lists->slot || !lists->cut || !lists->owner || !lists->extra_order ||
        !lists->nodes || !lists->adder) {
        return ZKR_ERR_MEMORY;
    }
    lists->adder->count = 0; /* what is not written is masked out wherever it is read: no page is touched without need */
    memset(lists->adder->sink, 0, sizeof lists->adder->sink);
    return ZKR_OK;
}

/* Points that an output for these lists holds. */
ZKR_INLINE size_t GR(lists_output)(const GR(lists) *lists) { return lists->most + 1; }

ZKR_INLINE void GR(lists_add)(GR(lists) *lists, uint32_t start, uint32_t length, uint32_t slot)
{
    if (length <= GR(LONGEST)) {
        if (length > 0) lists->list[lists->count++] = (GR(list)){start, length, slot};
        return;
    }
    uint32_t whole = slot < lists->first_extra ? slot : lists->owner[slot - lists->first_extra];
    uint32_t pieces = (length + GR(LONGEST) - 1) / GR(LONGEST), first = (uint32_t)lists->num_extra;
    lists->cut[lists->num_long++] = (GR(list)){first, pieces, slot};
    for (uint32_t i = 0; i < pieces; i++) {
        uint32_t from = start + i * GR(LONGEST), left = length - i * GR(LONGEST);
        uint32_t extra = lists->first_extra + (uint32_t)lists->num_extra;
        lists->owner[lists->num_extra] = whole;
        lists->extra_order[lists->num_extra++] = extra << 1;
        lists->list[lists->count++] = (GR(list)){from, left < GR(LONGEST) ? left : GR(LONGEST), extra};
    }
}

/* Counting sort by length, longest first; fills up the last eight with empty lists. */
ZKR_FUNCTION void GR(lists_sort)(GR(lists) *lists)
{
    uint32_t cursor[GR(LONGEST) + 2] = {0};
    for (size_t i = 0; i < lists->count; i++) cursor[GR(LONGEST) - lists->list[i].length + 1]++;
    for (size_t i = 1; i < GR(LONGEST) + 2; i++) cursor[i] += cursor[i - 1];
    for (size_t i = 0; i < lists->count; i++) {
        uint32_t at = cursor[GR(LONGEST) - lists->list[i].length]++;
        lists->start[at] = lists->list[i].start;
        lists->length[at] = lists->list[i].length;
        lists->slot[at] = lists->list[i].slot;
    }
    for (size_t i = lists->count; i % 8 != 0; i++) {
        lists->start[i] = lists->length[i] = 0;
        lists->slot[i] = lists->sink;
    }
}

/* The lanes of a group that have an entry number `index` on a level. */
ZKR_INLINE __mmask8 GR(lanes_reaching)(const uint32_t *length, unsigned level, uint32_t index)
{
    __m256i left = _mm256_loadu_si256((const __m256i *)(const void *)length);
    left = _mm256_add_epi32(left, _mm256_set1_epi32((1 << level) - 1));
    left = _mm256_srl_epi32(left, _mm_cvtsi32_si128((int)level));
    return _mm256_cmpgt_epu32_mask(left, _mm256_set1_epi32((int)index));
}

/* The leaves of one group: rows of points -> half as many nodes.  A lane whose list is shorter reads entries of others, which
 * are masked out. */
ZKR_INLINE void GR(tile_leaves)(GR(lists) *lists, const uint8_t *points, const uint32_t *order, size_t group, GR(x8_node) *node)
{
    const uint32_t *length = lists->length + 8 * group, *start = lists->start + 8 * group, *slots = lists->slot + 8 * group;
    for (uint32_t i = 0; i + 1 < length[0]; i += 2) {
        GR(x8_item) *item = GR(adder_item)(lists->adder, node + i / 2, slots, GR(lanes_reaching)(length, 0, i + 1));
        ZKR_UNROLL
        for (int k = 0; k < 8; k++) {
            item->left[k] = order[start[k] + i];
            item->right[k] = order[start[k] + i + 1];
        }
    }
    if (length[0] % 2 != 0) { /* the last row has no partner */
        const uint8_t *addresses[8];
        uint32_t entries[8];
        for (int k = 0; k < 8; k++) entries[k] = order[start[k] + length[0] - 1];
        __mmask8 minus = GR(x8_addresses)(addresses, points, entries);
        GR(x8_node) *out = node + length[0] / 2;
        CO(x8_gather)(&out->x, addresses, 0);
        CO(x8_gather)(&out->y, addresses, sizeof(COORD));
        CO(x8_negate_where_loose)(&out->y, &out->y, minus, 3);
        CO(x8_carry)(&out->y, &out->y);
    }
}

ZKR_INLINE void GR(nodes_emit)(uint8_t *out, const GR(x8_node) *node, const uint32_t *slots)
{
    uint8_t *addresses[8];
    for (int k = 0; k < 8; k++) addresses[k] = out + (size_t)slots[k] * sizeof(GR(affine));
    CO(x8_scatter)(addresses, 0, &node->x);
    CO(x8_scatter)(addresses, sizeof(COORD), &node->y);
}

/* Groups [from, to), whose rows fit the adder together. */
ZKR_FUNCTION void GR(tile_sum)(GR(lists) *lists, const uint8_t *points, const uint32_t *order, size_t from, size_t to, uint8_t *out)
{
    GR(adder) *adder = lists->adder;
    GR(x8_node) *node = lists->nodes;
    adder->left_points = adder->right_points = points;
    for (size_t g = from; g < to; node += (lists->length[8 * g] + 1) / 2, g++) GR(tile_leaves)(lists, points, order, g, node);
    GR(adder_run)(adder, GR(FROM_POINTS));
    for (unsigned level = 1;; level++) {
        node = lists->nodes;
        for (size_t g = from; g < to; node += (lists->length[8 * g] + 1) / 2, g++) {
            uint32_t rows = (lists->length[8 * g] + (1u << level) - 1) >> level;
            for (uint32_t i = 0; i + 1 < rows; i += 2) {
                __mmask8 active = GR(lanes_reaching)(lists->length + 8 * g, level, i + 1);
                GR(adder_item)(adder, node + i / 2, lists->slot + 8 * g, active)->nodes = node + i;
            }
        }
        if (adder->count == 0) break;
        GR(adder_run)(adder, GR(FROM_NODES));
        node = lists->nodes;
        for (size_t g = from; g < to; node += (lists->length[8 * g] + 1) / 2, g++) {
            uint32_t rows = (lists->length[8 * g] + (1u << level) - 1) >> level;
            if (rows % 2 != 0 && rows > 1) node[rows / 2] = node[rows - 1];
        }
    }
    node = lists->nodes;
    for (size_t g = from; g < to; node += (lists->length[8 * g] + 1) / 2, g++) {
        GR(nodes_emit)(out, node, lists->slot + 8 * g);
    }
}

ZKR_FUNCTION void GR(lists_round)(GR(lists) *lists, const uint8_t *points, const uint32_t *order, uint8_t *out)
{
    GR(lists_sort)(lists);
    size_t num_groups = (lists->count + 7) / 8;
    for (size_t from = 0, to = 0; from < num_groups; from = to) {
        for (size_t rows = 0; to < num_groups; to++) {
            rows += (lists->length[8 * to] + 1) / 2;
            if (rows > GR(ADDER_ITEMS) - 1) break;
        }
        GR(tile_sum)(lists, points, order, from, to, out);
    }
    lists->count = 0;
}

/* out[slot] = the sum of each list added so far, which are then forgotten.  `order` is readable for LONGEST entries past every
 * list, with positions in `points`; `out` has room for lists_output(lists) points. */
ZKR_FUNCTION void GR(lists_sum)(GR(lists) *lists, const uint8_t *points, const uint32_t *order, uint8_t *out)
{
    lists->adder->right_points = points;
    GR(lists_round)(lists, points, order, out);
    while (lists->num_long > 0) {
        size_t num_long = lists->num_long;
        lists->num_long = 0;
        for (size_t i = 0; i < num_long; i++) {
            GR(list) cut = lists->cut[i];
            GR(lists_add)(lists, cut.start, cut.length, cut.slot);
        }
        GR(lists_round)(lists, out, lists->extra_order, out);
    }
    lists->num_extra = 0;
}
