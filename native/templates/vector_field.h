/* vector_field.h: everything the kernel does over the prime field FIELD of scalars and circuits, in order of dependence; with
 * ZKR_EMBEDDED_CURVE also signatures on a curve over it. */
#include "field.h"
#ifdef ZKR_LANES
#include "lanes/field.h"
#include "lanes/known.h"
#include "lanes/butterfly.h"
#include "lanes/network.h"
#endif
#include "vector.h"
#include "ntt.h"
#include "quotient.h"
#include "sparse.h"
#include "rows.h"
#include "system.h"
#include "program.h"
#include "poseidon.h"
#include "edwards.h"
#ifdef ZKR_EMBEDDED_CURVE
#include "square_root.h"
#include "edwards_multiples.h"
#include "eddsa.h"
#endif
#include "field_table.h"
