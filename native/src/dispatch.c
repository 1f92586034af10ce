/* dispatch.c: the list of kernels, fastest first, and the choice: the one piece of global state. */
#include <stdatomic.h>
#include <string.h>

#include "kernel.h"

static const zkr_kernel *const kernels[] = {
#ifdef ZKR_HAVE_X86_IFMA
    &zkr_kernel_x86_ifma,
#endif
#ifdef ZKR_HAVE_X86_ADX
    &zkr_kernel_x86_adx,
#endif
    &zkr_kernel_portable,
};
enum { NUM_KERNELS = sizeof kernels / sizeof kernels[0] };

static _Atomic(const zkr_kernel *) chosen = NULL;

/* The first supported kernel until zkr_kernel_select says otherwise; portable, the last, runs everywhere. */
const zkr_kernel *zkr_current(void)
{
    const zkr_kernel *kernel = atomic_load(&chosen);
    if (kernel != NULL) return kernel;
    for (int i = 0; i < NUM_KERNELS; i++) {
        if (kernels[i]->is_supported()) return kernels[i];
    }
    return &zkr_kernel_portable;
}

int zkr_abi_version(void) { return ZKR_ABI_VERSION; }

int zkr_kernel_count(void) { return NUM_KERNELS; }

const char *zkr_kernel_name(int index) { return index < 0 || index >= NUM_KERNELS ? NULL : kernels[index]->name; }

int zkr_kernel_supported(int index) { return index >= 0 && index < NUM_KERNELS && kernels[index]->is_supported(); }

int zkr_kernel_select(const char *name)
{
    for (int i = 0; name != NULL && i < NUM_KERNELS; i++) {
        if (strcmp(name, kernels[i]->name) != 0) continue;
        if (!kernels[i]->is_supported()) return ZKR_ERR_KERNEL;
        atomic_store(&chosen, kernels[i]);
        return ZKR_OK;
    }
    return ZKR_ERR_KERNEL;
}

const char *zkr_kernel_current(void) { return zkr_current()->name; }
