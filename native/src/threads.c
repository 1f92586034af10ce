/* threads.c: fork and join.  Threads live for one call: starting one costs tens of microseconds against pieces of work of
 * milliseconds, and a pool would be global state. */
#include "threads.h"

#include "../include/zkrelay.h"

typedef struct {
    pthread_mutex_t lock; /* guards the four numbers below */
    size_t next_worker;
    size_t next;
    size_t failed_index;
    int status;
    size_t count;
    zkr_task task;
    void *context;
} zkr_crew;

static void *zkr_work(void *argument)
{
    zkr_crew *crew = argument;
    pthread_mutex_lock(&crew->lock);
    size_t worker = crew->next_worker++;
    while (crew->status == ZKR_OK && crew->next < crew->count) {
        size_t index = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        int status = crew->task(crew->context, worker, index);
        pthread_mutex_lock(&crew->lock);
        if (status != ZKR_OK && (crew->status == ZKR_OK || index < crew->failed_index)) {
            crew->status = status;
            crew->failed_index = index;
        }
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

int zkr_parallel(int threads, size_t count, zkr_task task, void *context, size_t *failed_index)
{
    pthread_t members[ZKR_MAX_THREADS];
    size_t started = 0;
    zkr_crew crew = {.lock = PTHREAD_MUTEX_INITIALIZER, .count = count, .task = task, .context = context};
    while (started + 1 < (size_t)threads && started + 1 < count) {
        if (pthread_create(&members[started], NULL, zkr_work, &crew) != 0) break;
        started++;
    }
    zkr_work(&crew);
    for (size_t i = 0; i < started; i++) pthread_join(members[i], NULL);
    if (failed_index != NULL) *failed_index = crew.failed_index;
    return crew.status;
}

void zkr_gate_init(zkr_gate *gate, size_t count)
{
    pthread_mutex_init(&gate->lock, NULL); /* with default attributes neither can fail on Linux and macOS */
    pthread_cond_init(&gate->opened, NULL);
    gate->left = count;
    gate->status = ZKR_OK;
}

void zkr_gate_destroy(zkr_gate *gate)
{
    pthread_cond_destroy(&gate->opened);
    pthread_mutex_destroy(&gate->lock);
}

int zkr_gate_pass(zkr_gate *gate, int status)
{
    pthread_mutex_lock(&gate->lock);
    if (gate->status == ZKR_OK) gate->status = status;
    int is_last = --gate->left == 0;
    if (is_last) pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->lock);
    return is_last;
}

int zkr_gate_wait(zkr_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->left > 0) pthread_cond_wait(&gate->opened, &gate->lock);
    int status = gate->status;
    pthread_mutex_unlock(&gate->lock);
    return status;
}
