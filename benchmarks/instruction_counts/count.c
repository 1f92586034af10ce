/* count.c: one hot loop of one kernel, for callgrind: count KERNEL WORK.  Only what `measured` does is counted.
 *
 * The kernel is taken by name and not asked whether the CPU has what it needs: valgrind runs mulx, adcx and adox and hides
 * them from those who ask.
 */
#include "../../native/src/kernel.h"
#include "../../native/tests/bn254_points.h"

enum { VECTOR = 1000, LOG_NTT = 12, MSM_G1 = 1000, MSM_G2 = 200, HASHES = 20, WIDTH = 3, FULL = 8, PARTIAL = 57 };

static uint8_t a[4096 * 32], b[4096 * 32], out[4096 * 32], g1[MSM_G1 * G1_BYTES], g2[MSM_G2 * G2_BYTES];

static void *work_product(const zkr_kernel *kernel)
{
    zkr_field_of(kernel, ZKR_BN254_FP)->vec_mul(out, a, b, VECTOR);
    return NULL;
}

static void *work_sum(const zkr_kernel *kernel)
{
    zkr_field_of(kernel, ZKR_BN254_FP)->vec_add(out, a, b, VECTOR);
    return NULL;
}

static void *work_inverse(const zkr_kernel *kernel)
{
    size_t bad;
    CHECK(zkr_field_of(kernel, ZKR_BN254_FP)->vec_inverse_vartime(out, a, VECTOR, &bad) == ZKR_OK);
    return NULL;
}

static void *work_ntt(const zkr_kernel *kernel)
{
    CHECK(zkr_field_of(kernel, ZKR_BN254_FR)->ntt(a, LOG_NTT, 0, NULL, 1) == ZKR_OK);
    return NULL;
}

static void *work_msm_g1(const zkr_kernel *kernel)
{
    CHECK(kernel->curves[ZKR_BN254]->g1->msm_vartime(out, a, g1, MSM_G1, 1) == ZKR_OK);
    return NULL;
}

static void *work_msm_g2(const zkr_kernel *kernel)
{
    CHECK(kernel->curves[ZKR_BN254]->g2->msm_vartime(out, a, g2, MSM_G2, 1) == ZKR_OK);
    return NULL;
}

static void *work_pairing(const zkr_kernel *kernel)
{
    CHECK(kernel->curves[ZKR_BN254]->pairing_vartime(out, g1 + G1_BYTES, g2 + G2_BYTES) == ZKR_OK);
    return NULL;
}

static void *work_check_g2(const zkr_kernel *kernel)
{
    size_t bad;
    CHECK(kernel->curves[ZKR_BN254]->g2->check_vartime(g2, 10, 0, 1, &bad) == ZKR_OK);
    return NULL;
}

static void *work_poseidon(const zkr_kernel *kernel)
{
    CHECK(zkr_field_of(kernel, ZKR_BN254_FR)->poseidon(out, a, HASHES, WIDTH, FULL, PARTIAL, b, b + 4000 * 32) == ZKR_OK);
    return NULL;
}

static const struct {
    const char *name;
    void *(*run)(const zkr_kernel *);
} WORKS[] = {{"product", work_product}, {"sum", work_sum}, {"inverse", work_inverse}, {"ntt", work_ntt},
             {"msm_g1", work_msm_g1}, {"msm_g2", work_msm_g2}, {"pairing", work_pairing}, {"check_g2", work_check_g2},
             {"poseidon", work_poseidon}};

/* callgrind counts from its entry to its return. */
__attribute__((noinline)) void measured(void *(*run)(const zkr_kernel *), const zkr_kernel *kernel)
{
    run(kernel);
    __asm__ __volatile__("" : : : "memory");
}

int main(int argc, char **argv)
{
    const zkr_kernel *kernels[] = {
        &zkr_kernel_portable,
#ifdef ZKR_HAVE_X86_ADX
        &zkr_kernel_x86_adx,
#endif
    };
    CHECK(argc == 3);
    random_elements(a, 4096);
    random_elements(b, 4096);
    CHECK(zkr_kernel_select("portable") == ZKR_OK);
    CHECK(zkr_g1_fixed_base_vartime(0, g1, G1_GENERATOR, a, MSM_G1, 1, NULL) == ZKR_OK);
    CHECK(zkr_g2_fixed_base_vartime(0, g2, G2_GENERATOR, a, MSM_G2, 1, NULL) == ZKR_OK);
    for (size_t k = 0; k < LENGTH(kernels); k++) {
        for (size_t w = 0; w < LENGTH(WORKS); w++) {
            if (strcmp(kernels[k]->name, argv[1]) != 0 || strcmp(WORKS[w].name, argv[2]) != 0) continue;
            measured(WORKS[w].run, kernels[k]);
            return 0;
        }
    }
    fprintf(stderr, "no kernel %s or no work %s\n", argv[1], argv[2]);
    return 2;
}
