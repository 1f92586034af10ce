"""Statements that must be false: each is refused by the compiled circuit, by the test engine, and by the node's own
predicate.

Names are those of the protocol's adversary suite.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from attacks import ATTACKS, Attack, challenge_inputs_with_small_k
from claim_world import AMOUNT, CAP, EXPIRY, MIB, SIGNED_BYTES, World
from curve_points import small_order_point
from malicious_program import run_with_overrides, source_register

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS, LOW_BITS
from zkrelay.circuits.claim import Claim
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import InvalidSignature, MalformedInput, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit, run
from zkrelay.relay.claim import Claim as RelayClaim
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.predicate import check_claim_inputs
from zkrelay.relay.receipt import Receipt, receipt_message

R = bn254.FR.modulus


def refused(circuit: CompiledCircuit, world: World, attack: Attack) -> None:
    with pytest.raises(UnsatisfiedConstraint) as compiled:
        circuit.assign(attack.inputs)
    assert compiled.value.source.startswith("zkrelay.circuits.")
    with pytest.raises(UnsatisfiedConstraint):
        run(Claim(), attack.inputs)
    with pytest.raises((MalformedInput, InvalidSignature)):
        check_claim_inputs(attack.inputs, world.domain)


def all_refused(name: str, circuit: CompiledCircuit, world: World) -> None:
    attacks = ATTACKS[name](world)
    assert attacks
    for attack in attacks:
        refused(circuit, world, attack)


def test_the_honest_claim_is_accepted(circuit: CompiledCircuit, world: World) -> None:
    """Or the refusals below would mean nothing."""
    circuit.assign(world.inputs())
    run(Claim(), world.inputs())
    check_claim_inputs(world.inputs(), world.domain)


def random_claim(world: World, rng: random.Random) -> RelayClaim:
    """An honest claim with everything random that may be."""
    cap = rng.randrange(MIB, 1 << rng.randint(21, 64))
    num_bytes = rng.choice([MIB, cap, rng.randint(MIB, cap)])
    expiry = rng.choice([0, (1 << 32) - 1, rng.randrange(1 << 32)])
    note = world.make_note(world.client, rho=rng.randrange(R), cap=cap, expiry=expiry)
    tree = type(world.tree)()
    position = rng.randrange(6)
    tree.extend([*(rng.randrange(1, R) for _ in range(position)), note.cm, rng.randrange(1, R)])
    units = min(num_bytes // MIB, 1 << 32)
    return world.make_claim(
        note=note,
        receipt=Receipt.sign(world.client, note.cm, num_bytes, ctx=rng.randrange(R)),
        proof=tree.proof(position),
        epoch=rng.choice([0, expiry, rng.randint(0, expiry)]),
        amount=rng.choice([1, units, rng.randint(1, units)]),
    )


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_completeness_random_1000(circuit: CompiledCircuit, world: World, count: int) -> None:
    """A thousand honest claims, of which the first 200 are tried every time: caps up to 2^64 - 1, epochs up to the
    expiry, amounts from 1 to all.
    """
    rng = random.Random(1000)
    for _ in range(count):
        circuit.assign(random_claim(world, rng).inputs)


def test_tamper_every_public_input(circuit: CompiledCircuit, world: World) -> None:
    """Every public input but aux, which the circuit only binds (see test_claim_proof).

    A smaller amount would be another true statement, so meta is changed to an amount above the receipt, and in its
    other parts.
    """
    for name in ("domain", "root", "payee", "nf", "cc"):
        value = world.claim.inputs[name]
        for other in (value + 1, value - 1, R - 1 - value):
            refused(circuit, world, Attack(world.inputs(**{name: other % R})))
    meta = world.claim.inputs["meta"]
    more = SIGNED_BYTES // MIB - AMOUNT + 1
    for other in (meta + more, meta - AMOUNT, meta + (1 << 64), meta - (1 << 64), meta + (1 << 96), R - 1 - meta):
        refused(circuit, world, Attack(world.inputs(meta=other)))


def test_tamper_every_witness_field(circuit: CompiledCircuit, world: World) -> None:
    inputs = world.claim.inputs
    for name in (
        "epoch",
        "venue",
        "ax",
        "ay",
        "r8x",
        "r8y",
        "s",
        "bytes",
        "ctx",
        "rho",
        "cap",
        "expiry",
        "blind",
        "kn",
    ):
        for other in (inputs[name] + 1, inputs[name] ^ 2, R - 1 - inputs[name]):
            refused(circuit, world, Attack(world.inputs(**{name: other % R})))
    for level in range(len(inputs["path"])):
        for index in range(4):
            path = [list(children) for children in inputs["path"]]
            path[level][index] = (path[level][index] + 1) % R
            refused(circuit, world, Attack(world.inputs(path=path)))


def _named_test(name: str) -> Callable[[CompiledCircuit, World], None]:
    def test(circuit: CompiledCircuit, world: World) -> None:
        all_refused(name, circuit, world)

    test.__doc__ = ATTACKS[name].__doc__
    return test


# test_bytes_plus_one, test_amount_gt_bytes, test_smallorder_A_8, …: one test by the name of each attack.
globals().update({f"test_{name}": _named_test(name) for name in ATTACKS})


def test_k_alias(circuit: CompiledCircuit, world: World) -> None:
    """A prover that decomposes k + r instead of k, everything downstream computed from the alias, is refused at the
    bound.
    """
    inputs, k = challenge_inputs_with_small_k(world)
    circuit.assign(inputs)
    alias = k + BABY_JUBJUB_BOUNDS.offset + R
    low = source_register(circuit, "c6.eddsa.bits.1") - 1
    high = source_register(circuit, f"c6.eddsa.bits.{LOW_BITS}")
    honest = run_with_overrides(circuit, inputs, {})
    circuit.r1cs.check(honest)
    overrides = {low + i: alias >> i & 1 for i in range(LOW_BITS)}
    overrides |= {high + i: alias >> (LOW_BITS + i) & 1 for i in range(BABY_JUBJUB_BOUNDS.top_bit - LOW_BITS)}
    with pytest.raises(UnsatisfiedConstraint) as caught:
        circuit.r1cs.check(run_with_overrides(circuit, inputs, overrides))
    assert "zkrelay.circuits.bits" in caught.value.source


@pytest.mark.parametrize("order", [2, 4, 8])
def test_half_scalar_zero_even(circuit: CompiledCircuit, world: World, order: int) -> None:
    """What z = 0 or an even z would accept, had the circuit half-size scalars: R8 + T signed for by the client itself.

    The client knows its secret and recomputes S for the shifted point, so the equation is off by T and by nothing
    else; z times it would hide T for every z that the order of T divides.  Challenges of both parities are tried.
    """
    torsion, secret = small_order_point(order), eddsa.derive_secret_key(b"honest client")
    assert eddsa.derive_public_key(secret) == world.client.public
    parities = set()
    for nonce in range(2, 8):
        if parities == {0, 1}:
            break
        honest = BABY_JUBJUB.mul_vartime(nonce, BABY_JUBJUB.generator)
        for shift in ((0, 1), torsion):
            r8 = BABY_JUBJUB.add_vartime(honest, shift)
            k = eddsa.challenge(r8, world.client.public, world.receipt.message)
            s = (nonce + 8 * k * secret) % BABY_JUBJUB.order
            forgery = Attack(world.inputs(r8x=r8[0], r8y=r8[1], s=s))
            if shift == (0, 1):
                circuit.assign(forgery.inputs)  # or the refusals would mean nothing
            else:
                parities.add(k % 2)
                refused(circuit, world, forgery)
    assert parities == {0, 1}


def test_nf_alias_plus_r(circuit: CompiledCircuit, world: World) -> None:
    """nf + r is the same field element and another number: no border lets it in."""
    inputs = world.inputs(nf=world.claim.inputs["nf"] + R)
    with pytest.raises(MalformedInput, match="nf"):
        circuit.assign(inputs)
    with pytest.raises(MalformedInput, match="nf"):
        check_claim_inputs(inputs, world.domain)


def test_faerie_gold(circuit: CompiledCircuit, world: World) -> None:
    """Two notes with one rho have two nullifiers: neither can block the other."""
    twin = world.make_note(world.client, rho=world.note.rho, cap=CAP + 1)
    assert twin.cm != world.note.cm
    assert note_nullifier(twin.cm, twin.rho) != note_nullifier(world.note.cm, world.note.rho)
    tree = type(world.tree)()
    tree.append(world.note.cm)
    receipt = Receipt.sign(world.client, twin.cm, MIB)
    claim = world.make_claim(note=twin, receipt=receipt, proof=_proof_of(tree, twin.cm), amount=1)
    circuit.assign(claim.inputs)
    stolen = {**claim.inputs, "nf": world.claim.inputs["nf"]}
    refused(circuit, world, Attack(stolen))


def _proof_of(tree, leaf):  # type: ignore[no-untyped-def]
    return tree.proof(tree.append(leaf))


def test_sign_derives_key(world: World) -> None:
    """Signing derives A itself: two signatures under different claimed keys would give the secret away."""
    import inspect

    assert list(inspect.signature(eddsa.sign).parameters) == ["secret", "message"]
    message = receipt_message(world.note.cm, MIB, 0)
    eddsa.verify(world.client.public, message, world.client.sign(message))


def test_every_wire_is_pinned(circuit: CompiledCircuit, world: World) -> None:
    """One bit flipped in any wire of the honest assignment breaks a row (every fifth wire, from a random one on)."""
    good = circuit.assign(world.inputs())
    for wire in range(random.randint(1, 5), circuit.r1cs.num_variables, 5):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            circuit.r1cs.check(bad)


def test_boundaries_are_inclusive(circuit: CompiledCircuit, world: World) -> None:
    """The last accepted values: epoch = expiry, bytes = cap, amount·unit = bytes."""
    receipt = Receipt.sign(world.client, world.note.cm, CAP)
    circuit.assign(world.make_claim(receipt=receipt, epoch=EXPIRY, amount=CAP // MIB).inputs)
    circuit.assign(world.make_claim(epoch=0, amount=1).inputs)
