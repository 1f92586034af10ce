"""(h, alpha, e) of a batch: equal to the independent implementation's, binding with h in alpha, broken without."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.compression import RATE, chain, chain_start, challenge, evaluate
from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import NonCanonicalNumber

R = bn254.FR.modulus
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())
AUX = 7  # place of aux in v: a number that the circuit binds and does not compute
elements = st.integers(0, R - 1)


def protocol_vector() -> list[int]:
    """v of the batch that the vectors were made of."""
    domain, root, payee = (int(VECTORS[name]) for name in ("domain", "root", "payee"))
    head = [domain, root, 900, 0, payee, 600_000_000, 3, hash_to_field("claim-ctx", 1)]
    return [*head, *map(int, VECTORS["nullifiers"])]


def test_values_of_the_independent_implementation() -> None:
    v = protocol_vector()
    h = chain(4, v)
    alpha = challenge(h, v)
    assert [h, alpha, evaluate(v, alpha)] == [int(VECTORS[name]) for name in ("h", "alpha", "e")]


@given(st.lists(elements, max_size=40), elements)
def test_evaluation_is_the_sum(values: list[int], alpha: int) -> None:
    assert evaluate(values, alpha) == sum(v * pow(alpha, i, R) for i, v in enumerate(values)) % R


@pytest.mark.parametrize("length", [1, RATE - 1, RATE, RATE + 1, 2 * RATE, 2 * RATE + 1])
def test_chain_takes_fifteen_values_a_call(length: int) -> None:
    values = list(range(1, length + 1))
    state = hash_to_field("batch", 5, length)
    padded = values + [0] * (-length % 15)
    for first in range(0, len(padded), 15):
        state = poseidon([state, *padded[first : first + 15]])
    assert chain(5, values) == state


def test_padding_is_no_second_reading() -> None:
    """(1, 2) and (1, 2, 0) fill the same call of P16; the start tells them and the sizes of circuits apart."""
    assert len({chain(4, [1, 2]), chain(4, [1, 2, 0]), chain(8, [1, 2]), chain(4, [2, 1])}) == 4
    assert chain_start(4, 2) != chain_start(2, 4)


@given(st.integers(0, 11), elements)
def test_every_value_changes_everything(index: int, value: int) -> None:
    v = protocol_vector()
    other = [*v[:index], value, *v[index + 1 :]]
    if other == v:
        return
    h = chain(4, v)
    assert chain(4, other) != h
    assert challenge(h, other) != challenge(h, v)


@pytest.mark.parametrize("bad", [-1, R, R + 5])
def test_the_chain_takes_canonical_values_only(bad: int) -> None:
    with pytest.raises(NonCanonicalNumber):
        chain(4, [1, bad])


def forge(v: list[int], alpha: int) -> list[int]:
    """A vector with an honest total that has the value of ``v`` at alpha: aux makes up for the difference."""
    true = [*v[:5], 1, *v[6:]]
    e = evaluate(v, alpha)
    true[AUX] = (true[AUX] + (e - evaluate(true, alpha)) * pow(alpha, -AUX, R)) % R
    assert evaluate(true, alpha) == e
    return true


def test_compression_without_h_is_forgeable() -> None:
    """Documents why h is in alpha.  Were it H2F("alpha", v), the prover would know alpha first and then choose v':

    its own true claims over 1 unit with an aux that makes v'(alpha) = v(alpha) for a v that asks for everything.  h
    would be computed from v' afterwards, and all that the circuit shows would hold.
    """
    lie = protocol_vector()
    lie[5] = (1 << 80) - 1
    alpha = hash_to_field("alpha", *lie)
    true = forge(lie, alpha)
    h = chain(4, true)
    ledger = [h, alpha, evaluate(lie, alpha)]  # what a ledger with the broken rule computes from (h, lie)
    circuit = [chain(4, true), alpha, evaluate(true, alpha)]  # what the prover can show
    assert ledger == circuit and true != lie


def test_compression_forgery_rejected() -> None:
    """The same forgery against the real alpha: every v' has another h, every h another alpha."""
    rng = random.Random(39)
    lie = protocol_vector()
    lie[5] = (1 << 80) - 1
    alpha = hash_to_field("alpha", *lie)
    for _ in range(100):
        true = forge(lie, alpha)
        h = chain(4, true)
        assert challenge(h, lie) != alpha
        assert evaluate(true, challenge(h, lie)) != evaluate(lie, challenge(h, lie))
        alpha = rng.choice([challenge(h, lie), rng.randrange(1, R)])  # adapt to the last answer, or try elsewhere
