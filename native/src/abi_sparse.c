/* abi_sparse.c: border of the sparse matrices and the witness program. */
#include <stdlib.h>

#include "border.h"

int zkr_matrix_apply(int field, uint8_t *out, const zkr_matrix *matrix, const uint8_t *table, size_t table_size,
                     const uint8_t *z, size_t num_columns)
{
    const zkr_field_table *f;
    ZKR_TRY(zkr_find_scalar_field(&f, field));
    ZKR_TRY(zkr_check_count(table_size));
    ZKR_TRY(zkr_check_count(num_columns));
    ZKR_TRY(zkr_check_matrix(matrix, table_size, num_columns));
    ZKR_TRY(zkr_check_below(f, table, table_size, NULL));
    ZKR_TRY(zkr_check_below(f, z, num_columns, NULL));
    return f->matrix_apply(out, matrix, table, table_size, z);
}

int zkr_matrix_apply_transposed(int field, uint8_t *out, const zkr_matrix *matrix, const uint8_t *table, size_t table_size,
                                const uint8_t *weights, size_t num_columns)
{
    const zkr_field_table *f;
    ZKR_TRY(zkr_find_scalar_field(&f, field));
    ZKR_TRY(zkr_check_count(table_size));
    ZKR_TRY(zkr_check_count(num_columns));
    ZKR_TRY(zkr_check_matrix(matrix, table_size, num_columns));
    ZKR_TRY(zkr_check_below(f, table, table_size, NULL));
    ZKR_TRY(zkr_check_below(f, weights, matrix->num_rows, NULL));
    return f->matrix_apply_transposed(out, matrix, table, table_size, weights, num_columns);
}

struct zkr_system {
    const zkr_field_table *table; /* of the kernel that made `state` */
    void *state;
    size_t num_columns;
};

int zkr_system_new(int field, zkr_system **system, const zkr_matrix *a, const zkr_matrix *b, const zkr_matrix *c,
                   const uint8_t *table, size_t table_size, size_t num_columns)
{
    const zkr_field_table *f;
    const zkr_matrix *const matrices[3] = {a, b, c};
    ZKR_TRY(zkr_find_scalar_field(&f, field));
    ZKR_TRY(zkr_check_count(table_size));
    ZKR_TRY(zkr_check_count(num_columns));
    if (a->num_rows != b->num_rows || a->num_rows != c->num_rows || a->num_rows > UINT32_MAX / 4) return ZKR_ERR_LENGTH;
    for (int i = 0; i < 3; i++) {
        if (matrices[i]->nnz >= UINT32_MAX) return ZKR_ERR_LENGTH;
        ZKR_TRY(zkr_check_matrix(matrices[i], table_size, num_columns));
    }
    ZKR_TRY(zkr_check_below(f, table, table_size, NULL));
    zkr_system *made = malloc(sizeof *made);
    if (made == NULL) return ZKR_ERR_MEMORY;
    *made = (zkr_system){.table = f, .num_columns = num_columns};
    int status = f->system_new(&made->state, matrices, table, table_size);
    if (status == ZKR_OK) {
        *system = made;
    } else {
        free(made);
    }
    return status;
}

void zkr_system_free(zkr_system *system)
{
    if (system == NULL) return;
    system->table->system_free(system->state);
    free(system);
}

int zkr_system_first_unsatisfied(const zkr_system *system, int64_t *row, const uint8_t *z, int threads, size_t *bad_index)
{
    ZKR_TRY(zkr_check_threads(threads));
    ZKR_TRY(zkr_check_below(system->table, z, system->num_columns, bad_index));
    return system->table->system_first_unsatisfied(row, system->state, z, threads);
}

int zkr_r1cs_first_unsatisfied(int field, int64_t *row, const zkr_matrix *a, const zkr_matrix *b, const zkr_matrix *c,
                               const uint8_t *table, size_t table_size, const uint8_t *z, size_t num_columns,
                               size_t *bad_index)
{
    zkr_system *system;
    ZKR_TRY(zkr_system_new(field, &system, a, b, c, table, table_size, num_columns));
    int status = zkr_system_first_unsatisfied(system, row, z, 1, bad_index);
    zkr_system_free(system);
    return status;
}

/* What the validation of a tape knows: which registers hold a value (one bit each), and how far memory and table go. */
typedef struct {
    uint64_t *written;
    size_t num_registers, table_size;
} program_state;

static int is_written(const program_state *state, size_t reg)
{
    return reg < state->num_registers && (state->written[reg / 64] >> (reg % 64) & 1);
}

/* Marks dst..dst+n-1; 0 when one of them is out of range or already written. */
static int mark_written(program_state *state, size_t dst, size_t n)
{
    if (dst > state->num_registers || n > state->num_registers - dst) return 0;
    for (size_t reg = dst; reg < dst + n; reg++) {
        if (is_written(state, reg)) return 0;
        state->written[reg / 64] |= UINT64_C(1) << (reg % 64);
    }
    return 1;
}

