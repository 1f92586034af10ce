/* field_table.h: the row of the kernel's table for FIELD, after all templates over it; VECTORS_ONLY where they end with vector.h. */
static const zkr_field_table FE(table) = {
    .modulus = FE(modulus),
    .limbs = FE(LIMBS),
    .two_adicity = FE(TWO_ADICITY),
    .vec_to_montgomery = FE(vec_to_montgomery),
    .vec_from_montgomery = FE(vec_from_montgomery),
    .vec_add = FE(vec_add),
    .vec_sub = FE(vec_sub),
    .vec_mul = FE(vec_mul),
    .vec_scale = FE(vec_scale),
    .vec_inverse_vartime = FE(vec_inverse_vartime),
#ifndef VECTORS_ONLY
    .ntt = FE(ntt),
    .matrix_apply = FE(matrix_apply),
    .matrix_apply_transposed = FE(matrix_apply_transposed),
    .system_new = FE(system_new),
    .system_free = FE(system_free),
    .system_first_unsatisfied = FE(system_first_unsatisfied),
    .program_new = FE(program_new),
    .program_free = FE(program_free),
    .program_run_vartime = FE(program_run_vartime),
    .poseidon = FE(poseidon),
    .edwards_mul = FE(edwards_mul),
    .edwards_double_mul_vartime = FE(edwards_double_mul_vartime),
#ifdef ZKR_EMBEDDED_CURVE
    .eddsa = &FE(eddsa_table),
#endif
#endif
};
