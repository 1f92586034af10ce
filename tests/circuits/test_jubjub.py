"""Gadgets over curves whose Montgomery form needs a scale: a tiny one with a = -1, enumerated, and Jubjub itself."""

from __future__ import annotations

import functools
import itertools
import random
from typing import Any

import pytest
from signed_circuit import Signed
from tiny import Gadget, outputs, points

from zkrelay.algebra.eddsa_bounds import LOW_BITS, ScalarBounds
from zkrelay.algebra.hash_to_field import TAGS
from zkrelay.algebra.poseidon import poseidon
from zkrelay.circuits import montgomery
from zkrelay.circuits.claim import Claim
from zkrelay.circuits.edwards import EdwardsPoint, add, double
from zkrelay.circuits.fixed_base import fixed_base_mul
from zkrelay.circuits.variable_base import variable_base_mul
from zkrelay.curves import PrimeField, bls12_381
from zkrelay.curves.embedded import JUBJUB, EdwardsCurve
from zkrelay.errors import UnsatisfiedConstraint
from zkrelay.groth16 import prove, public_inputs, setup, verify
from zkrelay.kernel import current
from zkrelay.r1cs import CompiledCircuit, compile_circuit, run

FR = bls12_381.FR
R = FR.modulus

# --- -x² + y² = 1 + 24·x²·y² over F137, 8·17 points, every assignment

TINY = EdwardsCurve(
    name="tiny_jubjub",
    field=PrimeField("prime_137", 137),
    a=136,
    d=24,
    order=17,
    cofactor=8,
    generator=(0, 1),  # not used: the tests take every point
)
ALL_POINTS = points(TINY)
PRIME_ORDER = [q for q in ALL_POINTS if q != (0, 1) == TINY.mul_vartime(TINY.order, q)]


def test_the_tiny_curve_is_shaped_like_jubjub() -> None:
    assert (len(ALL_POINTS), len(PRIME_ORDER)) == (8 * 17, 16)
    assert TINY.montgomery_b not in (0, 1)
    assert TINY.montgomery_scale**2 % 137 == TINY.montgomery_b


def test_edwards_addition_is_complete() -> None:
    def body(cs, x):
        total = add(cs, TINY, EdwardsPoint(*x[:2]), EdwardsPoint(*x[2:]))
        return [total.x, total.y]

    compiled = compile_circuit(Gadget(4, 2, body), TINY.field)
    pairs = [*itertools.product(ALL_POINTS[::23], ALL_POINTS[::7]), *((q, q) for q in ALL_POINTS[::7])]
    pairs += [(q, (-q[0] % 137, q[1])) for q in ALL_POINTS[::7]]
    for p, q in pairs:
        assert outputs(compiled, (*p, *q), 2) == {TINY.add_vartime(p, q)}


def test_edwards_doubling_is_complete() -> None:
    def body(cs, x):
        twice = double(cs, TINY, EdwardsPoint(*x))
        return [twice.x, twice.y]

    compiled = compile_circuit(Gadget(2, 2, body), TINY.field)
    for q in ALL_POINTS:
        assert outputs(compiled, q, 2) == {TINY.add_vartime(q, q)}


def test_montgomery_map_round_trip_and_no_image_for_the_identity() -> None:
    def body(cs, x):
        back = montgomery.to_edwards(cs, TINY, montgomery.to_montgomery(cs, TINY, EdwardsPoint(*x)))
        return [back.x, back.y]

    compiled = compile_circuit(Gadget(2, 2, body), TINY.field)
    for q in ALL_POINTS:
        if q[0]:
            assert outputs(compiled, q, 2) == {q}
    assert outputs(compiled, (0, 1), 2) == set()


