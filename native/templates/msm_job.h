/* msm_job.h: sums of many multiples in GROUP, in eight lanes where the kernel has them.  Parameters: GROUP, COORD, FIELD, SCALAR. */
#include "columns.h"
#include "glv.h"
#ifndef MSM_COLUMNS /* benchmarks/house/msm_windows.c tries others */
#define MSM_COLUMNS(num_pairs, factor, least_tasks) GR(msm_columns)(num_pairs, factor, least_tasks)
#endif
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
#include "products.h"
