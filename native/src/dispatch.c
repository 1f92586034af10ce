/* dispatch.c: the list of kernels, fastest first, and the choice, which every thread makes for itself.
 *
 * In a build for tests that emulates x86_ifma, it comes after x86_adx, of which it needs every feature: it runs only where it
 * is asked for by name.
 */
#include <string.h>

#include "cpu.h"
#include "kernel.h"

static const zkr_kernel *const kernels[] = {
#if defined(ZKR_HAVE_X86_IFMA) && !defined(ZKR_EMULATE_AVX512)
    &zkr_kernel_x86_ifma,
#endif
#ifdef ZKR_HAVE_X86_ADX
    &zkr_kernel_x86_adx,
#endif
#ifdef ZKR_EMULATE_AVX512
    &zkr_kernel_x86_ifma,
#endif
#ifdef ZKR_HAVE_AARCH64
    &zkr_kernel_aarch64,
#endif
    &zkr_kernel_portable,
};
enum { NUM_KERNELS = sizeof kernels / sizeof kernels[0] };

/* The calling thread's choice.  A call of the ABI looks at it once, at the border, and hands tables to the threads it makes. */
static _Thread_local const zkr_kernel *chosen = NULL;

static int is_supported(const zkr_kernel *kernel)
{
    for (const char *const *feature = kernel->features; *feature != NULL; feature++) {
        if (!zkr_cpu_has(*feature) && !zkr_cpu_emulates(*feature)) return 0;
    }
    return 1;
}

static int is_emulated(const zkr_kernel *kernel)
{
    const char *const *feature = kernel->features;
    while (*feature != NULL && !zkr_cpu_emulates(*feature)) feature++;
    return *feature != NULL;
}

/* portable, the last, runs everywhere. */
static const zkr_kernel *fastest(void)
{
    int i = 0;
    while (i < NUM_KERNELS - 1 && !is_supported(kernels[i])) i++;
    return kernels[i];
}

const zkr_kernel *zkr_current(void)
{
    if (chosen == NULL) chosen = fastest();
    return chosen;
}

const zkr_field_table *zkr_field_of(const zkr_kernel *kernel, int field)
{
    switch (field) {
    case ZKR_BN254_FR: return kernel->curves[ZKR_BN254]->scalar_field;
    case ZKR_BN254_FP: return kernel->curves[ZKR_BN254]->base_field;
    case ZKR_BLS12_381_FR: return kernel->curves[ZKR_BLS12_381]->scalar_field;
    case ZKR_BLS12_381_FP: return kernel->curves[ZKR_BLS12_381]->base_field;
    default: return NULL;
    }
}

int zkr_abi_version(void) { return ZKR_ABI_VERSION; }

int zkr_kernel_count(void) { return NUM_KERNELS; }

const char *zkr_kernel_name(int index) { return index < 0 || index >= NUM_KERNELS ? NULL : kernels[index]->name; }

int zkr_kernel_supported(int index) { return index >= 0 && index < NUM_KERNELS && is_supported(kernels[index]); }

int zkr_kernel_emulated(int index) { return index >= 0 && index < NUM_KERNELS && is_emulated(kernels[index]); }

const char *zkr_kernel_feature(int index, int number)
{
    if (index < 0 || index >= NUM_KERNELS || number < 0) return NULL;
    const char *const *feature = kernels[index]->features;
    while (number-- > 0 && *feature != NULL) feature++;
    return *feature;
}

int zkr_cpu_supports(const char *feature) { return feature != NULL && zkr_cpu_has(feature); }

int zkr_kernel_select(const char *name)
{
    for (int i = 0; name != NULL && i < NUM_KERNELS; i++) {
        if (strcmp(name, kernels[i]->name) != 0) continue;
        if (kernels[i] == chosen) return ZKR_OK; /* supported then, supported now */
        if (!is_supported(kernels[i])) return ZKR_ERR_KERNEL;
        chosen = kernels[i];
        return ZKR_OK;
    }
    return ZKR_ERR_KERNEL;
}

const char *zkr_kernel_current(void) { return zkr_current()->name; }
