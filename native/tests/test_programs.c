/* test_programs.c: the witness program: each instruction, each way to be malformed, and tapes of noise. */
#include "check.h"

enum { MUL = 2, DOT = 1, INV = 3, BITS = 4, FIELD = ZKR_BN254_FR };

typedef struct {
    const uint32_t *tape;
    size_t words, wires, registers, bad;
    int status;
} program_case;

static uint8_t table[3 * 32]; /* 1, -1 and 5, Montgomery */

static void fill_table(void)
{
    uint8_t one[32] = {1}, zero[32] = {0};
    CHECK(zkr_to_montgomery(FIELD, table, one, 1, NULL) == ZKR_OK);
    CHECK(zkr_vec_sub(FIELD, table + 32, zero, table, 1) == ZKR_OK);
    one[0] = 5;
    CHECK(zkr_to_montgomery(FIELD, table + 64, one, 1, NULL) == ZKR_OK);
}

static int run(uint8_t *out, size_t wires, const uint32_t *tape, size_t words, size_t registers, size_t *bad)
{
    uint8_t inputs[64] = {0};
    inputs[0] = 6; /* register 1 */
    inputs[32] = 7; /* register 2 */
    return zkr_program_run_vartime(FIELD, out, wires, tape, words, table, 3, inputs, 2, registers, bad);
}

static void test_instructions(void)
{
    static const uint32_t tape[] = {
        MUL, 3, 1, 2,                /* 42 */
        DOT, 4, 3, 0, 3, 1, 2, 2, 1, /* 42 - 7 + 30 = 65 */
        INV, 5, 4,
        MUL, 6, 5, 4,                /* 1 */
        DOT, 7, 2, 0, 1, 1, 1,       /* 0 */
        INV, 8, 7,                   /* 0 */
        BITS, 9, 7, 4,               /* 65 = 1000001 */
        DOT, 16, 0,                  /* the empty sum */
        BITS, 17, 256, 2,
    };
    static const uint8_t expected[] = {1, 6, 7, 42, 65, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0};
    enum { REGISTERS = 17 + 256 };
    uint8_t *out = take(32 * REGISTERS);
    size_t bad;
    CHECK(run(out, REGISTERS, tape, LENGTH(tape), REGISTERS, &bad) == ZKR_OK);
    for (size_t i = 0; i < LENGTH(expected); i++) {
        uint8_t element[32];
        small_element(element, expected[i]);
        if (i != 5) CHECK(memcmp(out + 32 * i, element, 32) == 0);
    }
    for (size_t i = 32 * 20; i < 32 * REGISTERS; i++) CHECK(out[i] == 0); /* 7 has 3 bits */
    free(out);
}

static void test_malformed(void)
{
    static const uint32_t unknown[] = {MUL, 3, 1, 2, 9, 4, 1, 1}, zero_opcode[] = {0};
    static const uint32_t unwritten[] = {MUL, 3, 1, 4, MUL, 4, 1, 1}, itself[] = {INV, 3, 3};
    static const uint32_t twice[] = {MUL, 3, 1, 2, INV, 3, 1}, over_input[] = {MUL, 2, 1, 1}, over_one[] = {INV, 0, 1};
    static const uint32_t out_of_range[] = {MUL, 4, 1, 2}, huge[] = {MUL, UINT32_MAX, 1, 2}, reads_far[] = {INV, 3, UINT32_MAX};
    static const uint32_t coefficient[] = {DOT, 3, 1, 3, 1}, cut[] = {DOT, 3, 2, 0, 1}, long_dot[] = {DOT, 3, UINT32_MAX, 0, 1};
    static const uint32_t bits[] = {BITS, 3, 257, 1}, bits_over[] = {BITS, 3, 2, 1}, bits_wrap[] = {BITS, UINT32_MAX, 2, 1};
    static const uint32_t cut_mul[] = {MUL, 3, 1}, cut_inv[] = {INV, 3}, cut_bits[] = {BITS, 3, 1}, cut_head[] = {DOT};
#define CASE(tape, bad) {tape, LENGTH(tape), 3, 4, bad, ZKR_ERR_PROGRAM}
    const program_case cases[] = {
        CASE(unknown, 4), CASE(zero_opcode, 0), CASE(unwritten, 0), CASE(itself, 0), CASE(twice, 4), CASE(over_input, 0),
        CASE(over_one, 0), CASE(out_of_range, 0), CASE(huge, 0), CASE(reads_far, 0), CASE(coefficient, 0), CASE(cut, 0),
        CASE(long_dot, 0), CASE(bits, 0), CASE(bits_over, 0), CASE(bits_wrap, 0), CASE(cut_mul, 0), CASE(cut_inv, 0),
        CASE(cut_bits, 0), CASE(cut_head, 0),
        {twice, 0, 4, 4, 0, ZKR_ERR_PROGRAM},           /* nothing fills register 3 */
        {over_one, 3, 5, 4, 0, ZKR_ERR_LENGTH},         /* more wires than registers */
        {over_one, 3, 0, 4, 0, ZKR_ERR_LENGTH},
        {over_one, 3, 1, 2, 0, ZKR_ERR_LENGTH},         /* no room for the inputs */
        {over_one, 3, 3, SIZE_MAX, 0, ZKR_ERR_LENGTH},
        {twice, 4, 5, 5, 4, ZKR_ERR_PROGRAM},           /* wire 4 stays unwritten */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const program_case *c = &cases[i];
        uint8_t out[5 * 32];
        size_t bad = 777;
        uint32_t *tape = take(4 * c->words); /* of exact size, for the sanitizer */
        memcpy(tape, c->tape, 4 * c->words);
        memset(out, 0xa5, sizeof out);
        CHECK(run(out, c->wires, tape, c->words, c->registers, &bad) == c->status);
        CHECK(bad == (c->status == ZKR_ERR_PROGRAM ? c->bad : 777));
        for (size_t k = 0; k < sizeof out; k++) CHECK(out[k] == 0xa5);
        free(tape);
    }
}

