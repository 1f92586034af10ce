/* threads.h: fork and join over POSIX threads. */
#ifndef ZKR_THREADS_H
#define ZKR_THREADS_H
#include <stddef.h>

/* One piece of work; ZKR_OK or a negative status.  No two pieces run at the same time with the same worker, a number below
 * `threads`: memory can be kept by worker. */
typedef int (*zkr_task)(void *context, size_t worker, size_t index);

/* Run task(context, worker, 0..count-1), each exactly once, on up to `threads` threads (the calling one among them) and wait for
 * all.  Pieces are handed out in order.  A thread that cannot be started is done without.  After a failure no new piece
 * starts; returns ZKR_OK or the status of the failing piece of lowest index, and that index in *failed_index unless NULL:
 * the same for any number of threads, as no piece starts before one of lower index. */
int zkr_parallel(int threads, size_t count, zkr_task task, void *context, size_t *failed_index);
#endif
