"""Poseidon and twisted Edwards curves over Python integers, for the reference kernel."""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import PrimeField
from ..errors import InvalidPoint, MalformedInput

MIN_WIDTH, MAX_WIDTH = 2, 17


def check_poseidon_shape(width: int, full_rounds: int, partial_rounds: int) -> None:
    """Raise ``MalformedInput`` for a width outside 2..17, an odd number of full rounds, or a negative number."""
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        raise MalformedInput(f"Poseidon has widths {MIN_WIDTH}..{MAX_WIDTH}, not {width}")
    if full_rounds < 0 or full_rounds % 2 or partial_rounds < 0:
        raise MalformedInput("Poseidon needs an even number of full rounds, and no negative number of rounds")


def poseidon(
    inputs: Sequence[int],
    full_rounds: int,
    partial_rounds: int,
    round_constants: Sequence[int],
    mds: Sequence[int],
    modulus: int,
) -> int:
    """Lane 0 of the permutation of (0, inputs) ([GKRRS19]): constants, S-box x⁵, matrix; full, partial, full rounds."""
    width = len(inputs) + 1
    state = [0, *inputs]
    for index in range(full_rounds + partial_rounds):
        state = [(lane + round_constants[index * width + i]) % modulus for i, lane in enumerate(state)]
        is_full = not full_rounds // 2 <= index < full_rounds // 2 + partial_rounds
        state = [pow(lane, 5, modulus) if is_full or i == 0 else lane for i, lane in enumerate(state)]
        state = [sum(mds[i * width + j] * state[j] for j in range(width)) % modulus for i in range(width)]
    return state[0]


class Edwards:
    """a·x² + y² = 1 + d·x²·y²; the addition law is complete when a is a square and d is not ([BBJLP08] theorem 3.3)."""

    def __init__(self, field: PrimeField, a: int, d: int) -> None:
        self.modulus = field.modulus
        self.a = a
        self.d = d

    def check(self, point: Sequence[int]) -> tuple[int, int]:
        """The point as a pair; raises ``InvalidPoint`` when it is not on the curve."""
        x, y = point
        if not self.is_on_curve(x, y):
            raise InvalidPoint("the point is not on the Edwards curve")
        return x, y

    def is_on_curve(self, x: int, y: int) -> bool:
        return (self.a * x * x + y * y - 1 - self.d * x * x * y * y) % self.modulus == 0

    def add(self, left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
        """left + right, affine: ((x1·y2 + y1·x2)/(1 + k), (y1·y2 - a·x1·x2)/(1 - k)) for k = d·x1·x2·y1·y2
        ([BBJLP08] section 6), both by one inversion.
        """
        (x1, y1), (x2, y2), p = left, right, self.modulus
        xx, yy = x1 * x2 % p, y1 * y2 % p
        k = self.d * xx * yy % p
        inverse = pow(1 - k * k, -1, p)
        x3 = (x1 * y2 + y1 * x2) * (1 - k) * inverse % p
        y3 = (yy - self.a * xx) * (1 + k) * inverse % p
        return x3, y3

    def mul(self, scalar: int, point: tuple[int, int]) -> tuple[int, int]:
        """scalar·point by doubling and adding; scalar >= 0, not reduced."""
        total = (0, 1)
        for bit in bin(scalar)[2:]:
            total = self.add(total, total)
            if bit == "1":
                total = self.add(total, point)
        return total
