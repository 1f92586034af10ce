"""Poseidon against its published values, circomlibjs's, and the definition written out in integers."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.poseidon import poseidon, poseidon_many
from zkrelay.curves import bls12_381, bn254
from zkrelay.curves.fields import PrimeField
from zkrelay.curves.poseidon import MAX_WIDTH, PARTIAL_ROUNDS, PoseidonParameters, poseidon_parameters
from zkrelay.errors import NonCanonicalNumber

R = bn254.FR.modulus
VECTORS = Path(__file__).parent.parent / "vectors" / "circomlibjs" / "vectors.json"

# circomlib's own tests (test/poseidoncircuit.js)
PUBLISHED = [
    ([1, 2], 7853200120776062878684798364095072458815029376092732009249414926327459813530),
    ([1, 2, 3, 4], 18821383157269793795438455681495246036402687001665670618754263018637548127333),
]


def grain_bits(num_bits: int, width: int, full: int, partial: int):  # type: ignore[no-untyped-def]
    """The decimated LFSR of [GKRRS19] appendix E, one bit at a time."""
    state = [int(b) for b in f"{1:02b}{0:04b}{num_bits:012b}{width:012b}{full:010b}{partial:010b}"] + [1] * 30

    def step() -> int:
        new = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
        state.append(new)
        del state[0]
        return new

    for _ in range(160):
        step()
    while True:
        keep, bit = step(), step()
        if keep:
            yield bit


def permute(parameters: PoseidonParameters, state: list[int]) -> list[int]:
    p, t = parameters.field.modulus, parameters.width
    rounds = parameters.full_rounds + parameters.partial_rounds
    for r in range(rounds):
        state = [(x + c) % p for x, c in zip(state, parameters.round_constants[r * t :], strict=False)]
        partial = parameters.full_rounds // 2 <= r < rounds - parameters.full_rounds // 2
        state = [pow(x, 5, p) if i == 0 or not partial else x for i, x in enumerate(state)]
        state = [sum(m * x for m, x in zip(row, state, strict=True)) % p for row in parameters.mds]
    return state


@pytest.mark.parametrize(("inputs", "expected"), PUBLISHED)
def test_published_values(inputs: list[int], expected: int) -> None:
    assert poseidon(inputs) == expected


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text())["hashes"], ids=lambda c: f"P{len(c['inputs'])}")
def test_circomlibjs_values(case: dict[str, object]) -> None:
    assert poseidon([int(x) for x in case["inputs"]]) == int(case["hash"])  # type: ignore[attr-defined, call-overload]


@pytest.mark.parametrize("field", [bn254.FR, bls12_381.FR], ids=lambda f: f.name)
@pytest.mark.parametrize("width", [2, 3, 6])
def test_parameters_come_from_the_grain_generator(field: PrimeField, width: int) -> None:
    parameters = poseidon_parameters(field, width)
    bits = grain_bits(field.num_bits, width, parameters.full_rounds, parameters.partial_rounds)

    def number() -> int:
        return int("".join(str(next(bits)) for _ in range(field.num_bits)), 2)

    expected: list[int] = []
    while len(expected) < len(parameters.round_constants):
        candidate = number()
        if candidate < field.modulus:
            expected.append(candidate)
    assert parameters.round_constants == tuple(expected)
    xy = [number() % field.modulus for _ in range(2 * width)]
    for i in range(width):
        for j in range(width):
            assert parameters.mds[i][j] * (xy[i] + xy[width + j]) % field.modulus == 1


@pytest.mark.parametrize("width", range(2, MAX_WIDTH + 1))
def test_shape_of_parameters(width: int) -> None:
    parameters = poseidon_parameters(bn254.FR, width)
    assert (parameters.full_rounds, parameters.partial_rounds) == (8, PARTIAL_ROUNDS[width - 2])
    assert len(parameters.round_constants) == (8 + PARTIAL_ROUNDS[width - 2]) * width
    assert len(set(parameters.round_constants)) == len(parameters.round_constants)
    assert all(0 <= x < R for row in (parameters.round_constants, *parameters.mds) for x in row)
    assert [len(row) for row in parameters.mds] == [width] * width


@pytest.mark.parametrize("field", [bn254.FR, bls12_381.FR], ids=lambda f: f.name)
def test_hash_is_the_definition(field: PrimeField) -> None:
    rng = random.Random("poseidon definition")
    for num_inputs in (1, 2, 5):
        inputs = [rng.choice([0, 1, field.modulus - 1, rng.randrange(field.modulus)]) for _ in range(num_inputs)]
        parameters = poseidon_parameters(field, num_inputs + 1)
        assert poseidon(inputs, field) == permute(parameters, [0, *inputs])[0]


@given(st.lists(st.tuples(*[st.integers(0, R - 1)] * 2), max_size=4))
def test_many_is_one_by_one(rows: list[tuple[int, int]]) -> None:
    assert poseidon_many(rows) == [poseidon(row) for row in rows]


@pytest.mark.parametrize("bad", [-1, R, R + 1, 1 << 256])
def test_non_canonical_input_is_refused(bad: int) -> None:
    with pytest.raises(NonCanonicalNumber, match="element 1"):
        poseidon([0, bad])


@pytest.mark.parametrize("count", [0, 17])
def test_number_of_inputs_is_limited(count: int) -> None:
    with pytest.raises(ValueError, match="inputs"):
        poseidon([0] * count)


def test_rows_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="same number"):
        poseidon_many([[1, 2], [1]])


@pytest.mark.parametrize(
    ("field", "width"),
    [(PrimeField("prime_101", 101), 3), (bn254.FR, 1), (bn254.FR, 18), (PrimeField("five", 10 * (1 << 251) + 1), 3)],
    ids=["small field", "width 1", "width 18", "x^5 no permutation"],
)
def test_unknown_instances_are_refused(field: PrimeField, width: int) -> None:
    with pytest.raises(ValueError, match="Poseidon"):
        poseidon_parameters(field, width)
