"""Evaluation domains H = {1, ω, …, ωⁿ⁻¹}, n = 2^log_size, and their Lagrange polynomials at one point.

L_i(x) = (1/n) Σ_k x^k ω^(-ik) is, by definition, the inverse NTT of (1, x, x², …, xⁿ⁻¹).  That is the whole algorithm
here: n-1 products and one transform, no inversion, and no branch on x, which in a setup is secret.  (The closed form
L_i(x) = ω^i (xⁿ - 1) / (n (x - ω^i)) costs about as much with batch inversion; the tests hold the two equal.)
"""

from __future__ import annotations

from dataclasses import dataclass

from ..curves import PrimeField
from ..kernel import current

MAX_LOG_SIZE = 24


@dataclass(frozen=True)
class Domain:
    """The subgroup of order 2^log_size of ``field``'s multiplicative group."""

    field: PrimeField
    log_size: int

    def __post_init__(self) -> None:
        limit = min(MAX_LOG_SIZE, self.field.two_adicity)
        if not 0 <= self.log_size <= limit:
            raise ValueError(f"{self.field.name} has no NTT domain of size 2^{self.log_size} (at most 2^{limit})")

    @classmethod
    def at_least(cls, field: PrimeField, size: int) -> Domain:
        """The smallest domain with ``size`` points or more; ``ValueError`` when there is none."""
        return cls(field, max(size - 1, 0).bit_length())

    @property
    def size(self) -> int:
        return 1 << self.log_size

    @property
    def omega(self) -> int:
        return self.field.omega(self.log_size)

    def vanishing_at(self, x: int) -> int:
        """t(x) = xⁿ - 1, zero exactly on the domain."""
        return (pow(x, self.size, self.field.modulus) - 1) % self.field.modulus

    def powers_of(self, x: int) -> bytes:
        """(1, x, …, xⁿ⁻¹), Montgomery form, by doubling: the second half is x^(half) times the first."""
        field, kernel = self.field, current()
        powers = self._montgomery(1)
        for i in range(self.log_size):
            powers += kernel.vec_scale(field.name, powers, self._montgomery(pow(x, 1 << i, field.modulus)))
        return powers

    def lagrange_at(self, x: int, *, threads: int = 1) -> bytes:
        """(L_0(x), …, L_{n-1}(x)), Montgomery form; any x, on the domain or off it."""
        return current().ntt(self.field.name, self.powers_of(x), inverse=True, threads=threads)

    def odd_lagrange_at(self, x: int, *, threads: int = 1) -> bytes:
        """(L′_1(x), L′_3(x), …, L′_{2n-1}(x)), Montgomery form: the odd half of the Lagrange basis of the 2n domain.

        With η = ω_{2n}: L′_{2i+1} vanishes on H, where Xⁿ = 1, and on the other points of ηH, where Xⁿ = -1, so
        L′_{2i+1}(x) = (1 - xⁿ)/2 · L_i(x/η).
        """
        field = self.field
        eta = field.omega(self.log_size + 1)
        lagrange = self.lagrange_at(x * field.inverse(eta) % field.modulus, threads=threads)
        half = -self.vanishing_at(x) * field.inverse(2) % field.modulus
        return current().vec_scale(field.name, lagrange, self._montgomery(half))

    def _montgomery(self, value: int) -> bytes:
        return self.field.to_bytes(value * self.field.montgomery_r % self.field.modulus)
