/* lanes_main.c: main of the tests that are compiled for AVX-512 IFMA.
 *
 * This unit is compiled for any CPU: with those flags a compiler may use the instructions anywhere, before the first line of main
 * asks for them. */
#include "lanes_main.h"

#include "check.h"

int main(int argc, char **argv)
{
    if (!runs_kernel("x86_ifma")) return skip("this CPU has no AVX-512 IFMA");
    return run_lanes(argc, argv);
}