def test_montgomery_addition_where_its_contract_holds() -> None:
    def body(cs, x):
        p, q = (montgomery.to_montgomery(cs, TINY, EdwardsPoint(*x[i : i + 2])) for i in (0, 2))
        total = montgomery.to_edwards(cs, TINY, montgomery.add_incomplete(cs, TINY, p, q))
        return [total.x, total.y]

    compiled = compile_circuit(Gadget(4, 2, body), TINY.field)
    for p, q in itertools.product(PRIME_ORDER[::4], PRIME_ORDER):
        if p not in (q, (-q[0] % 137, q[1])):
            assert outputs(compiled, (*p, *q), 2) == {TINY.add_vartime(p, q)}


def test_variable_base_mul_every_scalar() -> None:
    def body(cs, x):
        product = variable_base_mul(cs, TINY, EdwardsPoint(*x[:2]), x[2:])
        return [product.x, product.y]

    compiled = compile_circuit(Gadget(7, 2, body), TINY.field)
    for point in PRIME_ORDER[::8]:
        for e in range(32):
            bits = [e >> i & 1 for i in range(5)]
            assert outputs(compiled, (*point, *bits), 2) == {TINY.mul_vartime(32 + e, point)}, (point, e)


@pytest.mark.parametrize("count", [4, 5, 6])
def test_fixed_base_mul_every_scalar(count: int) -> None:
    base = PRIME_ORDER[0]

    def body(cs, x):
        product = fixed_base_mul(cs, TINY, x, base)
        return [product.x, product.y]

    compiled = compile_circuit(Gadget(count, 2, body), TINY.field)
    for scalar in range(1 << count):
        bits = [scalar >> i & 1 for i in range(count)]
        assert outputs(compiled, bits, 2) == {TINY.mul_vartime(scalar, base)}, scalar


# --- Jubjub: signatures and the claim over BLS12-381's scalar field

BOUNDS = ScalarBounds(JUBJUB, LOW_BITS)


@functools.cache
def signature_check() -> CompiledCircuit:
    return compile_circuit(Signed(), FR)


def signed(secret: int, message: int, nonce: int = 123456789) -> dict[str, int]:
    """As ``eddsa.sign``, over Jubjub and by the equation alone: S = n + 8·k·sk."""
    ax, ay = JUBJUB.mul_vartime(secret, JUBJUB.generator)
    r8x, r8y = JUBJUB.mul_vartime(nonce, JUBJUB.generator)
    k = poseidon([r8x, r8y, ax, ay, message], FR)
    return {
        "message": message,
        "ax": ax,
        "ay": ay,
        "r8x": r8x,
        "r8y": r8y,
        "s": (nonce + 8 * k * secret) % JUBJUB.order,
    }


@pytest.mark.parametrize("seed", range(4))
def test_signatures_are_accepted_and_every_change_refused(seed: int) -> None:
    rng = random.Random(seed)
    secret = rng.choice([1, JUBJUB.order - 1, rng.randrange(1, JUBJUB.order)])
    good = signed(secret, rng.choice([0, R - 1, rng.randrange(R)]), rng.randrange(JUBJUB.order))
    signature_check().assign(good)
    assert run(Signed(), good, FR) > 0
    for name in good:
        for delta in (1, -1, rng.randrange(2, R)):
            with pytest.raises(UnsatisfiedConstraint):
                signature_check().assign({**good, name: (good[name] + delta) % R})


def test_other_representatives_and_small_orders_are_refused() -> None:
    good = signed(12345, 678)
    bad = [{**good, "s": good["s"] + JUBJUB.order}]
    four_torsion = [q for q in (JUBJUB.mul_vartime(JUBJUB.order, (x, y)) for x, y in some_points(6)) if q != (0, 1)]
    for x, y in [(0, 1), (0, R - 1), *four_torsion]:
        bad.append({**good, "ax": x, "ay": y})
        # S·B8 = R8 + k·8A holds for every k when 8A is the identity
        five = JUBJUB.mul_vartime(5, JUBJUB.generator)
        bad.append({"message": 1, "ax": x, "ay": y, "r8x": five[0], "r8y": five[1], "s": 5})
        moved = JUBJUB.add_vartime((good["r8x"], good["r8y"]), (x, y))
        if (x, y) != (0, 1):
            bad.append({**good, "r8x": moved[0], "r8y": moved[1]})
    for inputs in bad:
        with pytest.raises(UnsatisfiedConstraint):
            signature_check().assign(inputs)


