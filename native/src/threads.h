/* threads.h: fork and join over POSIX threads, and gates between the pieces of one job. */
#ifndef ZKR_THREADS_H
#define ZKR_THREADS_H
#include <pthread.h>
#include <stddef.h>

/* One piece of work; ZKR_OK or a negative status.  No two pieces run at the same time with the same worker, a number below
 * `threads`: memory can be kept by worker. */
typedef int (*zkr_task)(void *context, size_t worker, size_t index);

/* Run task(context, worker, 0..count-1), each exactly once, on up to `threads` threads (the calling one among them) and wait for
 * all.  Pieces are handed out in order.  A thread that cannot be started is done without.  After a failure no new piece
 * starts; returns ZKR_OK or the status of the failing piece of lowest index, and that index in *failed_index unless NULL:
 * the same for any number of threads, as no piece starts before one of lower index. */
int zkr_parallel(int threads, size_t count, zkr_task task, void *context, size_t *failed_index);

/* A gate that `count` pieces must pass before others go on.  As pieces are handed out in order, a piece may wait for any of
 * lower index: those have started.  Whoever must pass does so in failure too, or the others would wait for ever. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    size_t left;
    int status; /* ZKR_OK, or that of the first piece that failed */
} zkr_gate;

void zkr_gate_init(zkr_gate *gate, size_t count);
void zkr_gate_destroy(zkr_gate *gate);

/* One piece is done, with this status; 1 for the last one, 0 for the others. */
int zkr_gate_pass(zkr_gate *gate, int status);

/* Until all have passed; the status of the first that failed, or ZKR_OK. */
int zkr_gate_wait(zkr_gate *gate);
#endif
