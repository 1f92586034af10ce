/* lanes/msm_window.h: some windows of a sum: sort, lists, merge, planes (msm.h has the outline).  Included by msm.h.
 *
 * All sums of points lie in one array, `slots`, in this order, with the number of buckets B = 2^(c-1), G windows:
 *   2 banks of [window][part][B] buckets, the second for what a further block of pairs gives
 *   [window][A + S] rows 1..A and columns 1..S-1 of the buckets, S = 2^s, A = B/S
 *   [window][c] planes
 *   pieces of long lists, and one slot for nothing (lists.h)
 */
typedef struct GR(msm_workspace) {
    unsigned window, row_bits;
    size_t num_windows, num_buckets, rows, columns, bank, first_line, first_plane; /* of the memory below */
    size_t most_entries, block; /* block: the most entries of one part and window that are sorted together */
    int64_t *corrections; /* of the windows at hand: [window][part] */
    uint8_t *slots, *present; /* present[slot] = 1 when it holds a sum: infinity has no coordinates */
    uint32_t *order, *keys, *cursor;
    GR(lists) lists;
} GR(msm_workspace);

/* The sum in these lanes' slots was infinity, and D stands in its place. */
ZKR_FUNCTION void GR(msm_cancelled)(GR(msm_workspace) *ws, const uint32_t *slots, unsigned lanes)
{
    for (int k = 0; k < 8; k++) {
        size_t slot = slots[k], where, weight;
        if ((lanes >> k & 1) == 0) continue;
        if (slot >= ws->lists.first_extra) slot = ws->lists.owner[slot - ws->lists.first_extra];
        if (slot < ws->first_line) {
            slot %= ws->bank;
            where = slot / ws->num_buckets;
            weight = slot % ws->num_buckets + 1;
        } else if (slot < ws->first_plane) {
            size_t line = (slot - ws->first_line) % (ws->rows + ws->columns);
            where = (slot - ws->first_line) / (ws->rows + ws->columns) * GR(PARTS);
            weight = line < ws->rows ? (line + 1) << ws->row_bits : line - ws->rows + 1;
        } else {
            where = (slot - ws->first_plane) / ws->window * GR(PARTS);
            weight = (size_t)1 << (slot - ws->first_plane) % ws->window;
        }
        ws->corrections[where] += (int64_t)weight;
    }
}

ZKR_FUNCTION void GR(msm_workspace_free)(GR(msm_workspace) *ws)
{
    if (ws == NULL) return;
    if (ws->slots != NULL) zkr_wipe(ws->slots, GR(lists_output)(&ws->lists) * sizeof(GR(affine)));
    if (ws->order != NULL) zkr_wipe(ws->order, ws->most_entries * sizeof *ws->order);
    if (ws->keys != NULL) zkr_wipe(ws->keys, (ws->block + 8) * sizeof *ws->keys);
    free(ws->slots);
    free(ws->present);
    free(ws->order);
    free(ws->keys);
    free(ws->cursor);
    GR(lists_free)(&ws->lists);
    zkr_wipe(ws, sizeof *ws);
    free(ws);
}

