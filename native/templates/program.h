/* program.h: runs the witness program (see zkrelay.h) over FIELD.  The border has validated the tape, so that every
 * register and coefficient is in range and every register is written once and before it is read. */

ZKR_FUNCTION int FE(program_run_vartime)(uint8_t *assignment, size_t num_wires, const uint32_t *tape, size_t tape_words,
                                         const uint8_t *table_bytes, size_t table_size, const uint8_t *inputs,
                                         size_t num_inputs, size_t num_registers)
{
    FE(coefficients) table;
    FIELD *registers = malloc(num_registers * sizeof *registers);
    if (registers == NULL) return ZKR_ERR_MEMORY;
    int status = FE(coefficients_open)(&table, table_bytes, table_size);
    if (status != ZKR_OK) {
        free(registers);
        return status;
    }
    FE(set_one)(&registers[0]);
    FE(vec_to_montgomery)((uint8_t *)&registers[1], inputs, num_inputs);
    for (size_t at = 0; at < tape_words;) {
        const uint32_t *words = tape + at;
        FIELD result;
        switch (words[0]) {
        case ZKR_OP_DOT:
            FE(set_zero)(&result);
            for (uint32_t k = 0; k < words[2]; k++) {
                FE(accumulate)(&result, &table, words[3 + 2 * k], &registers[words[4 + 2 * k]]);
            }
            registers[words[1]] = result;
            at += 3 + 2 * (size_t)words[2];
            break;
        case ZKR_OP_MUL:
            FE(mul)(&registers[words[1]], &registers[words[2]], &registers[words[3]]);
            at += 4;
            break;
        case ZKR_OP_INV:
            FE(inverse_vartime)(&registers[words[1]], &registers[words[2]]);
            at += 3;
            break;
        default: /* ZKR_OP_BITS */
            FE(to_canonical)(&result, &registers[words[3]]);
            for (uint32_t k = 0; k < words[2]; k++) {
                FIELD *bit = &registers[words[1] + k];
                FE(set_zero)(bit);
                if (k < 64 * FE(LIMBS) && zkr_limb_bit(result.limb, k)) FE(set_one)(bit);
            }
            at += 4;
        }
    }
    FE(vec_from_montgomery)(assignment, (const uint8_t *)registers, num_wires);
    FE(coefficients_close)(&table);
    zkr_wipe(registers, num_registers * sizeof *registers);
    free(registers);
    return ZKR_OK;
}
