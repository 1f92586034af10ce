/* x86_adx.c: the kernel for x86-64 with mulx, adcx and adox (Intel since Broadwell, AMD since Zen). */
static int is_supported(void) { return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("adx"); }

#define KERNEL x86_adx
#include "../templates/kernel_body.h"