ZKR_FUNCTION GR(msm_workspace) *GR(msm_workspace_new)(unsigned window, size_t num_windows, size_t block)
{
    GR(msm_workspace) *ws = calloc(1, sizeof *ws);
    if (ws == NULL) return NULL;
    ws->window = window;
    ws->row_bits = (window - 1) / 2;
    ws->num_windows = num_windows;
    ws->block = block;
    ws->num_buckets = (size_t)1 << (window - 1);
    ws->columns = (size_t)1 << ws->row_bits;
    ws->rows = ws->num_buckets >> ws->row_bits;
    ws->bank = num_windows * GR(PARTS) * ws->num_buckets;
    ws->first_line = 2 * ws->bank;
    ws->first_plane = ws->first_line + num_windows * (ws->rows + ws->columns);
    size_t leaves = num_windows * GR(PARTS) * block, lines = num_windows * (2 * ws->num_buckets + window * (ws->rows + ws->columns));
    ws->most_entries = (leaves > lines ? leaves : lines) + block + 2 * GR(LONGEST);
    int status = GR(lists_init)(&ws->lists, ws->first_plane + num_windows * window, ws->most_entries);
    ws->slots = aligned_alloc(64, (GR(lists_output)(&ws->lists) * sizeof(GR(affine)) + 63) / 64 * 64);
    ws->present = malloc(ws->first_plane + num_windows * window);
    ws->order = malloc(ws->most_entries * sizeof *ws->order);
    ws->keys = malloc((block + 8) * sizeof *ws->keys);
    ws->cursor = malloc((ws->num_buckets + 1) * sizeof *ws->cursor);
    if (status != ZKR_OK || !ws->slots || !ws->present || !ws->order || !ws->keys || !ws->cursor) {
        GR(msm_workspace_free)(ws);
        return NULL;
    }
    memset(ws->slots, 0, 64);
    ws->lists.adder->owner = ws;
    return ws;
}

/* The worker's workspace, made anew when this job needs another; NULL without memory. */
ZKR_FUNCTION GR(msm_workspace) *GR(msm_workspace_for)(const GR(msm_job) *job, GR(msm_workspace) **slot)
{
    size_t count = job->columns.count, block = job->num_live / job->num_splits + 1;
    if (block > GR(MSM_BLOCK) / count) block = GR(MSM_BLOCK) / count;
    block *= count;
    if (*slot != NULL && ((*slot)->window != job->columns.window || (*slot)->num_windows != job->windows_a_task || (*slot)->block < block)) {
        GR(msm_workspace_free)(*slot);
        *slot = NULL;
    }
    if (*slot == NULL) *slot = GR(msm_workspace_new)(job->columns.window, job->windows_a_task, block);
    return *slot;
}

/* Entries of pairs [from, to), in all columns, by bucket for one window and part, written from order[used] on, and their lists;
 * returns where they end.  Digit 0 goes behind that end, where the next ones overwrite it: no branch to mispredict. */
ZKR_FUNCTION uint32_t GR(msm_sort)(GR(msm_workspace) *ws, const GR(msm_job) *job, size_t w, size_t part, size_t from, size_t to,
                                   uint32_t used, size_t first_slot)
{
    uint32_t *cursor = ws->cursor;
    const uint64_t *const *words = (const uint64_t *const *)job->words + part * GR(PART_WORDS);
    GR(digit_place) place = GR(columns_place)(&job->columns, w);
    size_t n = to - from;
    for (size_t j = 0; j < place.count; j++) {
        size_t bit = place.bit + j * job->columns.bits;
        GR(part_digits)(ws->keys + j * n, words, from, n, bit, place.width, j == place.topmost);
    }
    memset(cursor, 0, (ws->num_buckets + 1) * sizeof *cursor);
    for (size_t i = 0; i < place.count * n; i++) cursor[ws->keys[i] >> 1]++;
    for (size_t b = 1; b <= ws->num_buckets; b++) {
        uint32_t count = cursor[b], slot = (uint32_t)(first_slot + b - 1);
        GR(lists_add)(&ws->lists, used, count, slot);
        ws->present[slot] = count > 0;
        cursor[b] = used;
        used += count;
    }
    cursor[0] = used;
    for (size_t j = 0; j < place.count; j++) {
        uint32_t first = (uint32_t)(j * job->pitch + from);
        for (size_t i = 0; i < n; i++) {
            uint32_t key = ws->keys[j * n + i];
            ws->order[cursor[key >> 1]++] = (first + (uint32_t)i) << 1 | (key & 1);
        }
    }
    return used;
}

ZKR_INLINE void GR(msm_sum_lists)(GR(msm_workspace) *ws, const uint8_t *points, uint32_t used)
{
    memset(ws->order + used, 0, GR(LONGEST) * sizeof *ws->order);
    GR(lists_sum)(&ws->lists, points, ws->order, ws->slots);
}

