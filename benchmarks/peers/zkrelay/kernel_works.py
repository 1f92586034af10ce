"""Works on single kernels over BN254, on random data, each checked by another way to the result."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from house.field_products import FieldProducts
from work import Work, agree

from zkrelay.algebra.encoding import pack_field, pack_g1, pack_g2, unpack_field
from zkrelay.algebra.points import negate_g1
from zkrelay.curves import bn254
from zkrelay.kernel import current

FR, FP = bn254.FR, bn254.FP
PRODUCTS = 1 << 20
G1, G2 = pack_g1([bn254.G1_GENERATOR]), pack_g2([bn254.G2_GENERATOR])


def field_mul(params: dict[str, Any], threads: int) -> Work:
    """Throughput of products of Fp inside the kernel: independent ones, no memory traffic."""
    library = FieldProducts(current().name)
    steps = PRODUCTS // library.width
    start, factor = _random_fp(library.width), _random_fp(1)
    out = [b""]

    def run() -> None:
        out[0] = library.products(start, factor, steps)

    return Work(run, lambda: _check_products(start, factor, steps, out[0]), items=PRODUCTS)


def field_chain(params: dict[str, Any], threads: int) -> Work:
    """Latency: a chain of products of Fp."""
    library = FieldProducts(current().name)
    start, factor = _random_fp(1), _random_fp(1)
    out = [b""]

    def run() -> None:
        out[0] = library.chain(start, factor, PRODUCTS)

    return Work(run, lambda: _check_products(start, factor, PRODUCTS, out[0]), items=PRODUCTS)


def _random_fp(n: int) -> bytes:
    values = pack_field(FP, [secrets.randbelow(FP.modulus) for _ in range(n)])
    return current().to_montgomery(FP.name, values)


def _check_products(start: bytes, factor: bytes, steps: int, out: bytes) -> None:
    kernel = current()
    starts, made = (unpack_field(FP, kernel.from_montgomery(FP.name, data)) for data in (start, out))
    [value] = unpack_field(FP, kernel.from_montgomery(FP.name, factor))
    power = pow(value, steps, FP.modulus)
    agree(made == [x * power % FP.modulus for x in starts])


def vector_mul(params: dict[str, Any], threads: int) -> Work:
    """Products of two vectors over Fr, 64-bit limbs in and out."""
    n, kernel = 1 << params["log_size"], current()
    a, b = (kernel.to_montgomery(FR.name, _random_fr(n)) for _ in range(2))
    out = [b""]

    def run() -> None:
        out[0] = kernel.vec_mul(FR.name, a, b)

    def check() -> None:
        x, y, z = (unpack_field(FR, kernel.from_montgomery(FR.name, v)) for v in (a, b, out[0]))
        agree(z == [p * q % FR.modulus for p, q in zip(x, y, strict=True)])

    return Work(run, check, items=n)


def _random_fr(n: int) -> bytes:
    return pack_field(FR, [secrets.randbelow(FR.modulus) for _ in range(n)])


def g1_msm(params: dict[str, Any], threads: int) -> Work:
    kernel = current()
    return _msm(params["log_size"], threads, G1, kernel.g1_fixed_base, kernel.g1_msm)


def g2_msm(params: dict[str, Any], threads: int) -> Work:
    kernel = current()
    return _msm(params["log_size"], threads, G2, kernel.g2_fixed_base, kernel.g2_msm)


def _msm(
    log_size: int, threads: int, generator: bytes, fixed_base: Callable[..., bytes], msm: Callable[..., bytes]
) -> Work:
    """The sum over i of k_i·(l_i·G) is the inner product of k and l times G."""
    n = 1 << log_size
    scalars, logarithms = _random_fr(n), _random_fr(n)
    bases = fixed_base("bn254", generator, logarithms, threads=threads)
    pairs = zip(unpack_field(FR, scalars), unpack_field(FR, logarithms), strict=True)
    inner = pack_field(FR, [sum(k * x for k, x in pairs) % FR.modulus])
    expected = fixed_base("bn254", generator, inner)
    out = [b""]

    def run() -> None:
        out[0] = msm("bn254", scalars, bases, threads=threads)

    return Work(run, lambda: agree(out[0] == expected))


def ntt(params: dict[str, Any], threads: int) -> Work:
    """Forward, natural order in and out."""
    kernel = current()
    values = kernel.to_montgomery(FR.name, _random_fr(1 << params["log_size"]))
    out = [b""]

    def run() -> None:
        out[0] = kernel.ntt(FR.name, values, threads=threads)

    def check() -> None:
        agree(kernel.ntt(FR.name, out[0], inverse=True, threads=threads) == values)
        total = sum(unpack_field(FR, kernel.from_montgomery(FR.name, values))) % FR.modulus
        agree(unpack_field(FR, kernel.from_montgomery(FR.name, out[0][: FR.num_bytes])) == [total])

    return Work(run, check)


def pairing(params: dict[str, Any], threads: int) -> Work:
    kernel = current()
    p = kernel.g1_fixed_base("bn254", G1, _random_fr(1))
    q = kernel.g2_fixed_base("bn254", G2, _random_fr(1))
    out = [b""]

    def run() -> None:
        out[0] = kernel.pairing("bn254", p, q)

    def check() -> None:
        agree(out[0] == kernel.pairing("bn254", p, q) and any(out[0][FP.num_bytes :]))
        agree(kernel.pairing_check("bn254", p + negate_g1(p), q + q) and not kernel.pairing_check("bn254", p, q))

    return Work(run, check)


def pairing_product(params: dict[str, Any], threads: int) -> Work:
    """Whether a product of ``count`` pairings is one; its second half is the inverse of its first."""
    kernel, half = current(), params["count"] // 2
    p = kernel.g1_fixed_base("bn254", G1, _random_fr(half))
    q = kernel.g2_fixed_base("bn254", G2, _random_fr(half))
    opposite = b"".join(negate_g1(p[at : at + len(G1)]) for at in range(0, len(p), len(G1)))
    p, q, out = p + opposite, q + q, [False]

    def run() -> None:
        out[0] = kernel.pairing_check("bn254", p, q)

    def check() -> None:
        agree(out[0] and not kernel.pairing_check("bn254", p[: len(p) // 2], q[: len(q) // 2]))

    return Work(run, check)


KERNEL_WORKS: dict[str, Callable[[dict[str, Any], int], Work]] = {
    "field_mul": field_mul,
    "field_chain": field_chain,
    "vector_mul": vector_mul,
    "g1_msm": g1_msm,
    "g2_msm": g2_msm,
    "ntt": ntt,
    "pairing": pairing,
    "pairing_product": pairing_product,
}
