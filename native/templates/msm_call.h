/* msm_call.h: one sum scalars[i]*bases[i] in GROUP, by a job (msm.h or lanes/msm.h) that has the threads for itself. */
typedef struct {
    GR(msm_job) job;
    GR(msm_workspace) **workspaces;
} GR(msm_alone);

static int GR(msm_alone_task)(void *context, size_t worker, size_t index)
{
    GR(msm_alone) *alone = context;
    return GR(msm_task)(&alone->job, alone->workspaces, worker, index);
}

/* sum scalars[i]*bases[i] for canonical scalars, n < 2^31. */
ZKR_FUNCTION int GR(msm_xyzz_vartime)(GR(xyzz) *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads)
{
    if (n <= GR(SMALL_MSM)) return GR(msm_small_vartime)(out, scalars, bases, n);
    GR(msm_alone) alone = {.workspaces = calloc((size_t)threads, sizeof(GR(msm_workspace) *))};
    int status = GR(msm_open)(&alone.job, n, n, 1, (size_t)threads);
    if (alone.workspaces == NULL) status = ZKR_ERR_MEMORY;
    if (status == ZKR_OK) {
        GR(msm_add)(&alone.job, scalars, bases, NULL, n);
        status = zkr_parallel(threads, alone.job.num_tasks, GR(msm_alone_task), &alone, NULL);
    }
    if (status == ZKR_OK) GR(msm_sum)(out, &alone.job);
    for (int i = 0; i < threads && alone.workspaces != NULL; i++) GR(msm_workspace_free)(alone.workspaces[i]);
    free((void *)alone.workspaces);
    GR(msm_close)(&alone.job);
    return status;
}

ZKR_FUNCTION int GR(msm_vartime)(uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads)
{
    GR(xyzz) sum;
    GR(affine) result;
    int status = GR(msm_xyzz_vartime)(&sum, scalars, bases, n, threads);
    if (status != ZKR_OK) return status;
    GR(to_affine_vartime)(&result, &sum);
    GR(store)(out, &result);
    return ZKR_OK;
}
