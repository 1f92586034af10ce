"""Verifying keys and proofs with known logarithms: any item, true or false, without a prover.

A = a·g1, B = b·g2, C = c·g1 is true when a·b = α·β + (ic_0 + Σ x_j·ic_j)·γ + c·δ modulo r.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from zkrelay.kernel import Kernel, Verdict

from . import samples
from .curve_samples import BN254, CurveSamples


@dataclass(frozen=True)
class Item:
    inputs: list[int]
    a: int
    b: int
    c: int


class Key:
    """A key of ``num_public`` inputs; its logarithms follow from the seed."""

    def __init__(self, num_public: int, *seed: object, curve: CurveSamples = BN254) -> None:
        self.curve, self.r, self.num_public = curve, curve.fr.modulus, num_public
        generator = samples.rng("groth16 key", num_public, *seed)
        self.alpha, self.beta, self.gamma, self.delta = (generator.randrange(1, self.r) for _ in range(4))
        self.ic = [generator.randrange(1, self.r) for _ in range(num_public + 1)]
        self._prepared: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        return self.curve.curve.name

    def prepared(self, kernel: Kernel) -> bytes:
        if kernel.name not in self._prepared:
            self._prepared[kernel.name] = self._prepare(kernel)
        return self._prepared[kernel.name]

    def _prepare(self, kernel: Kernel) -> bytes:
        curve = self.curve
        beta, gamma, delta = (curve.g2_multiple(k) for k in (self.beta, self.gamma, self.delta))
        ic = kernel.g1_fixed_base(self.name, curve.g1_multiple(1), curve.scalars(self.ic))
        return kernel.groth16_prepare(self.name, curve.g1_multiple(self.alpha), beta, gamma, delta, ic)

    def item(self, generator: random.Random, inputs: Sequence[int] | None = None) -> Item:
        """A true one."""
        r = self.r
        if inputs is None:
            inputs = [generator.choice((0, 1, r - 1, generator.randrange(r))) for _ in range(self.num_public)]
        a, b = generator.randrange(1, r), generator.randrange(1, r)
        statement = self.ic[0] + sum(x * y for x, y in zip(inputs, self.ic[1:], strict=True))
        c = (a * b - self.alpha * self.beta - statement * self.gamma) * pow(self.delta, -1, r) % r
        return Item(list(inputs), a, b, c)

    def items(self, count: int, *seed: object) -> list[Item]:
        generator = samples.rng("groth16 items", count, *seed)
        return [self.item(generator) for _ in range(count)]

    def packed_proofs(self, kernel: Kernel, items: Sequence[Item]) -> list[bytes]:
        curve = self.curve
        g1, g2 = curve.g1_multiple(1), curve.g2_multiple(1)
        a, c = (kernel.g1_fixed_base(self.name, g1, curve.scalars([getattr(i, n) for i in items])) for n in "ac")
        b = kernel.g2_fixed_base(self.name, g2, curve.scalars([item.b for item in items]))
        n1, n2 = curve.curve.g1_bytes, curve.curve.g2_bytes
        return [a[n1 * i :][:n1] + b[n2 * i :][:n2] + c[n1 * i :][:n1] for i in range(len(items))]

    def packed_inputs(self, items: Sequence[Item]) -> bytes:
        return self.curve.scalars([value for item in items for value in item.inputs])

    def verdicts(
        self,
        kernel: Kernel,
        inputs: bytes,
        proofs: Sequence[bytes],
        *,
        weights: bytes | None = None,
        threads: int = 1,
    ) -> list[Verdict]:
        weights = weights_for(len(proofs)) if weights is None else weights
        prepared = self.prepared(kernel)
        return kernel.groth16_verify(
            self.name, prepared, self.num_public, inputs, b"".join(proofs), weights, threads=threads
        )


def weights_for(count: int, *seed: object) -> bytes:
    return samples.rng("weights", count, *seed).randbytes(16 * count)
