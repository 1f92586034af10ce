/* lanes_main.h: what a test compiled for AVX-512 IFMA defines in place of main. */
#ifndef ZKR_LANES_MAIN_H
#define ZKR_LANES_MAIN_H

/* The whole test, where the CPU has the instructions or they are emulated; returns the exit status. */
int run_lanes(int argc, char **argv);

#endif
