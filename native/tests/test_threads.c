/* test_threads.c: gates between pieces; each piece once, workers below the limit and never shared at one time, the lowest failure wins. */
#include <stdatomic.h>

#include "../src/threads.h"
#include "check.h"

enum { PIECES = 1000 };

typedef struct {
    atomic_int runs[PIECES];
    atomic_int busy[ZKR_MAX_THREADS];
    int threads;
    size_t fail_from, fail_step;
} board;

static int piece(void *context, size_t worker, size_t index)
{
    board *b = context;
    CHECK(worker < (size_t)b->threads);
    CHECK(atomic_fetch_add(&b->busy[worker], 1) == 0);
    atomic_fetch_add(&b->runs[index], 1);
    atomic_fetch_sub(&b->busy[worker], 1);
    return index >= b->fail_from && (index - b->fail_from) % b->fail_step == 0 ? -(int)index - 1 : ZKR_OK;
}

/* Stages: the pieces of one wait for all of the stage before, whatever the threads; a failure reaches those that wait. */
enum { STAGES = 5, WIDTH = 7 };

typedef struct {
    zkr_gate gates[STAGES];
    atomic_int done[STAGES], last[STAGES];
    size_t fails;
} stages;

static int staged_piece(void *context, size_t worker, size_t index)
{
    stages *s = context;
    size_t stage = index / WIDTH;
    int status = stage > 0 ? zkr_gate_wait(&s->gates[stage - 1]) : ZKR_OK;
    (void)worker;
    if (status == ZKR_OK && stage > 0) CHECK(s->done[stage - 1] == WIDTH);
    if (index == s->fails) status = ZKR_ERR_MEMORY;
    atomic_fetch_add(&s->done[stage], 1);
    if (zkr_gate_pass(&s->gates[stage], status)) atomic_fetch_add(&s->last[stage], 1);
    return status;
}

static void test_gates(int threads, size_t fails)
{
    stages s = {.fails = fails};
    for (int i = 0; i < STAGES; i++) zkr_gate_init(&s.gates[i], WIDTH);
    size_t failed = SIZE_MAX;
    int status = zkr_parallel(threads, STAGES * WIDTH, staged_piece, &s, &failed);
    CHECK(status == (fails < STAGES * WIDTH ? ZKR_ERR_MEMORY : ZKR_OK));
    for (int i = 0; i < STAGES; i++) {
        if (status == ZKR_OK) CHECK(s.done[i] == WIDTH && s.last[i] == 1);
        CHECK(s.last[i] == (s.done[i] == WIDTH));
        zkr_gate_destroy(&s.gates[i]);
    }
    if (status != ZKR_OK) CHECK(failed == fails);
}

int main(void)
{
    for (int threads = 1; threads <= 16; threads *= 2) {
        for (size_t fails = 0; fails <= STAGES * WIDTH; fails++) test_gates(threads, fails);
    }

    static const int threads[] = {1, 2, 3, 16, ZKR_MAX_THREADS};
    for (size_t i = 0; i < LENGTH(threads); i++) {
        for (size_t count = 0; count <= PIECES; count = 3 * count + 1) {
            board *b = calloc(1, sizeof *b);
            CHECK(b != NULL);
            b->threads = threads[i];
            b->fail_from = SIZE_MAX;
            CHECK(zkr_parallel(threads[i], count, piece, b, NULL) == ZKR_OK);
            for (size_t k = 0; k < PIECES; k++) CHECK(b->runs[k] == (k < count));
            free(b);
        }
        for (int round = 0; round < 20; round++) {
            size_t failed;
            board *b = calloc(1, sizeof *b);
            CHECK(b != NULL);
            b->threads = threads[i];
            b->fail_from = random_word() % PIECES;
            b->fail_step = 1 + random_word() % 3;
            CHECK(zkr_parallel(threads[i], PIECES, piece, b, &failed) == -(int)b->fail_from - 1);
            CHECK(failed == b->fail_from);
            free(b);
        }
    }
    return 0;
}
