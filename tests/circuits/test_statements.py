"""EdDSA at full size, the tutorial statement, the standard names, and compile-time constants."""

from __future__ import annotations

import functools
import random

import pytest
from claim_world import World
from signed_circuit import Signed

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS as BOUNDS
from zkrelay.algebra.poseidon import poseidon
from zkrelay.circuits.claim import Claim
from zkrelay.circuits.standard import STANDARD, standard_circuit
from zkrelay.circuits.usage_limit import UsageLimit
from zkrelay.curves import PrimeField, bls12_381, bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import CircuitError, InvalidSignature, MalformedInput, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit, compile_circuit, run

R = bn254.FR.modulus


@functools.cache
def signature_check() -> CompiledCircuit:
    return compile_circuit(Signed())


def signed(secret: int, message: int) -> dict[str, int]:
    (ax, ay), signature = eddsa.derive_public_key(secret), eddsa.sign(secret, message)
    r8x, r8y = signature.r8
    return {"message": message, "ax": ax, "ay": ay, "r8x": r8x, "r8y": r8y, "s": signature.s}


@pytest.mark.parametrize("seed", range(8))
def test_signatures_are_accepted_and_every_change_refused_alike_by_circuit_and_node(seed: int) -> None:
    rng = random.Random(seed)
    secret = rng.choice([1, BABY_JUBJUB.order - 1, rng.randrange(1, BABY_JUBJUB.order)])
    good = signed(secret, rng.choice([0, R - 1, rng.randrange(R)]))
    signature_check().assign(good)
    for name in good:
        for delta in (1, -1, rng.randrange(2, R)):
            bad = {**good, name: (good[name] + delta) % R}
            with pytest.raises(UnsatisfiedConstraint):
                signature_check().assign(bad)
            with pytest.raises((MalformedInput, InvalidSignature)):
                eddsa.verify(
                    (bad["ax"], bad["ay"]), bad["message"], eddsa.Signature((bad["r8x"], bad["r8y"]), bad["s"])
                )


def test_every_internal_wire_of_a_signature_check_is_pinned() -> None:
    """One flipped bit in any wire of an honest assignment breaks a row: no wire is decoration."""
    good = signature_check().assign(signed(12345, 678))
    for wire in range(1, signature_check().r1cs.num_variables, 7):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            signature_check().r1cs.check(bad)


def test_the_bounds_imply_the_exact_ranges() -> None:
    order = BABY_JUBJUB.order
    assert BOUNDS.accepts_s(0)
    assert not BOUNDS.accepts_s(order)
    assert not BOUNDS.accepts_s(-1)
    largest = ((BOUNDS.s_high_max + 1) << BOUNDS.low_bits) - 1
    assert BOUNDS.accepts_s(largest)
    assert not BOUNDS.accepts_s(largest + 1)
    assert largest < order
    assert (order - largest) * 2**100 < order
    low, high = BOUNDS.k_high_min << BOUNDS.low_bits, ((BOUNDS.k_high_max + 1) << BOUNDS.low_bits) - 1
    assert BOUNDS.offset <= low
    assert high < BOUNDS.offset + R
    assert (low - BOUNDS.offset + BOUNDS.offset + R - high) * 2**100 < R
    assert (BOUNDS.offset + (1 << BOUNDS.top_bit)) % order == 0


def usage(amount: int, limit: int, salt: int = 9) -> dict[str, int]:
    return {"commitment": poseidon([amount, salt]), "limit": limit, "usage": amount, "salt": salt}


@pytest.mark.parametrize("field", [bn254.FR, bls12_381.FR])
def test_usage_limit(field) -> None:
    compiled = compile_circuit(UsageLimit(), field)
    for amount, limit in ((0, 0), (5, 5), (5, 6), (0, 2**64 - 1), (2**64 - 1, 2**64 - 1)):
        good = usage(amount, limit) | {"commitment": poseidon([amount, 9], field)}
        compiled.assign(good)
        assert run(UsageLimit(), good, field) > 0
    for amount, limit in ((6, 5), (1, 0), (2**64, 2**64 - 1), (2**64, 2**64), (5, 2**64), (field.modulus - 1, 5)):
        bad = usage(0, limit) | {"usage": amount, "commitment": poseidon([amount, 9], field)}
        with pytest.raises(UnsatisfiedConstraint):
            compiled.assign(bad)
        with pytest.raises(UnsatisfiedConstraint):
            run(UsageLimit(), bad, field)
    with pytest.raises(UnsatisfiedConstraint):
        compiled.assign({**usage(5, 6), "commitment": 1})


def test_standard_circuits_by_name() -> None:
    assert set(STANDARD) == {
        "claim",
        "claim_x1",
        "open",
        "registration",
        "usage_limit",
        "batch8",
        "batch16",
        "batch64",
    }
    claim = standard_circuit("claim", arity=2, depth=3, unit=1)
    assert isinstance(claim, Claim)
    assert (claim.arity, claim.depth, claim.unit, claim.amount_bits) == (2, 3, 1, 64)
    for name, constants, message in (
        ("clam", {}, "no standard circuit is called 'clam'"),
        ("usage_limit", {"depth": 3}, "does not take"),
        ("claim", {"arity": 1}, r"not in 2\.\.16, 1\.\.32, 1\.\.2\^32 - 1"),
        ("claim", {"depth": 33}, r"not in 2\.\.16, 1\.\.32, 1\.\.2\^32 - 1"),
        ("claim", {"unit": 0}, r"not in 2\.\.16, 1\.\.32, 1\.\.2\^32 - 1"),
        ("claim", {"unit": 1 << 32}, r"not in 2\.\.16, 1\.\.32, 1\.\.2\^32 - 1"),
    ):
        with pytest.raises(CircuitError, match=message):
            standard_circuit(name, **constants)


def test_signatures_need_a_field_with_an_embedded_curve() -> None:
    with pytest.raises(CircuitError, match="no embedded curve is known for prime_127"):
        compile_circuit(Signed(), PrimeField("prime_127", 127))


@pytest.mark.parametrize(("arity", "depth", "unit"), [(2, 3, 1), (5, 2, 1000), (4, 1, 1 << 20)])
def test_other_shapes_of_the_claim(arity: int, depth: int, unit: int) -> None:
    from zkrelay.relay.domain import Domain
    from zkrelay.relay.merkle import MerkleTree

    domain = Domain(chain_id=1, contract=2, tree_no=3, unit=unit, arity=arity, depth=depth)
    tree = MerkleTree(arity, depth)
    world = World(domain=domain, tree=tree) if tree.capacity >= 8 else None
    if world is None:
        with pytest.raises(Exception, match="leaves"):
            World(domain=domain, tree=tree)
        return
    compiled = compile_circuit(Claim(arity, depth, unit))
    compiled.assign(world.inputs())
    with pytest.raises(UnsatisfiedConstraint):
        compiled.assign(world.inputs(bytes=world.inputs()["bytes"] + 1))
