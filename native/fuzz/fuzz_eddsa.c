/* fuzz_eddsa.c: signatures, keys and packed points that may be anything, under Baby Jubjub and under parameters that may be wrong. */
#include "../tests/baby_jubjub.h"
#include "fuzz.h"

enum { FIELD = ZKR_BN254_FR, MOST_ITEMS = 3, MOST_OUTPUT = 256, MOST_KERNELS = 8 };

typedef enum { PUBLIC_KEY, SIGN, VERIFY, KEY_VERIFY, UNPACK, NEW, NUM_OPERATIONS } operation;

typedef struct {
    operation operation;
    int field, threads;
    zkr_eddsa_parameters parameters;
    size_t n;
    uint8_t secret[32], digest[64], publics[64 * MOST_ITEMS], messages[32 * MOST_ITEMS], signatures[64 * MOST_ITEMS];
} arguments;

/* Under the kernel in use, which a scheme keeps. */
static const zkr_eddsa *baby(void)
{
    static zkr_eddsa *schemes[MOST_KERNELS];
    for (int k = 0; k < zkr_kernel_count(); k++) {
        if (strcmp(zkr_kernel_name(k), zkr_kernel_current()) != 0) continue;
        CHECK(k < MOST_KERNELS);
        zkr_eddsa_parameters parameters = baby_parameters();
        if (schemes[k] == NULL) CHECK(zkr_eddsa_new(FIELD, &schemes[k], &parameters) == ZKR_OK);
        return schemes[k];
    }
    CHECK(0);
    return NULL;
}

static int call_key_verify(const arguments *x, int32_t *verdicts)
{
    zkr_eddsa_key *key = NULL;
    int status = zkr_eddsa_key_new_vartime(baby(), &key, x->publics);
    CHECK((status == ZKR_OK) == (key != NULL));
    if (status == ZKR_OK) status = zkr_eddsa_key_verify_vartime(key, verdicts, x->messages, x->signatures, x->n, x->threads);
    zkr_eddsa_key_free(key);
    return status;
}

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int32_t verdicts[MOST_ITEMS] = {0};
    int status;
    (void)bad_index;
    switch (x->operation) {
    case PUBLIC_KEY: return zkr_eddsa_public_key(baby(), out, x->secret);
    case SIGN: return zkr_eddsa_sign(baby(), out, x->secret, x->digest, x->messages);
    case VERIFY: status = zkr_eddsa_verify_vartime(baby(), verdicts, x->publics, x->messages, x->signatures, x->n, x->threads); break;
    case KEY_VERIFY: status = call_key_verify(x, verdicts); break;
    case UNPACK: return zkr_eddsa_unpack_vartime(baby(), out + 4 * x->n, (int32_t *)out, x->signatures, x->n);
    default: {
        zkr_eddsa *scheme = NULL;
        status = zkr_eddsa_new(x->field, &scheme, &x->parameters);
        CHECK((status == ZKR_OK) == (scheme != NULL));
        if (status == ZKR_OK) status = zkr_eddsa_verify_vartime(scheme, verdicts, x->publics, x->messages, x->signatures, x->n, 1);
        zkr_eddsa_free(scheme);
    }
    }
    if (status == ZKR_OK) memcpy(out, verdicts, x->n * sizeof *verdicts);
    return status;
}

/* Item i signed by the secret number (i mod 2) + 1, then perhaps spoilt. */
static void feed_item(feed *f, arguments *x, size_t i)
{
    uint8_t secret[32] = {(uint8_t)(1 + i % 2)}, digest[64], affine[96], *signature = x->signatures + 64 * i;
    feed_element(f, FIELD, x->messages + 32 * i);
    CHECK(zkr_eddsa_public_key(baby(), x->publics + 64 * i, secret) == ZKR_OK);
    memset(digest, (int)i + 1, sizeof digest);
    if (zkr_eddsa_sign(baby(), affine, secret, digest, x->messages + 32 * i) == ZKR_OK) {
        memcpy(signature, affine + 32, 64); /* R's y and S; the sign of x is a bit that may be wrong */
        if (feed_byte(f) & 1) signature[31] |= 0x80;
    }
    switch (feed_below(f, 8)) {
    case 0: signature[feed_byte(f) % 64] ^= feed_byte(f); break;
    case 1: feed_element(f, FIELD, signature); break;
    case 2: feed_element(f, FIELD, signature + 32); break;
    case 3: feed_element(f, FIELD, x->publics + 64 * i + 32 * (feed_byte(f) & 1)); break;
    case 4: memset(x->publics + 64 * i, 0, 64), x->publics[64 * i + 32] = feed_byte(f); break; /* the identity for 1 */
    default: break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t numbers[7][64]; /* a, d, base, order, s_end, k_begin, k_end */
    feed f = {data, size};
    arguments x = {.operation = (operation)feed_below(&f, NUM_OPERATIONS), .field = FIELD, .parameters = baby_parameters()};
    const uint8_t **of[] = {&x.parameters.a, &x.parameters.d, &x.parameters.base, &x.parameters.order,
                            &x.parameters.s_end, &x.parameters.k_begin, &x.parameters.k_end};
    x.threads = (int)feed_below(&f, 4), x.n = feed_below(&f, MOST_ITEMS + 1);
    size_t output = x.n * sizeof(int32_t);
    if (x.operation == PUBLIC_KEY) output = 64;
    if (x.operation == SIGN) output = 96;
    if (x.operation == UNPACK) output = x.n * (64 + sizeof(int32_t));
    feed_element(&f, FIELD, x.secret);
    feed_raw(&f, x.digest, sizeof x.digest);
    feed_element(&f, FIELD, x.messages);
    for (size_t i = 0; x.operation >= VERIFY && i < x.n; i++) feed_item(&f, &x, i);
    if (x.operation == NEW && feed_byte(&f) % 4 != 0) {
        size_t which = feed_below(&f, LENGTH(of));
        memcpy(numbers[which], *of[which], which == 2 ? 64 : 32);
        if (feed_byte(&f) & 1) {
            numbers[which][feed_byte(&f) % (which == 2 ? 64 : 32)] ^= feed_byte(&f);
        } else {
            feed_element(&f, FIELD, numbers[which]);
        }
        *of[which] = numbers[which];
        if (feed_below(&f, 8) == 7) x.parameters.full_rounds = (int)feed_number(&f, 1) - 2;
        if (x.parameters.full_rounds > BABY_FULL) x.parameters.full_rounds |= 1; /* refused before constants that are not there are read */
        if (feed_below(&f, 8) == 7) x.field = (int)feed_number(&f, 1) % 8;
    }
    run_on_all_kernels(call, &x, output);
    return 0;
}