/* Words that are nearly right: whatever comes out, no access is out of bounds (a sanitizer's test). */
static void test_noise(void)
{
    size_t accepted = 0;
    for (int round = 0; round < 20000; round++) {
        size_t words = random_word() % 24, bad;
        uint32_t *tape = take(4 * words), next = 3;
        uint8_t out[3 * 32];
        for (size_t i = 0; i < words; i++) tape[i] = (uint32_t)(random_word() % 6);
        for (size_t i = 0; i + 3 < words; i += 4) { /* mostly MUL and BITS with a fresh register */
            tape[i] = random_word() % 8 ? MUL + (random_word() & 2) : tape[i];
            tape[i + 1] = next++;
        }
        int status = run(out, 3, tape, words, 12, &bad);
        CHECK(status == ZKR_OK || status == ZKR_ERR_PROGRAM || status == ZKR_ERR_LENGTH);
        accepted += status == ZKR_OK;
        free(tape);
    }
    CHECK(accepted > 100); /* the noise reaches the interpreter, not only the validation */
}

static void test_matrices(void)
{
    static const uint64_t offsets[] = {0, 2, 2, 3};
    static const uint32_t columns[] = {0, 1, 2}, ids[] = {2, 1, 0};
    zkr_matrix matrix = {offsets, columns, ids, 3, 3};
    uint8_t z[96] = {0}, out[96], expected[96] = {0};
    z[0] = 4, z[32] = 3, z[64] = 9;
    CHECK(zkr_matrix_apply(FIELD, out, &matrix, table, 3, z, 3) == ZKR_OK);
    expected[0] = 17, expected[64] = 9; /* 5*4 - 3, the empty row, 9 */
    CHECK(memcmp(out, expected, 96) == 0);

    static const uint64_t late[] = {1, 2, 2, 3}, falling[] = {0, 3, 2, 3}, beyond[] = {0, 2, 2, 4};
    static const uint32_t wide[] = {0, 1, 3}, unknown[] = {2, 1, 3};
    const zkr_matrix bad[] = {{late, columns, ids, 3, 3}, {falling, columns, ids, 3, 3}, {beyond, columns, ids, 3, 3},
                              {offsets, wide, ids, 3, 3}, {offsets, columns, unknown, 3, 3}, {offsets, columns, ids, 2, 3},
                              {offsets, columns, ids, UINT64_MAX, 3}};
    memset(out, 0xa5, sizeof out);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        int64_t row;
        CHECK(zkr_matrix_apply(FIELD, out, &bad[i], table, 3, z, 3) == ZKR_ERR_LENGTH);
        CHECK(zkr_matrix_apply_transposed(FIELD, out, &bad[i], table, 3, z, 3) == ZKR_ERR_LENGTH);
        CHECK(zkr_r1cs_first_unsatisfied(FIELD, &row, &matrix, &matrix, &bad[i], table, 3, z, 3, NULL) == ZKR_ERR_LENGTH);
    }
    for (size_t k = 0; k < sizeof out; k++) CHECK(out[k] == 0xa5);
}

int main(void)
{
    fill_table();
    test_instructions();
    test_malformed();
    test_noise();
    test_matrices();
    return 0;
}
