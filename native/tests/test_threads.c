/* test_threads.c: each piece once, workers below the limit and never shared at one time, the lowest failure wins. */
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

int main(void)
{
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
