"""Verifying keys and proofs with known logarithms: any item, true or false, without a prover.

A = a·g1, B = b·g2, C = c·g1 is true when a·b = α·β + (ic_0 + Σ x_j·ic_j)·γ + c·δ modulo r.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from zkrelay.kernel import Kernel, Verdict

from . import samples
from .samples import FR

CURVE = "bn254"
R = FR.modulus
G1, G2 = samples.g1_multiple(1), samples.g2_multiple(1)


@dataclass(frozen=True)
class Item:
    inputs: list[int]
    a: int
    b: int
    c: int


class Key:
    """A key of ``num_public`` inputs; its logarithms follow from the seed."""

    def __init__(self, num_public: int, *seed: object) -> None:
        generator = samples.rng("groth16 key", num_public, *seed)
        self.num_public = num_public
        self.alpha, self.beta, self.gamma, self.delta = (generator.randrange(1, R) for _ in range(4))
        self.ic = [generator.randrange(1, R) for _ in range(num_public + 1)]

    def prepared(self, kernel: Kernel) -> bytes:
        beta, gamma, delta = (samples.g2_multiple(k) for k in (self.beta, self.gamma, self.delta))
        ic = kernel.g1_fixed_base(CURVE, G1, samples.scalars(self.ic))
        return kernel.groth16_prepare(CURVE, samples.g1_multiple(self.alpha), beta, gamma, delta, ic)

    def item(self, generator: random.Random, inputs: Sequence[int] | None = None) -> Item:
        """A true one."""
        if inputs is None:
            inputs = [generator.choice((0, 1, R - 1, generator.randrange(R))) for _ in range(self.num_public)]
        a, b = generator.randrange(1, R), generator.randrange(1, R)
        statement = self.ic[0] + sum(x * y for x, y in zip(inputs, self.ic[1:], strict=True))
        c = (a * b - self.alpha * self.beta - statement * self.gamma) * pow(self.delta, -1, R) % R
        return Item(list(inputs), a, b, c)

    def items(self, count: int, *seed: object) -> list[Item]:
        generator = samples.rng("groth16 items", count, *seed)
        return [self.item(generator) for _ in range(count)]


def packed_proofs(kernel: Kernel, items: Sequence[Item]) -> list[bytes]:
    def multiples(name: str) -> bytes:
        base, multiply = (G2, kernel.g2_fixed_base) if name == "b" else (G1, kernel.g1_fixed_base)
        return multiply(CURVE, base, samples.scalars([getattr(item, name) for item in items]))

    a, b, c = (multiples(name) for name in "abc")
    return [a[64 * i :][:64] + b[128 * i :][:128] + c[64 * i :][:64] for i in range(len(items))]


def packed_inputs(items: Sequence[Item]) -> bytes:
    return samples.scalars([value for item in items for value in item.inputs])


def weights_for(count: int, *seed: object) -> bytes:
    return samples.rng("weights", count, *seed).randbytes(16 * count)


def verdicts(
    kernel: Kernel, key: Key, inputs: bytes, proofs: Sequence[bytes], *, weights: bytes | None = None, threads: int = 1
) -> list[Verdict]:
    weights = weights_for(len(proofs)) if weights is None else weights
    prepared = key.prepared(kernel)
    return kernel.groth16_verify(CURVE, prepared, key.num_public, inputs, b"".join(proofs), weights, threads=threads)
