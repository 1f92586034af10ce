/* program.h: the witness program (see zkrelay.h) over FIELD, prepared once for many runs.  The border has validated the tape,
 * so that every register and coefficient is in range and every register is written once and before it is read.
 *
 * Inversions are most of the cost of a program that has many, and independent ones share one ([Mon87], three products each).
 * So instructions are put into another order: the level of a register is the number of inversions on the longest way to it; all
 * instructions of a level come together, and its inversions last, as one batch.  Registers are written once, so any order
 * that keeps operands before results gives the same values.
 *
 * Sums are the rows of a prepared matrix (rows.h).
 */
enum { FE(STEP_DOT), FE(STEP_COPY), FE(STEP_MUL), FE(STEP_INV), FE(STEP_BITS) };

typedef struct {
    uint32_t op, dst; /* DOT: x = row; COPY, INV: x = source; MUL: factors x and y; BITS: x = source, y = how many */
    uint32_t x, y;    /* INV: y = how many steps from here on are of the same batch */
} FE(step);

typedef struct {
    FE(coefficients) table;
    FE(rows) sums;
    FE(step) *steps;
    size_t num_steps, num_wires, num_inputs, num_registers;
} FE(program);

ZKR_FUNCTION void FE(program_free)(void *program)
{
    FE(program) *p = program;
    if (p == NULL) return;
    FE(coefficients_close)(&p->table);
    FE(rows_close)(&p->sums);
    free(p->steps);
    free(p);
}

ZKR_INLINE size_t FE(instruction_words)(const uint32_t *words)
{
    return words[0] == ZKR_OP_DOT ? 3 + 2 * (size_t)words[2] : words[0] == ZKR_OP_INV ? 3 : 4;
}

/* Twice the level at which an instruction can run, and one more for an inversion; and the level of its results in `levels`. */
ZKR_FUNCTION uint32_t FE(instruction_place)(const uint32_t *words, uint32_t *levels)
{
    uint32_t level = 0, is_inversion = words[0] == ZKR_OP_INV;
    if (words[0] == ZKR_OP_DOT) {
        for (size_t k = 0; k < words[2]; k++) {
            if (levels[words[4 + 2 * k]] > level) level = levels[words[4 + 2 * k]];
        }
    } else if (words[0] == ZKR_OP_MUL) {
        level = levels[words[2]] > levels[words[3]] ? levels[words[2]] : levels[words[3]];
    } else {
        level = levels[words[is_inversion ? 2 : 3]];
    }
    for (size_t k = 0, count = words[0] == ZKR_OP_BITS ? words[2] : 1; k < count; k++) {
        levels[words[1] + k] = level + is_inversion;
    }
    return 2 * level + is_inversion;
}

/* The steps in their new order, by a counting sort on the places, and the sums' matrix. */
ZKR_FUNCTION int FE(program_schedule)(FE(program) *p, const uint32_t *tape, size_t tape_words)
{
    size_t num_instructions = 0, num_terms = 0, num_places = 0;
    size_t most = tape_words / 3 + 1; /* instructions, as each has three words or more */
    uint32_t *levels = calloc(p->num_registers, sizeof *levels), *places = malloc(most * sizeof *places);
    uint32_t *terms = malloc((3 * (tape_words / 2) + 1) * sizeof *terms), *starts = NULL;
    int status = ZKR_ERR_MEMORY;
    if (levels == NULL || places == NULL || terms == NULL) goto done;
    for (size_t at = 0; at < tape_words; at += FE(instruction_words)(tape + at)) {
        uint32_t place = FE(instruction_place)(tape + at, levels);
        places[num_instructions++] = place;
        if (place >= num_places) num_places = (size_t)place + 1;
    }
    starts = calloc(num_places + 1, sizeof *starts);
    p->steps = malloc((num_instructions + 1) * sizeof *p->steps);
    if (starts == NULL || p->steps == NULL) goto done;
    for (size_t i = 0; i < num_instructions; i++) starts[places[i] + 1]++;
    for (size_t i = 0; i < num_places; i++) starts[i + 1] += starts[i];
    uint32_t *row = terms, *columns = row + tape_words / 2, *ids = columns + tape_words / 2, num_rows = 0;
    for (size_t i = 0, at = 0; i < num_instructions; at += FE(instruction_words)(tape + at), i++) {
        const uint32_t *words = tape + at;
        FE(step) *step = &p->steps[starts[places[i]]++];
        if (words[0] == ZKR_OP_DOT) {
            *step = (FE(step)){FE(STEP_DOT), words[1], num_rows, 0};
            for (size_t k = 0; k < words[2]; k++, num_terms++) {
                row[num_terms] = num_rows;
                ids[num_terms] = words[3 + 2 * k];
                columns[num_terms] = words[4 + 2 * k];
            }
            num_rows++;
        } else if (words[0] == ZKR_OP_MUL) {
            *step = (FE(step)){FE(STEP_MUL), words[1], words[2], words[3]};
        } else if (words[0] == ZKR_OP_INV) {
            *step = (FE(step)){FE(STEP_INV), words[1], words[2], 0};
        } else {
            *step = (FE(step)){FE(STEP_BITS), words[1], words[3], words[2]};
        }
    }
    p->num_steps = num_instructions;
    status = FE(rows_open)(&p->sums, num_rows, row, columns, ids, num_terms, &p->table);
    if (status != ZKR_OK) goto done;
    for (size_t place = 1; place < num_places; place += 2) { /* the batches: starts[place] is where a place ends by now */
        uint32_t count = starts[place] - starts[place - 1];
        for (uint32_t k = 0; k < count; k++) p->steps[starts[place - 1] + k].y = count - k;
    }
    for (size_t i = 0; i < p->num_steps; i++) {
        FE(step) *step = &p->steps[i];
        uint32_t copied = step->op == FE(STEP_DOT) ? FE(rows_copied)(&p->sums, step->x) : UINT32_MAX;
        if (copied != UINT32_MAX) *step = (FE(step)){FE(STEP_COPY), step->dst, copied, 0};
    }
done:
    free(levels);
    free(places);
    free(terms);
    free(starts);
    return status;
}