ZKR_INLINE __mmask8 GR(msm_present)(const GR(msm_workspace) *ws, size_t slot)
{
    uint64_t eight;
    memcpy(&eight, ws->present + slot, sizeof eight);
    return (__mmask8)((eight * UINT64_C(0x0102040810204080)) >> 56);
}

ZKR_INLINE void GR(msm_merge_run)(GR(msm_workspace) *ws, const uint32_t *targets, int from)
{
    size_t count = ws->lists.adder->count;
    GR(adder_run)(ws->lists.adder, from);
    for (size_t i = 0; i < count; i++) {
        uint32_t slots[8];
        for (uint32_t k = 0; k < 8; k++) slots[k] = targets[i] + k;
        GR(nodes_emit)(ws->slots, &ws->lists.nodes[i], slots);
    }
}

/* slots[left + i] += slots[right + i], or its image under the endomorphism, for i < count (a multiple of 8). */
ZKR_FUNCTION void GR(msm_merge)(GR(msm_workspace) *ws, size_t left, size_t right, size_t count, int from)
{
    GR(adder) *adder = ws->lists.adder;
    uint32_t targets[GR(ADDER_ITEMS)];
    adder->left_points = adder->right_points = ws->slots;
    for (size_t i = 0; i < count; i += 8) {
        __mmask8 has_left = GR(msm_present)(ws, left + i), has_right = GR(msm_present)(ws, right + i);
        if (has_right == 0) continue;
        targets[adder->count] = (uint32_t)(left + i);
        GR(x8_item) *item = GR(adder_item)(adder, &ws->lists.nodes[adder->count], NULL, has_left & has_right);
        item->right_only = has_right & (__mmask8)~has_left;
        for (size_t k = 0; k < 8; k++) {
            item->left[k] = (uint32_t)(left + i + k) << 1;
            item->right[k] = (uint32_t)(right + i + k) << 1;
            ws->present[left + i + k] |= ws->present[right + i + k];
        }
        if (adder->count == GR(ADDER_ITEMS) - 1) GR(msm_merge_run)(ws, targets, from);
    }
    GR(msm_merge_run)(ws, targets, from);
}

/* Append the entry of a slot that holds a sum. */
ZKR_INLINE uint32_t GR(msm_append)(GR(msm_workspace) *ws, uint32_t used, size_t slot)
{
    ws->order[used] = (uint32_t)slot << 1;
    return used + ws->present[slot];
}

ZKR_INLINE void GR(msm_add_line)(GR(msm_workspace) *ws, uint32_t start, uint32_t used, size_t slot)
{
    GR(lists_add)(&ws->lists, start, used - start, (uint32_t)slot);
    ws->present[slot] = used > start;
}

/* Rows and columns of the buckets of every window, then planes of those. */
ZKR_FUNCTION void GR(msm_planes)(GR(msm_workspace) *ws, size_t num_windows)
{
    size_t lines = ws->rows + ws->columns, columns = ws->columns;
    uint32_t used = 0, start;
    for (size_t w = 0; w < num_windows; w++) {
        size_t bucket = w * GR(PARTS) * ws->num_buckets - 1, line = ws->first_line + w * lines; /* bucket + j is bucket j's slot */
        for (size_t a = 1; a <= ws->rows; a++) {
            start = used;
            for (size_t b = 0; b < (a < ws->rows ? columns : 1); b++) used = GR(msm_append)(ws, used, bucket + a * columns + b);
            GR(msm_add_line)(ws, start, used, line + a - 1);
        }
        for (size_t b = 1; b < columns; b++) {
            start = used;
            for (size_t a = 0; a < ws->rows; a++) used = GR(msm_append)(ws, used, bucket + a * columns + b);
            GR(msm_add_line)(ws, start, used, line + ws->rows + b - 1);
        }
        ws->present[line + lines - 1] = 0;
    }
    GR(msm_sum_lists)(ws, ws->slots, used);
    used = 0;
    for (size_t w = 0; w < num_windows; w++) {
        for (unsigned bit = 0; bit < ws->window; bit++) {
            size_t line = ws->first_line + w * lines - 1 + (bit < ws->row_bits ? ws->rows : 0); /* of number 1, less 1 */
            size_t shift = bit < ws->row_bits ? bit : bit - ws->row_bits;
            size_t last = bit < ws->row_bits ? columns - 1 : ws->rows;
            start = used;
            for (size_t i = 1; i <= last; i++) {
                if (i >> shift & 1) used = GR(msm_append)(ws, used, line + i);
            }
            GR(msm_add_line)(ws, start, used, ws->first_plane + w * ws->window + bit);
        }
    }
    GR(msm_sum_lists)(ws, ws->slots, used);
}

