"""The code of a contract for Poseidon: what an escrow hashes a note, and a tree over notes, with.

It answers ``poseidon(uint256[n])``, as circomlibjs's contracts do, and reverts for an input that is not below r.

All rounds are those of ``curves.poseidon``; only the coordinates of the partial rounds are others.  Let A be the
matrix M with its first column zero, b that column, and x the state without the constants that wait for the full
rounds.  A partial round, with s = (x_0 + c)^5, is x' = A·x + s·b.  In the coordinates z_k = (row 0 of A^k)·x it is

    z_k' = z_{k+1} + g_k·s      for k < t - 1          with g_k = (row 0 of A^k)·b
    z_{t-1}' = Σ q_k·z_k + g_{t-1}·s                   with q of Cayley and Hamilton; A is singular, so q_0 = 0

So a round takes 2t - 1 products where M takes t², and, unlike with sparse factors of M, the same ones in every round.
The rounds are a loop of t: in each the lanes lie one slot further, and nothing is moved.  The code is written here and
not by solc, which loses P5's lanes out of the stack's reach.

Sums stay unreduced as long as they fit: 5r < 2^256, and ``MULMOD`` takes any word.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import bn254
from ..curves.poseidon import poseidon_parameters
from ..errors import MalformedInput
from .assembly import Assembly, creation_code
from .keccak import selector

MAX_INPUTS = 5  # t lanes before a round, t after it, and three words more have to be in reach
MAX_TERMS = 5  # of a sum of numbers below r
_R = bn254.FR.modulus
_Matrix = Sequence[Sequence[int]]


def poseidon_code(num_inputs: int) -> bytes:
    """What a transaction sends to create the contract for ``num_inputs`` inputs; it has no constructor arguments.

    Raises:
        MalformedInput: num_inputs is outside [1, ``MAX_INPUTS``].
    """
    if isinstance(num_inputs, bool) or not isinstance(num_inputs, int) or not 1 <= num_inputs <= MAX_INPUTS:
        raise MalformedInput(f"a contract hashes 1 to {MAX_INPUTS} inputs, not {num_inputs}")
    return creation_code(_Hash(num_inputs + 1).runtime())


class _Hash(Assembly):
    """The runtime code for states of t lanes.

    The stack is r, then t slots, in which the S-boxes leave their outputs, and above them the lanes of the next round.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.r = 0
        self.slots = range(1, 1 + width)

    def runtime(self) -> bytes:
        parameters = poseidon_parameters(bn254.FR, self.width)
        mds, half, flat = parameters.mds, parameters.full_rounds // 2, parameters.round_constants
        constants = [flat[at : at + self.width] for at in range(0, len(flat), self.width)]
        before, after = constants[:half], constants[half + parameters.partial_rounds :]
        partial, waiting = _collected(mds, constants[half : half + parameters.partial_rounds])
        to_z, to_state, gains, feedback = _coordinates(mds)

        self.load(before[0])
        for following in before[1:]:
            self.sboxes()
            self.mix(mds, following)
        self.sboxes()
        self.mix(_product(to_z, mds), [0] * self.width, reduced=True)
        table = self.partial_rounds(len(partial), gains, feedback)
        self.mix(to_state, [(a + b) % _R for a, b in zip(after[0], waiting, strict=True)])
        for following in after[1:]:
            self.sboxes()
            self.mix(mds, following)
        self.sboxes()
        self.mix(mds[:1], [0], reduced=True)
        self.push(0)
        self.op("MSTORE")
        self.push(32)
        self.push(0)
        self.op("RETURN")
        self.fill(table, len(self.code))
        return bytes(self.code) + b"".join(constant.to_bytes(32, "big") for constant in partial)

    def load(self, constants: Sequence[int]) -> None:
        """Refuse what is not one call of ``poseidon``; lane 0 is the capacity, the others are inputs below r."""
        over = self.later()
        self.op("JUMP")
        refusal = self.here()
        self.push(0)
        self.push(0)
        self.op("REVERT")
        self.fill(over, self.here())
        count = self.width - 1
        self.push(0)
        self.op("CALLDATALOAD")
        self.push(224)
        self.op("SHR")
        self.push(selector(f"poseidon(uint256[{count}])"))
        self.op("XOR")
        self.push(4 + 32 * count)
        self.op("CALLDATASIZE", "XOR", "OR")
        self.push(refusal)
        self.op("JUMPI")
        self.push(_R)
        for _ in self.slots:
            self.push(0)
        self.push(constants[0])
        for index, constant in enumerate(constants[1:]):
            self.push(4 + 32 * index)
            self.op("CALLDATALOAD")
            lane = self.height - 1
            self.dup(self.r)
            self.dup(lane)
            self.op("LT", "ISZERO")
            self.push(refusal)
            self.op("JUMPI")
            self.push(constant)
            self.op("ADD")

    def sboxes(self) -> None:
        """Move the lanes, which may be any words, into the slots, each to the fifth power."""
        for slot in reversed(self.slots):
            self.fifth_power()
            self.into(slot)

    def fifth_power(self) -> None:
        """Of the top, reduced."""
        place = self.height - 1
        self.dup(self.r)
        self.swap(place)  # r, x
        self.dup(self.r)
        self.dup(place + 1)
        self.dup(place + 1)
        self.op("MULMOD")  # r, x, x²
        self.dup(self.r)
        self.swap(place + 2)
        self.dup(place + 3)
        self.op("MULMOD", "MULMOD")  # r, x, x⁴

    def mix(self, matrix: _Matrix, following: Sequence[int], *, reduced: bool = False) -> None:
        """Push the rows times the slots, each plus a constant: words, or below r."""
        for row, constant in zip(matrix, following, strict=True):
            self.push(constant)
            self.add_terms(list(zip(self.slots, row, strict=True)), reduced=reduced)

    def add_terms(self, terms: Sequence[tuple[int, int]], *, reduced: bool) -> None:
        """Add slots times factors to the top, a number below r; the result is below r, or at most ``MAX_TERMS``·r."""
        bound = 1
        for index, (slot, factor) in enumerate(terms, start=1):
            self.push_product(slot, factor)
            if bound == MAX_TERMS or (reduced and index == len(terms)):
                self.addmod()
                bound = 1
            else:
                self.op("ADD")
                bound += 1

    def push_product(self, slot: int, factor: int) -> None:
        """A slot times a factor, reduced."""
        self.dup(self.r)
        self.push(factor)
        self.dup(slot)
        self.op("MULMOD")

    def addmod(self) -> None:
        """Of the two on top, any words."""
        self.dup(self.r)
        self.swap(self.height - 3)
        self.op("ADDMOD")

    def partial_rounds(self, count: int, gains: Sequence[int], feedback: Sequence[int]) -> int:
        """z is on top, reduced, and goes into the slots.  Returns where the constants' place is to be filled in."""
        assert count % self.width == 0
        for slot in reversed(self.slots):
            self.into(slot)
        self.push(32 * count)
        table = self.later()
        self.push(0)
        self.op("CODECOPY")
        at = self.push(0)
        loop = self.here()
        for index in range(self.width):
            order = [*self.slots[index:], *self.slots[:index]]  # z_k is in order[k]
            self.partial_round(order, gains, feedback, at, 32 * index)
        self.push(32 * self.width)
        self.op("ADD")
        self.push(32 * count)
        self.dup(at)
        self.op("LT")
        self.push(loop)
        self.op("JUMPI", "POP")
        return table

    def partial_round(
        self, order: Sequence[int], gains: Sequence[int], feedback: Sequence[int], at: int, offset: int
    ) -> None:
        """One round, with its constant in memory; afterwards z_k is where z_{k+1} was, and z_{t-1} where z_0 was."""
        self.dup(at)
        self.push(offset)
        self.op("ADD", "MLOAD")
        self.dup(order[0])
        self.op("ADD")
        self.fifth_power()
        s = self.height - 1
        self.push_product(s, gains[-1])
        self.add_terms(list(zip(order[1:], feedback[1:], strict=True)), reduced=True)
        self.into(order[0])
        for slot, gain, bound in zip(order[1:], gains, _bounds(self.width), strict=False):
            self.push_product(s, gain)
            self.dup(slot)
            if bound == 1:
                self.addmod()
            else:
                self.op("ADD")
            self.into(slot)
        self.op("POP")


