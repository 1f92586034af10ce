/* base_field.h: what the kernel does over the prime field FIELD where only coordinates of points live in it: vectors, no circuits. */
#include "field.h"
#ifdef ZKR_LANES
#include "lanes/field.h"
#endif
#include "vector.h"
#define VECTORS_ONLY
#include "field_table.h"
#undef VECTORS_ONLY
