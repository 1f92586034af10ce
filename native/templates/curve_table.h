/* curve_table.h: the row of the kernel's table for CURVE, after all templates over it: what other objects see of them. */
const zkr_curve_table KERNEL_CURVE(CURVE) = {
    .base_field = &ZKR_JOIN(FIELD, table),
    .scalar_field = &ZKR_JOIN(SCALAR, table),
    .g1 = &ZKR_JOIN(GROUP1, table),
    .g2 = &ZKR_JOIN(GROUP2, table),
    .pairing_check_vartime = CU(pairing_check_vartime),
    .pairing_vartime = CU(pairing_vartime),
    .prover_new = CU(prover_new),
    .prover_free = CU(prover_free),
    .prover_num_bytes = CU(prover_num_bytes),
    .prover_prove_vartime = CU(prover_prove_vartime),
    .groth16_prepared_bytes = CU(groth16_prepared_bytes),
    .groth16_prepare_vartime = CU(groth16_prepare_vartime),
    .groth16_verify_vartime = CU(groth16_verify_vartime),
};
