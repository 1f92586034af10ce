/* fuzz_program.c: tapes of any words, most of them nearly programs. */
#include "fuzz.h"

typedef struct {
    int field;
    size_t num_wires, tape_words, table_size, num_inputs, num_registers;
    const uint32_t *tape;
    const uint8_t *table, *inputs;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int status = zkr_program_run_vartime(x->field, out, x->num_wires, x->tape, x->tape_words, x->table, x->table_size, x->inputs,
                                         x->num_inputs, x->num_registers, bad_index);
    if (status == ZKR_OK) { /* prepared, it runs twice alike */
        size_t size = element_bytes(x->field) * x->num_wires;
        uint8_t *again = take(size);
        zkr_program *program;
        CHECK(zkr_program_new(x->field, &program, x->num_wires, x->tape, x->tape_words, x->table, x->table_size, x->num_inputs,
                              x->num_registers, NULL) == ZKR_OK);
        for (int i = 0; i < 2; i++) {
            memset(again, 0, size);
            CHECK(zkr_program_assign_vartime(program, again, x->inputs, NULL) == ZKR_OK && memcmp(again, out, size) == 0);
        }
        zkr_program_free(program);
        free(again);
    }
    return status;
}

/* One instruction that writes the next registers and reads what is there; any word of it may then be spoiled. */
static size_t feed_instruction(feed *f, uint32_t *word, size_t room, uint32_t *next, size_t table_size)
{
    uint32_t opcode = 1 + (uint32_t)feed_below(f, 4), count = (uint32_t)feed_below(f, 6), written = 1;
    size_t length = opcode == 1 ? 3 + 2 * (size_t)count : opcode == 3 ? 3 : 4;
    if (length > room) return 0;
    word[0] = opcode;
    word[1] = *next;
    for (size_t i = 2; i < length; i++) word[i] = feed_byte(f) % *next;
    if (opcode == 1) {
        word[2] = count;
        for (size_t i = 3; i < length; i += 2) word[i] = (uint32_t)(feed_byte(f) % (table_size + (table_size == 0)));
    }
    if (opcode == 4) {
        word[2] = count * 51; /* up to 255 bits, or 256 */
        written = word[2];
    }
    if (feed_below(f, 64) == 63) word[feed_byte(f) % length] = (uint32_t)feed_number(f, 4);
    *next += written;
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST_WORDS = 200 };
    feed f = {data, size};
    uint32_t words[MOST_WORDS], next;
    arguments x = {.field = feed_field(&f), .table_size = feed_below(&f, 6), .num_inputs = feed_below(&f, 6)};
    int field = x.field;
    next = 1 + (uint32_t)x.num_inputs;
    size_t instructions = feed_below(&f, 24);
    for (size_t i = 0; i < instructions; i++) {
        size_t length = feed_instruction(&f, words + x.tape_words, MOST_WORDS - x.tape_words, &next, x.table_size);
        x.tape_words += length;
    }
    if (feed_below(&f, 16) == 15 && x.tape_words > 0) x.tape_words -= 1; /* ends inside an instruction */
    x.num_registers = next;
    if (feed_below(&f, 16) == 15) x.num_registers = feed_below(&f, 256);
    x.num_wires = x.num_registers - feed_byte(&f) % (x.num_registers + 1);
    if (feed_below(&f, 32) == 31) x.num_wires = x.num_registers + 1;
    uint8_t *table = feed_elements(&f, field, x.table_size), *inputs = feed_elements(&f, field, x.num_inputs);
    uint32_t *tape = take(x.tape_words * sizeof *tape);
    memcpy(tape, words, x.tape_words * sizeof *tape);
    x.tape = tape, x.table = table, x.inputs = inputs;
    run_on_all_kernels(call, &x, element_bytes(field) * x.num_wires);
    free(table), free(inputs), free(tape);
    return 0;
}