def _collected(mds: _Matrix, constants: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """The constants of lane 0, when those of the other lanes go through the rounds to where the next S-boxes are."""
    found, waiting = [], [0] * len(mds)
    for row in constants:
        first, *others = ((a + b) % _R for a, b in zip(row, waiting, strict=True))
        found.append(first)
        waiting = _apply(mds, [0, *others])
    return found, waiting


def _coordinates(mds: _Matrix) -> tuple[_Matrix, _Matrix, list[int], list[int]]:
    """(T, its inverse, g, q) of the module's docstring, with z = T·x."""
    width = len(mds)
    a = [[0, *row[1:]] for row in mds]
    rows = [[1] + [0] * (width - 1)]
    for _ in range(width):
        rows.append(_apply(list(zip(*a, strict=True)), rows[-1]))
    *rows, beyond = rows
    inverse = _inverse(rows)
    column = [row[0] for row in mds]
    feedback = _apply(list(zip(*inverse, strict=True)), beyond)  # beyond·x = beyond·T^-1·z
    assert feedback[0] == 0
    return rows, inverse, _apply(rows, column), feedback


def _apply(matrix: _Matrix, vector: Sequence[int]) -> list[int]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) % _R for row in matrix]


def _product(left: _Matrix, right: _Matrix) -> _Matrix:
    columns = [_apply(left, column) for column in zip(*right, strict=True)]
    return list(zip(*columns, strict=True))


def _inverse(matrix: _Matrix) -> _Matrix:
    """By Gauss and Jordan; the matrix is regular."""
    size = len(matrix)
    rows = [[*row, *(int(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for at in range(size):
        pivot = next(i for i in range(at, size) if rows[i][at])
        rows[at], rows[pivot] = rows[pivot], rows[at]
        scale = pow(rows[at][at], -1, _R)
        rows[at] = [value * scale % _R for value in rows[at]]
        for i in range(size):
            if i != at:
                factor = rows[i][at]
                rows[i] = [(x - factor * y) % _R for x, y in zip(rows[i], rows[at], strict=True)]
    return [row[size:] for row in rows]


def _bounds(width: int) -> list[int]:
    """Of each lane after a partial round, in multiples of r: one more than the next lane's, or reduced to 1.

    4 is the most, so that a constant can be added to lane 0.
    """
    bounds = [1]
    while len(bounds) < width:
        bounds.insert(0, bounds[0] + 1 if bounds[0] < MAX_TERMS - 1 else 1)
    return bounds