/* Length in words of the instruction at `words` (of which `left` remain on the tape), or 0 when it is malformed. */
static size_t check_instruction(program_state *state, const uint32_t *words, size_t left)
{
    switch (words[0]) {
    case ZKR_OP_DOT:
        if (left < 3 || (left - 3) / 2 < words[2]) return 0;
        for (uint32_t k = 0; k < words[2]; k++) {
            if (words[3 + 2 * (size_t)k] >= state->table_size || !is_written(state, words[4 + 2 * (size_t)k])) return 0;
        }
        return mark_written(state, words[1], 1) ? 3 + 2 * (size_t)words[2] : 0;
    case ZKR_OP_MUL:
        if (left < 4 || !is_written(state, words[2]) || !is_written(state, words[3])) return 0;
        return mark_written(state, words[1], 1) ? 4 : 0;
    case ZKR_OP_INV:
        if (left < 3 || !is_written(state, words[2])) return 0;
        return mark_written(state, words[1], 1) ? 3 : 0;
    case ZKR_OP_BITS:
        if (left < 4 || words[2] > 256 || !is_written(state, words[3])) return 0;
        return mark_written(state, words[1], words[2]) ? 4 : 0;
    default:
        return 0;
    }
}

/* ZKR_ERR_PROGRAM with *bad_index = offset of the first malformed instruction, or tape_words when a wire stays unwritten. */
static int check_program(size_t num_wires, const uint32_t *tape, size_t tape_words, size_t table_size, size_t num_inputs,
                         size_t num_registers, size_t *bad_index)
{
    program_state state = {calloc(num_registers / 64 + 1, sizeof(uint64_t)), num_registers, table_size};
    size_t at = 0;
    int is_valid = 1;
    if (state.written == NULL) return ZKR_ERR_MEMORY;
    mark_written(&state, 0, num_inputs + 1);
    while (is_valid && at < tape_words) {
        size_t length = check_instruction(&state, tape + at, tape_words - at);
        is_valid = length != 0;
        at += length;
    }
    for (size_t reg = 0; is_valid && reg < num_wires; reg++) is_valid = is_written(&state, reg);
    free(state.written);
    if (is_valid) return ZKR_OK;
    if (bad_index != NULL) *bad_index = at;
    return ZKR_ERR_PROGRAM;
}

struct zkr_program {
    const zkr_field_table *table; /* of the kernel that made `state` */
    void *state;
    size_t num_inputs;
};

int zkr_program_new(int field, zkr_program **program, size_t num_wires, const uint32_t *tape, size_t tape_words,
                    const uint8_t *table, size_t table_size, size_t num_inputs, size_t num_registers, size_t *bad_index)
{
    const zkr_field_table *f;
    ZKR_TRY(zkr_find_scalar_field(&f, field));
    ZKR_TRY(zkr_check_count(table_size));
    ZKR_TRY(zkr_check_count(num_inputs));
    ZKR_TRY(zkr_check_count(num_registers));
    if (tape_words >= UINT32_MAX) return ZKR_ERR_LENGTH;
    if (num_wires == 0 || num_wires > num_registers || num_inputs >= num_registers) return ZKR_ERR_LENGTH;
    /* An instruction has 3 words or more and writes up to 256 registers: more registers than that cannot all be in use,
     * and a file must not make us take memory that its size does not justify. */
    if (num_registers - num_inputs - 1 > (tape_words / 3 + 1) * 256) return ZKR_ERR_LENGTH;
    ZKR_TRY(zkr_check_below(f, table, table_size, NULL));
    ZKR_TRY(check_program(num_wires, tape, tape_words, table_size, num_inputs, num_registers, bad_index));
    zkr_program *made = malloc(sizeof *made);
    if (made == NULL) return ZKR_ERR_MEMORY;
    *made = (zkr_program){.table = f, .num_inputs = num_inputs};
    int status = f->program_new(&made->state, num_wires, tape, tape_words, table, table_size, num_inputs, num_registers);
    if (status == ZKR_OK) {
        *program = made;
    } else {
        free(made);
    }
    return status;
}

void zkr_program_free(zkr_program *program)
{
    if (program == NULL) return;
    program->table->program_free(program->state);
    free(program);
}

int zkr_program_assign_vartime(const zkr_program *program, uint8_t *assignment, const uint8_t *inputs, size_t *bad_index)
{
    ZKR_TRY(zkr_check_below(program->table, inputs, program->num_inputs, bad_index));
    return program->table->program_run_vartime(assignment, program->state, inputs);
}

int zkr_program_run_vartime(int field, uint8_t *assignment, size_t num_wires, const uint32_t *tape, size_t tape_words,
                            const uint8_t *table, size_t table_size, const uint8_t *inputs, size_t num_inputs,
                            size_t num_registers, size_t *bad_index)
{
    zkr_program *program;
    ZKR_TRY(zkr_program_new(field, &program, num_wires, tape, tape_words, table, table_size, num_inputs, num_registers, bad_index));
    int status = zkr_program_assign_vartime(program, assignment, inputs, bad_index);
    zkr_program_free(program);
    return status;
}
