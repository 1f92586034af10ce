/* quotient.h: the quotient of a Groth16 proof over FIELD, with tables that a prover keeps between proofs.
 *
 * domain_open(&domain, log_size)         tables for 2^log_size rows; log_size < TWO_ADICITY (the odd points need omega_{2n})
 * quotient(h, a, b, &domain, threads)    h = A*B - C at the odd points omega_{2n}^(2i+1), canonical
 * domain_close(&domain)                  also of an all-zero domain, one that was never opened
 *
 * a and b hold the evaluations of A and B on the domain (canonical, natural order); C = A∘B there.  Both are scratch:
 * they come back overwritten.  Taken as Montgomery forms, canonical numbers stand for A/R and B/R, so that a product has the
 * factor 1/R^2, of which the last conversion leaves nothing.  Six transforms: decimation in frequency leaves the coefficients bit-reversed, the factors
 * omega_{2n}^i/n lie in that order too, and decimation in time takes them back to natural order.
 */
typedef struct {
    uint32_t log_size;
    FIELD *twiddles, *inverse_twiddles, *shifts; /* one allocation: 3*2^log_size elements */
} FE(scalar_domain);

ZKR_FUNCTION int FE(scalar_domain_open)(FE(scalar_domain) *domain, uint32_t log_size)
{
    size_t n = (size_t)1 << log_size;
    FIELD *tables = malloc(3 * n * sizeof *tables), root, power;
    if (tables == NULL) return ZKR_ERR_MEMORY;
    *domain = (FE(scalar_domain)){log_size, tables, tables + n, tables + 2 * n};
    FE(ntt_twiddles)(domain->twiddles, log_size, 0);
    FE(ntt_twiddles)(domain->inverse_twiddles, log_size, 1);
    FE(ntt_root)(&root, log_size + 1, 0);
    FE(ntt_inverse_size)(&power, log_size);
    for (size_t i = 0; i < n; i++) {
        domain->shifts[FE(ntt_reversed)(i, log_size)] = power;
        FE(mul)(&power, &power, &root);
    }
    return ZKR_OK;
}

ZKR_FUNCTION void FE(scalar_domain_close)(FE(scalar_domain) *domain) { free(domain->twiddles); }

ZKR_FUNCTION size_t FE(scalar_domain_num_bytes)(const FE(scalar_domain) *domain)
{
    return 3 * sizeof(FIELD) << domain->log_size;
}

/* Evaluations on the domain -> evaluations on the odd points. */
ZKR_FUNCTION int FE(to_odd_points)(FIELD *values, const FE(scalar_domain) *domain, int threads)
{
    int status = FE(ntt_dif)(values, domain->inverse_twiddles, domain->log_size, threads);
    if (status != ZKR_OK) return status;
    for (size_t i = 0; i < (size_t)1 << domain->log_size; i++) FE(mul)(&values[i], &values[i], &domain->shifts[i]);
    return FE(ntt_dit)(values, domain->twiddles, domain->log_size, threads);
}

ZKR_FUNCTION int FE(scalar_quotient)(uint8_t *h, FIELD *a, FIELD *b, const FE(scalar_domain) *domain, int threads)
{
    size_t n = (size_t)1 << domain->log_size;
    FIELD *c = malloc(n * sizeof *c);
    if (c == NULL) return ZKR_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) FE(mul)(&c[i], &a[i], &b[i]);
    int status = FE(to_odd_points)(a, domain, threads);
    if (status == ZKR_OK) status = FE(to_odd_points)(b, domain, threads);
    if (status == ZKR_OK) status = FE(to_odd_points)(c, domain, threads);
    for (size_t i = 0; i < n && status == ZKR_OK; i++) {
        FIELD value;
        FE(mul)(&value, &a[i], &b[i]);
        FE(sub)(&value, &value, &c[i]);
        FE(from_canonical)(&value, &value);
        FE(store)(h + i * sizeof value, &value);
    }
    zkr_wipe(c, n * sizeof *c);
    free(c);
    return status;
}

#ifdef ZKR_LANES
#include "lanes/quotient.h"
#else
typedef FE(scalar_domain) FE(domain);
ZKR_FUNCTION int FE(domain_open)(FE(domain) *domain, uint32_t log_size) { return FE(scalar_domain_open)(domain, log_size); }
ZKR_FUNCTION void FE(domain_close)(FE(domain) *domain) { FE(scalar_domain_close)(domain); }
ZKR_FUNCTION size_t FE(domain_num_bytes)(const FE(domain) *domain) { return FE(scalar_domain_num_bytes)(domain); }
ZKR_FUNCTION int FE(quotient)(uint8_t *h, FIELD *a, FIELD *b, const FE(domain) *domain, int threads)
{
    return FE(scalar_quotient)(h, a, b, domain, threads);
}
#endif
