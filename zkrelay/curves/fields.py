"""Prime fields as data: a name, a modulus, and everything that follows from them.

Nothing here computes on vectors; that is the kernel's work.  Every derived constant is computed from the modulus and
asserted where it is used, so that a mistyped digit cannot survive import.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class PrimeField:
    """The field of integers modulo the prime ``modulus``.

    ``name`` is the identifier used by the kernel, by ``compile --field`` and in error messages.
    """

    name: str
    modulus: int

    @property
    def num_bits(self) -> int:
        """Bits of the modulus: 254 for BN254 Fr."""
        return self.modulus.bit_length()

    @property
    def num_bytes(self) -> int:
        """Bytes of one element in memory and in iden3 files: a multiple of 8."""
        return (self.num_bits + 63) // 64 * 8

    @property
    def montgomery_r(self) -> int:
        """R = 2^(8*num_bytes), the Montgomery radix of the in-memory form."""
        return 1 << (8 * self.num_bytes)

    @cached_property
    def two_adicity(self) -> int:
        """The largest s with 2^s dividing modulus - 1; NTT domains go up to 2^s."""
        return ((self.modulus - 1) & -(self.modulus - 1)).bit_length() - 1

    @cached_property
    def non_residue(self) -> int:
        """The smallest quadratic non-residue (iden3 derives its roots of unity from it)."""
        candidate = 2
        while pow(candidate, (self.modulus - 1) // 2, self.modulus) != self.modulus - 1:
            candidate += 1
        return candidate

    @cached_property
    def root_of_unity(self) -> int:
        """A primitive 2^two_adicity-th root of unity: non_residue^((modulus-1) / 2^two_adicity)."""
        root = pow(self.non_residue, (self.modulus - 1) >> self.two_adicity, self.modulus)
        assert self.two_adicity == 0 or pow(root, 1 << (self.two_adicity - 1), self.modulus) == self.modulus - 1
        return root

    def omega(self, log_size: int) -> int:
        """Generator of the multiplicative subgroup of order 2^log_size.

        Raises:
            ValueError: the field has no subgroup of that size.
        """
        if not 0 <= log_size <= self.two_adicity:
            raise ValueError(f"{self.name} has no NTT domain of size 2^{log_size} (at most 2^{self.two_adicity})")
        return pow(self.root_of_unity, 1 << (self.two_adicity - log_size), self.modulus)

    def inverse(self, value: int) -> int:
        """value^-1 modulo the prime; ``ZeroDivisionError`` for zero."""
        if value % self.modulus == 0:
            raise ZeroDivisionError(f"zero has no inverse in {self.name}")
        return pow(value, -1, self.modulus)

    def to_bytes(self, value: int) -> bytes:
        """Canonical little-endian bytes; ``ValueError`` when value is not in [0, modulus)."""
        if not 0 <= value < self.modulus:
            raise ValueError(f"value is not canonical in {self.name}")
        return value.to_bytes(self.num_bytes, "little")


def square_root_vartime(value: int, field: PrimeField) -> int | None:
    """Some s with s^2 = value, or None when there is none; not constant time (Tonelli and Shanks)."""
    p, exponent = field.modulus, field.two_adicity
    if value == 0:
        return 0
    if pow(value, (p - 1) // 2, p) != 1:
        return None
    odd = (p - 1) >> exponent
    root, error = pow(value, (odd + 1) // 2, p), pow(value, odd, p)  # root^2 = value * error
    step = field.root_of_unity
    while error != 1:
        order, power = 0, error  # error has order 2^order, below 2^exponent
        while power != 1:
            power = power * power % p
            order += 1
        factor = pow(step, 1 << (exponent - order - 1), p)
        root, step = root * factor % p, factor * factor % p
        error, exponent = error * step % p, order
    return root