def some_points(count: int) -> list[tuple[int, int]]:
    """Small multiples of the generator of the whole group, whose y is 11."""
    full = (0x62EDCBB8BF3787C88B0F03DDD60A8187CAF55D1B29BF81AFE4B3D35DF1A7ADFE, 11)
    return [JUBJUB.mul_vartime(n, full) for n in range(1, count + 1)]


def test_every_internal_wire_of_a_signature_check_is_pinned() -> None:
    good = signature_check().assign(signed(12345, 678))
    for wire in range(1, signature_check().r1cs.num_variables, 11):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            signature_check().r1cs.check(bad)


def test_the_bounds_imply_the_exact_ranges() -> None:
    assert not BOUNDS.accepts_s(JUBJUB.order)
    largest = ((BOUNDS.s_high_max + 1) << BOUNDS.low_bits) - 1
    assert BOUNDS.accepts_s(largest) and largest < JUBJUB.order
    assert (JUBJUB.order - largest) * 2**100 < JUBJUB.order
    low, high = BOUNDS.k_high_min << BOUNDS.low_bits, ((BOUNDS.k_high_max + 1) << BOUNDS.low_bits) - 1
    assert BOUNDS.offset <= low and high < BOUNDS.offset + R
    assert (low - BOUNDS.offset + BOUNDS.offset + R - high) * 2**100 < R
    assert (BOUNDS.offset + (1 << BOUNDS.top_bit)) % JUBJUB.order == 0


def claim_inputs() -> dict[str, Any]:
    """A true claim of docs/protocol.md with every hash over BLS12-381's field: arity 2, depth 2, a unit of one byte."""

    def h(*values: int) -> int:
        return poseidon(list(values), FR)

    secret, kn, rho, cap, used, blind, ctx, domain, epoch, expiry, venue = 777, 99, 5, 10_000, 4_321, 8, 3, 42, 7, 9, 1
    ax, ay = JUBJUB.mul_vartime(secret, JUBJUB.generator)
    payee = h(TAGS["node-id"], kn)
    note = h(TAGS["note"], domain, h(TAGS["note-key"], ax, ay, payee, rho), cap, expiry)
    path = [[note, 11], [13, h(note, 11)]]
    signature = signed(secret, h(TAGS["receipt"], note, used, ctx))
    amount = 4_000
    return {
        "domain": domain,
        "root": h(*path[1]),
        "payee": payee,
        "meta": amount + (epoch << 64) + (venue << 96),
        "nf": h(TAGS["nullifier"], note, rho),
        "cc": h(TAGS["commit"], note, used, blind),
        "aux": 6,
        "epoch": epoch,
        "venue": venue,
        **{name: signature[name] for name in ("ax", "ay", "r8x", "r8y", "s")},
        "bytes": used,
        "ctx": ctx,
        "rho": rho,
        "cap": cap,
        "expiry": expiry,
        "path": path,
        "blind": blind,
        "kn": kn,
    }


def test_the_claim_over_bls12_381_is_proved_and_nothing_else_is() -> None:
    compiled, good = compile_circuit(Claim(arity=2, depth=2, unit=1), FR), claim_inputs()
    assignment = compiled.assign(good)
    changes = {name: good[name] + 1 for name in good if name not in ("aux", "path", "meta")}
    changes |= {"meta": good["meta"] + 1000, "path": [good["path"][0], [1, 2]]}  # 5,000 of 4,321 bytes; another node
    for name, value in changes.items():
        with pytest.raises(UnsatisfiedConstraint):
            compiled.assign({**good, name: value})
    if current().name == "reference":
        pytest.skip("a proof of 7,000 rows takes minutes in Python integers")
    pk = setup(compiled.r1cs, threads=2)
    verify(pk.verifying_key, public_inputs(assignment, 7, FR), prove(pk, assignment, threads=2))
