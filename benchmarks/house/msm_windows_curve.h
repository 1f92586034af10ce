/* msm_windows_curve.h: both groups of a curve for msm_windows.c.  Parameters: FIELD, SCALAR, FIELD2, GROUP1, GROUP2, PARAMS. */
#include "../../native/templates/base_field.h"
#include "../../native/templates/fp2.h"
#ifdef ZKR_LANES
#include "../../native/templates/lanes/fp2.h"
#endif
#include PARAMS

#define GROUP GROUP1
#define COORD FIELD
#include "../../native/templates/group.h"
#include "../../native/templates/affine_batch.h"
#include "../../native/templates/signed_digits.h"
#include "../../native/templates/msm_small.h"
#include "../../native/templates/msm_job.h"
EXPORT_GROUP(GROUP1)
#undef GROUP
#undef COORD

#define GROUP GROUP2
#define COORD FIELD2
#include "../../native/templates/group.h"
#include "../../native/templates/affine_batch.h"
#include "../../native/templates/signed_digits.h"
#include "../../native/templates/msm_small.h"
#include "../../native/templates/msm_job.h"
EXPORT_GROUP(GROUP2)
#undef GROUP
#undef COORD