/* The planes out of the lanes' form. */
ZKR_FUNCTION void GR(msm_give_planes)(GR(msm_workspace) *ws, GR(affine) *out, size_t count)
{
    for (size_t i = 0; i < count; i += 8) {
        const uint8_t *addresses[8];
        uint8_t *targets[8];
        GR(affine) points[8];
        CO(x8) x, y;
        for (size_t k = 0; k < 8; k++) {
            addresses[k] = ws->slots + (ws->first_plane + (i + k < count ? i + k : i)) * sizeof *points;
            targets[k] = (uint8_t *)&points[k];
        }
        CO(x8_gather)(&x, addresses, 0);
        CO(x8_gather)(&y, addresses, sizeof(COORD));
        CO(x8_to_scalar)(&x, &x);
        CO(x8_to_scalar)(&y, &y);
        CO(x8_scatter)(targets, 0, &x);
        CO(x8_scatter)(targets, sizeof(COORD), &y);
        for (size_t k = 0; k < 8 && i + k < count; k++) {
            if (ws->present[ws->first_plane + i + k]) out[i + k] = points[k];
        }
    }
}

/* Windows [first, last) of the job over the live pairs [begin, end), not empty. */
ZKR_FUNCTION void GR(msm_windows)(GR(msm_workspace) *ws, GR(msm_job) *job, size_t split, size_t first, size_t last, size_t begin,
                                  size_t end)
{
    size_t num_windows = last - first, block = ws->block / job->columns.count;
    const uint8_t *d[8];
    for (int k = 0; k < 8; k++) d[k] = job->points;
    CO(x8_gather)(&ws->lists.adder->d.x, d, 0);
    CO(x8_gather)(&ws->lists.adder->d.y, d, sizeof(COORD));
    ws->corrections = job->corrections + (split * job->columns.num_windows + first) * GR(PARTS);
    for (size_t from = begin, to; from < end; from = to) {
        size_t bank = from == begin ? 0 : ws->bank;
        uint32_t used = 0;
        to = end - from < block ? end : from + block;
        for (size_t i = 0; i < num_windows * GR(PARTS); i++) {
            used = GR(msm_sort)(ws, job, first + i / GR(PARTS), i % GR(PARTS), from, to, used, bank + i * ws->num_buckets);
        }
        GR(msm_sum_lists)(ws, job->points, used);
        if (bank != 0) GR(msm_merge)(ws, 0, bank, num_windows * GR(PARTS) * ws->num_buckets, GR(FROM_TWO));
    }
    for (size_t w = 0; w < num_windows; w++) {
        for (size_t part = GR(PARTS); part-- > 1;) {
            size_t left = (w * GR(PARTS) + part - 1) * ws->num_buckets;
            GR(msm_merge)(ws, left, left + ws->num_buckets, ws->num_buckets, GR(FROM_TWO_ENDO));
        }
    }
    GR(msm_planes)(ws, num_windows);
    GR(msm_give_planes)(ws, job->planes + (split * job->columns.num_windows + first) * ws->window, num_windows * ws->window);
}
