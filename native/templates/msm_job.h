/* msm_job.h: sums of many multiples in GROUP, in eight lanes where the kernel has them.  Parameters: GROUP, COORD, FIELD, SCALAR. */
#include "columns.h"
#include "glv.h"
#ifdef ZKR_LANES
#include "lanes/digits.h"
#include "lanes/affine.h"
#include "lanes/lists.h"
#include "lanes/msm.h"
#else
#include "msm.h"
#endif
#include "msm_call.h"
#include "multiples.h"
