"""The predicate on integers and the compiled circuit accept the same inputs: honest, at the edges, tampered with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from curve_points import small_order_point
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.eddsa import ORDER, Signature, challenge, derive_public_key, derive_secret_key
from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import MalformedInput, UnsatisfiedConstraint, ZkrelayError
from zkrelay.r1cs import CompiledCircuit, compile_circuit
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.predicate import check_claim_inputs
from zkrelay.relay.receipt import Receipt, receipt_message

from .parties import CAP, DOMAIN, EXPIRY, Session, make_session

R = bn254.FR.modulus
SESSION = make_session()
HONEST = SESSION.claim().inputs
NUMBERS = sorted(set(HONEST) - {"path"})
EDGES = [0, 1, 2, (1 << 32) - 1, 1 << 32, (1 << 64) - 1, 1 << 64, ORDER - 1, ORDER, 1 << 253, R - 2, R - 1]


@pytest.fixture(scope="module")
def circuit() -> CompiledCircuit:
    return compile_circuit(ClaimCircuit(DOMAIN.arity, DOMAIN.depth, DOMAIN.unit))


def accepted_by_predicate(inputs: Mapping[str, Any]) -> bool:
    try:
        check_claim_inputs(inputs, DOMAIN)
    except ZkrelayError:
        return False
    return True


def accepted_by_circuit(circuit: CompiledCircuit, inputs: Mapping[str, Any]) -> bool:
    try:
        circuit.assign(inputs)
    except (UnsatisfiedConstraint, MalformedInput):
        return False
    return True


def both(circuit: CompiledCircuit, inputs: Mapping[str, Any]) -> bool:
    verdict = accepted_by_predicate(inputs)
    assert accepted_by_circuit(circuit, inputs) is verdict
    return verdict


@pytest.mark.parametrize(
    ("num_bytes", "arguments"),
    [
        (DOMAIN.unit, {}),
        (CAP, {"epoch": EXPIRY}),
        (CAP, {"epoch": 0, "amount": 1}),
        (123_456, {"amount": 123}),
    ],
)
def test_honest_claims_at_the_edges(circuit: CompiledCircuit, num_bytes: int, arguments: dict[str, int]) -> None:
    assert both(circuit, make_session(num_bytes=num_bytes).claim(**arguments).inputs)


def test_constants_of_the_domain(circuit: CompiledCircuit) -> None:
    """A cap of 2^64 - 1 bytes, used to the last one."""
    session = make_session(num_bytes=(1 << 64) - 1, cap=(1 << 64) - 1)
    assert both(circuit, session.claim().inputs)


@settings(max_examples=150)
@given(
    st.sampled_from(NUMBERS),
    st.one_of(st.sampled_from(EDGES), st.sampled_from([-2, -1, 1, 2, ORDER, -ORDER]).map(lambda d: (d,))),
)
def test_one_number_changed(circuit: CompiledCircuit, name: str, change: int | tuple[int]) -> None:
    """To an edge of some range, or by a little."""
    value = (HONEST[name] + change[0]) % R if isinstance(change, tuple) else change
    verdict = both(circuit, {**HONEST, name: value})
    smaller_amount = name == "meta" and HONEST["meta"] - 123 < value < HONEST["meta"]
    assert verdict is (value == HONEST[name] or name == "aux" or smaller_amount)


@settings(max_examples=30)
@given(st.integers(0, DOMAIN.depth - 1), st.integers(0, DOMAIN.arity - 1), st.sampled_from([0, 1, R - 1]))
def test_one_child_changed(circuit: CompiledCircuit, level: int, child: int, value: int) -> None:
    path = copy.deepcopy(HONEST["path"])
    unchanged = path[level][child] == value
    path[level][child] = value
    assert both(circuit, {**HONEST, "path": path}) is unchanged


def signed_by_hand(session: Session, secret: int, public: tuple[int, int], nonce: int, torsion: int = 1) -> Receipt:
    """A receipt whose nonce the signer chose, and whose R8 may have a part of small order."""
    message = receipt_message(session.note.cm, session.receipt.num_bytes, 0)
    r8 = BABY_JUBJUB.mul_vartime(nonce, BABY_JUBJUB.generator)
    r8 = BABY_JUBJUB.add_vartime(r8, small_order_point(torsion))
    s = (nonce + 8 * challenge(r8, public, message) * secret) % ORDER
    return Receipt(session.note.cm, session.receipt.num_bytes, 0, Signature(r8, s))


@pytest.mark.parametrize("nonce", [0, 1, 2, 8, ORDER - 1])
def test_signers_with_strange_nonces(circuit: CompiledCircuit, nonce: int) -> None:
    """R8 = O, R8 = ±B8: the node must not keep a receipt that the circuit refuses, nor refuse one that it accepts."""
    receipt = signed_by_hand(SESSION, derive_secret_key(b"a client"), SESSION.note.public_key, nonce)
    receipt.verify(SESSION.note.public_key)
    assert both(circuit, SESSION.claim(receipt=receipt).inputs)


@pytest.mark.parametrize("torsion", [2, 4, 8])
def test_r8_with_a_part_of_small_order(circuit: CompiledCircuit, torsion: int) -> None:
    receipt = signed_by_hand(SESSION, derive_secret_key(b"a client"), SESSION.note.public_key, 5, torsion)
    r8 = receipt.signature.r8
    assert not both(circuit, {**HONEST, "r8x": r8[0], "r8y": r8[1], "s": receipt.signature.s})


class StrangeKey(SessionKey):
    """A client whose A has a part of small order, or is a tiny multiple of the base."""

    def __init__(self, secret: int, torsion: int) -> None:
        super().__init__(secret)
        self.public = BABY_JUBJUB.add_vartime(derive_public_key(secret), small_order_point(torsion))


@pytest.mark.parametrize(("secret", "torsion"), [(1, 1), (2, 1), (ORDER - 1, 1), (5, 2), (5, 4), (5, 8)])
def test_clients_with_strange_keys(circuit: CompiledCircuit, secret: int, torsion: int) -> None:
    key = StrangeKey(secret, torsion)
    session = make_session(key=key)
    receipt = signed_by_hand(session, secret, key.public, 12345)
    assert both(circuit, session.claim(receipt=receipt).inputs)
