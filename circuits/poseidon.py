"""The Poseidon permutation ([GKRRS19], circomlib's parameters): three rows for each S-box, everything linear free.

Width t = len(inputs) + 1: 8t + RP S-boxes.  S-boxes of constants (the capacity lane and tags, in the first round) cost
nothing.

In a full round the wires are the S-box outputs.  In the partial rounds that would make every later row as long as
history; instead the *input* of each S-box is a wire y_k, and its output is the linear expression

    u_k = (y_(k+1) - Σ_{i>=1} M_0i·(L_i + C_ki)) / M_00

which follows from y_(k+1) = M_00·u_k + Σ M_0i·(L_i + C_ki).  Rows are then y'·y' = y², y²·y² = y⁴, y⁴·y' = u_k: short
where the prover works (A and B), long only in C.  The lanes L_i are linear in the state before the partial rounds and
in y_1..y_k; their coefficients are the same for every hash of that width and are computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

from zkrelay.curves import PrimeField
from zkrelay.curves.poseidon import PoseidonParameters, poseidon_parameters
from zkrelay.r1cs import ConstraintApi, Expr

Form = tuple[int, ...]


def poseidon(cs: ConstraintApi, inputs: Sequence[Expr], output: Expr | None = None) -> Expr:
    """Pn(inputs), n = len(inputs): 240 rows for two inputs, 297 for four (three less for each constant input).

    With ``output`` given, states that the hash equals it, without a further row.
    """
    parameters = poseidon_parameters(cs.field, len(inputs) + 1)
    half = parameters.full_rounds // 2
    with cs.scope("poseidon"):
        state = [cs.constant(0), *inputs]
        for round_index in range(half):
            state = _full_round(cs, parameters, round_index, state)
        state = _partial_rounds(cs, parameters, half, state)
        first_last = half + parameters.partial_rounds
        for round_index in range(first_last, first_last + half - 1):
            state = _full_round(cs, parameters, round_index, state)
        return _last_round(cs, parameters, first_last + half - 1, state, output)


def sbox(cs: ConstraintApi, x: Expr) -> Expr:
    """x^5: three rows."""
    squared = cs.mul(x, x, "x2")
    return cs.mul(cs.mul(squared, squared, "x4"), x, "x5")


def _full_round(cs: ConstraintApi, params: PoseidonParameters, index: int, state: Sequence[Expr]) -> list[Expr]:
    out = [sbox(cs, x) for x in _add_constants(params, index, state)]
    return [cs.linear(list(zip(row, out, strict=True))) for row in params.mds]


def _last_round(
    cs: ConstraintApi, params: PoseidonParameters, index: int, state: Sequence[Expr], output: Expr | None
) -> Expr:
    """Only lane 0 leaves the permutation."""
    lanes = _add_constants(params, index, state)
    rest = cs.linear([(m, sbox(cs, x)) for m, x in zip(params.mds[0][1:], lanes[1:], strict=True)])
    if output is None:
        return rest + params.mds[0][0] * sbox(cs, lanes[0])
    squared = cs.mul(lanes[0], lanes[0], "x2")
    fourth = cs.mul(squared, squared, "x4")
    inverse = cs.field.inverse(params.mds[0][0])
    cs.assert_product(fourth, lanes[0], inverse * (output - rest))
    return output


def _partial_rounds(cs: ConstraintApi, params: PoseidonParameters, first: int, state: Sequence[Expr]) -> list[Expr]:
    """``state`` in and out are the lanes before constants are added."""
    outputs, lanes = _partial_forms(cs.field, params.width)
    width, c = params.width, params.round_constants
    sparse = _sparse_rounds(cs.field, width)
    sums = [cs.value_of(x) for x in state[1:]]
    basis = list(state)  # state lanes, then y_1, y_2, …
    for k in range(params.partial_rounds):
        constants = c[(first + k) * width : (first + k + 1) * width]
        x = basis[0 if k == 0 else width - 1 + k] + constants[0]
        squared = cs.mul(x, x, "x2")
        fourth = cs.mul(squared, squared, "x4")
        fifth = cs.value_of(fourth) * cs.value_of(x)
        row, shift, column = sparse.rounds[k]
        y = cs.dot([(params.mds[0][0], fifth), *zip(row, sums, strict=True)], shift)
        sums = [cs.dot([(1, total), (factor, fifth)]) for total, factor in zip(sums, column, strict=True)]
        basis.append(cs.witness(y, "y"))
        cs.assert_product(fourth, x, _apply(cs, outputs[k], basis))
    mixed = [basis[-1], *(_apply(cs, form, basis) for form in lanes)]
    for expr, (row, shift) in zip(mixed[1:], sparse.lanes, strict=True):
        cs.computed_as(expr, cs.dot(list(zip(row, sums, strict=True)), shift))
    return mixed


def _apply(cs: ConstraintApi, form: Form, basis: Sequence[Expr]) -> Expr:
    """constant form[-1] + Σ form[i]·basis[i]."""
    return cs.linear([(f, b) for f, b in zip(form[:-1], basis, strict=False) if f], form[-1])


def _add_constants(params: PoseidonParameters, index: int, state: Sequence[Expr]) -> list[Expr]:
    constants = params.round_constants[index * params.width : (index + 1) * params.width]
    return [x + c for x, c in zip(state, constants, strict=True)]


@lru_cache(maxsize=64)
def _partial_forms(field: PrimeField, width: int) -> tuple[list[Form], list[Form]]:
    """Coefficients over (lane_0..lane_{t-1}, y_1..y_RP, 1) of u_k for each partial round, and of the last lanes
    1..t-1.
    """
    params = poseidon_parameters(field, width)
    p, size = field.modulus, width + params.partial_rounds + 1
    inverse = field.inverse(params.mds[0][0])
    lanes = [[int(j == i) for j in range(size)] for i in range(1, width)]
    outputs: list[Form] = []
    for k in range(params.partial_rounds):
        first = (params.full_rounds // 2 + k) * width
        for lane, c in zip(lanes, params.round_constants[first + 1 : first + width], strict=True):
            lane[-1] = (lane[-1] + c) % p
        u, mixed = [0] * size, [[0] * size for _ in lanes]
        u[width + k] = inverse
        for j in (*range(width + k + 1), size - 1):  # y_k+1 and later ones are in no lane yet
            column = [lane[j] for lane in lanes]
            u[j] = (u[j] - sum(map(mul, params.mds[0][1:], column)) * inverse) % p
            for lane, row in zip(mixed, params.mds[1:], strict=True):
                lane[j] = (row[0] * u[j] + sum(map(mul, row[1:], column))) % p
        lanes = mixed
        outputs.append(tuple(u))
    return outputs, [tuple(lane) for lane in lanes]


@dataclass(frozen=True)
class _SparseRounds:
    """The partial rounds outside the constraints with 2t - 1 products each, and not t².

    With M = (m00 r; q N) split at lane 0, u the S-box's output and L + c the other lanes with their constants, a round
    is y = m00·u + r·(L + c) and L' = q·u + N·(L + c).  In coordinates S with L_k = N^k·(S_k + d_k) for known d_k it is

        y_k = m00·u_k + (r·N^k)·S_k + shift_k        S_(k+1) = S_k + N^-(k+1)·q·u_k

    as d_(k+1) = d_k + N^-k·c_k takes the constants ([GKRRS19] appendix B has the factorisation).

    ``rounds[k]`` is (r·N^k, shift_k, N^-(k+1)·q); ``lanes[i]`` is (row i of N^n, its share of N^n·d_n), n rounds.
    """

    rounds: tuple[tuple[Form, int, Form], ...]
    lanes: tuple[tuple[Form, int], ...]


@lru_cache(maxsize=64)
def _sparse_rounds(field: PrimeField, width: int) -> _SparseRounds:
    params = poseidon_parameters(field, width)
    p = field.modulus
    first_row, column = params.mds[0][1:], [row[0] for row in params.mds[1:]]
    inner = [list(row[1:]) for row in params.mds[1:]]
    inverse = _inverse(field, inner)
    power, inverse_power = _identity(width - 1), _identity(width - 1)  # N^k and N^-k
    offset = [0] * (width - 1)
    rounds = []
    for k in range(params.partial_rounds):
        start = (params.full_rounds // 2 + k) * width
        constants = params.round_constants[start + 1 : start + width]
        row = [sum(r * entry for r, entry in zip(first_row, col, strict=True)) % p for col in zip(*power, strict=True)]
        shift = sum(map(mul, row, offset)) + sum(map(mul, first_row, constants))
        offset = [(d + e) % p for d, e in zip(offset, _times(inverse_power, constants, p), strict=True)]
        power = [_times(list(zip(*inner, strict=True)), row_of_power, p) for row_of_power in power]
        inverse_power = [_times(list(zip(*inverse, strict=True)), row_of_power, p) for row_of_power in inverse_power]
        rounds.append((tuple(row), shift % p, tuple(_times(inverse_power, column, p))))
    shifts = _times(power, offset, p)
    return _SparseRounds(tuple(rounds), tuple((tuple(row), shift) for row, shift in zip(power, shifts, strict=True)))


def _identity(size: int) -> list[list[int]]:
    return [[int(i == j) for j in range(size)] for i in range(size)]


def _times(matrix: Sequence[Sequence[int]], vector: Sequence[int], p: int) -> list[int]:
    return [sum(map(mul, row, vector)) % p for row in matrix]


def _inverse(field: PrimeField, matrix: Sequence[Sequence[int]]) -> list[list[int]]:
    """By Gauss and Jordan.  Every square part of an MDS matrix is invertible, so there is always a pivot."""
    p, size = field.modulus, len(matrix)
    rows = [[*row, *unit] for row, unit in zip(matrix, _identity(size), strict=True)]
    for i in range(size):
        pivot = next(j for j in range(i, size) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        factor = field.inverse(rows[i][i])
        rows[i] = [factor * entry % p for entry in rows[i]]
        for j in range(size):
            if j != i and rows[j][i]:
                multiple = rows[j][i]
                rows[j] = [(a - multiple * b) % p for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[size:] for row in rows]
