/* x86_adx.c: the kernel for x86-64 with mulx, adcx and adox (Intel since Broadwell, AMD since Zen). */
#define ZKR_ADX
#define KERNEL x86_adx
#define KERNEL_FEATURES "bmi2", "adx", NULL
#include "../templates/kernel_body.h"