ZKR_FUNCTION int FE(program_new)(void **out, size_t num_wires, const uint32_t *tape, size_t tape_words, const uint8_t *table_bytes,
                                 size_t table_size, size_t num_inputs, size_t num_registers)
{
    FE(program) *p = calloc(1, sizeof *p);
    if (p == NULL) return ZKR_ERR_MEMORY;
    p->num_wires = num_wires;
    p->num_inputs = num_inputs;
    p->num_registers = num_registers;
    int status = FE(coefficients_open)(&p->table, table_bytes, table_size);
    if (status == ZKR_OK) status = FE(program_schedule)(p, tape, tape_words);
    if (status == ZKR_OK) {
        *out = p;
    } else {
        FE(program_free)(p);
    }
    return status;
}

/* registers[dst] = registers[x]^-1, and 0 for 0, for a batch.  The results hold the products of the operands before theirs until
 * the inverse of all is known. */
ZKR_FUNCTION void FE(program_invert)(FIELD *registers, const FE(step) *steps, size_t n)
{
    FIELD product;
    FE(set_one)(&product);
    for (size_t i = 0; i < n; i++) {
        registers[steps[i].dst] = product;
        if (!FE(is_zero)(&registers[steps[i].x])) FE(mul)(&product, &product, &registers[steps[i].x]);
    }
    FE(inverse_vartime)(&product, &product);
    for (size_t i = n; i-- > 0;) {
        FIELD *result = &registers[steps[i].dst];
        if (FE(is_zero)(&registers[steps[i].x])) {
            FE(set_zero)(result);
            continue;
        }
        FE(mul)(result, result, &product);
        FE(mul)(&product, &product, &registers[steps[i].x]);
    }
}

/* registers[dst..dst+n-1] = the low bits of registers[x]. */
ZKR_FUNCTION void FE(program_bits)(FIELD *registers, const FE(step) *step)
{
    FIELD integer;
    FE(to_canonical)(&integer, &registers[step->x]);
    for (uint32_t k = 0; k < step->y; k++) {
        FIELD *bit = &registers[step->dst + k];
        FE(set_zero)(bit);
        if (k < 64 * FE(LIMBS) && zkr_limb_bit(integer.limb, k)) FE(set_one)(bit);
    }
    zkr_wipe(&integer, sizeof integer);
}

ZKR_FUNCTION int FE(program_run_vartime)(uint8_t *assignment, const void *program, const uint8_t *inputs)
{
    const FE(program) *p = program;
    FIELD *registers = malloc(p->num_registers * sizeof *registers);
    if (registers == NULL) return ZKR_ERR_MEMORY;
    FE(set_one)(&registers[0]);
    FE(vec_to_montgomery)((uint8_t *)&registers[1], inputs, p->num_inputs);
    for (const FE(step) *step = p->steps, *end = step + p->num_steps; step < end; step++) {
        switch (step->op) {
        case FE(STEP_DOT):
            FE(rows_dot)(&registers[step->dst], &p->sums, p->table.value, step->x, (const uint8_t *)registers);
            break;
        case FE(STEP_COPY):
            registers[step->dst] = registers[step->x];
            break;
        case FE(STEP_MUL):
            FE(mul_inline)(&registers[step->dst], &registers[step->x], &registers[step->y]);
            break;
        case FE(STEP_INV):
            FE(program_invert)(registers, step, step->y);
            step += step->y - 1;
            break;
        default:
            FE(program_bits)(registers, step);
        }
    }
    FE(vec_from_montgomery)(assignment, (const uint8_t *)registers, p->num_wires);
    zkr_wipe(registers, p->num_registers * sizeof *registers);
    free(registers);
    return ZKR_OK;
}
