"""What a dishonest node, client or relayer would put into the claim circuit.

Each attack builds a whole input (and ``forged``: what it would feed a circuit that lacks a group, see ``mutants``).
The names are those of the protocol's adversary suite; an attack is a statement that must be false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from claim_world import AMOUNT, CAP, EPOCH, EXPIRY, MIB, SIGNED_BYTES, World
from curve_points import small_order_point

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa import Signature
from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB, Point
from zkrelay.relay.note import note_commitment, note_inner
from zkrelay.relay.nullifier import claim_commitment, note_nullifier
from zkrelay.relay.receipt import Receipt, receipt_message

R = bn254.FR.modulus
ORDER = BABY_JUBJUB.order


@dataclass(frozen=True)
class Attack:
    """``inputs`` of the circuit, and the value a prover would choose for the output of a missing group."""

    inputs: dict[str, Any]
    forged: int = 0


ATTACKS: dict[str, Callable[[World], list[Attack]]] = {}


def attack(function: Callable[[World], list[Attack]]) -> Callable[[World], list[Attack]]:
    ATTACKS[function.__name__] = function
    return function


def meta(amount: int, epoch: int = EPOCH, venue: int = 0) -> int:
    """Packing without the range checks of the library: what a cheat would write."""
    return (amount + (epoch << 64) + (venue << 96)) % R


def resign(world: World, **changes: Any) -> dict[str, Any]:
    """Inputs with changed values and a fresh, valid signature of the client over the changed receipt."""
    inputs = world.inputs(**changes)
    receipt = Receipt.sign(world.client, world.note.cm, inputs["bytes"], inputs["ctx"])
    return {
        **inputs,
        **signature_inputs(receipt.signature),
        "cc": claim_commitment(world.note.cm, inputs["bytes"], inputs["blind"]),
        **{name: value for name, value in changes.items() if name == "cc"},
    }


def signature_inputs(signature: Signature) -> dict[str, int]:
    return {"r8x": signature.r8[0], "r8y": signature.r8[1], "s": signature.s}


# --- the signature: volumes that nobody signed
# -------------------------------------------------------------------------


@attack
def bytes_plus_one(world: World) -> list[Attack]:
    """One byte more than the client signed for, with everything the node computes itself adapted."""
    more = SIGNED_BYTES + 1
    inputs = world.inputs(bytes=more)
    inputs["cc"] = claim_commitment(world.note.cm, more, inputs["blind"])
    return [Attack(inputs, world.receipt.message)]


@attack
def node_invents_client(world: World) -> list[Attack]:
    """A key of the node's own signs for the funded note of somebody else."""
    forged = Receipt.sign(world.mallory, world.note.cm, CAP)
    inputs = world.inputs(bytes=CAP, ctx=0, meta=meta(CAP // MIB), **signature_inputs(forged.signature))
    inputs["ax"], inputs["ay"] = world.mallory.public
    inputs["cc"] = claim_commitment(world.note.cm, CAP, inputs["blind"])
    return [Attack(inputs, world.note.inner)]


@attack
def unfunded_note(world: World) -> list[Attack]:
    """A note that no deposit stands behind, signed for by its own (invented) client."""
    note = world.make_note(world.mallory, rho=99)
    receipt = Receipt.sign(world.mallory, note.cm, CAP)
    tree = type(world.tree)()
    tree.append(note.cm)
    claim = world.make_claim(note=note, receipt=receipt, proof=tree.proof(0), amount=CAP // MIB)
    return [Attack({**claim.inputs, "root": world.claim.inputs["root"]})]


@attack
def receipt_of_another_session(world: World) -> list[Attack]:
    """The client's signature for another of its notes."""
    receipt = Receipt.sign(world.client, world.other_note.cm, SIGNED_BYTES, ctx=5)
    return [Attack(world.inputs(**signature_inputs(receipt.signature)), receipt.message)]


def note_under_key(world: World, a: Point, signature: Signature) -> Attack:
    """A funded note whose key is ``a``, whatever that is, with everything else consistent."""
    rho, inputs = 77, world.inputs()
    cm = note_commitment(world.domain.value, note_inner(a, world.node.payee, rho), CAP, EXPIRY)
    tree = type(world.tree)()
    tree.append(cm)
    changes = {
        "ax": a[0],
        "ay": a[1],
        "root": tree.root,
        "path": [list(children) for children in tree.proof(0).path],
        "nf": note_nullifier(cm, rho),
        "cc": claim_commitment(cm, SIGNED_BYTES, inputs["blind"]),
        **signature_inputs(signature),
    }
    return Attack({**inputs, **changes})


def smallorder(world: World, order: int) -> list[Attack]:
    """A key of small order signs anything: R8 = S·B8 - k·8A with 8A = O."""
    a = small_order_point(order)
    assert BABY_JUBJUB.mul_vartime(order, a) == (0, 1)
    return [note_under_key(world, a, Signature(BABY_JUBJUB.mul_vartime(5, BABY_JUBJUB.generator), 5))]


@attack
def smallorder_A_1(world: World) -> list[Attack]:
    return smallorder(world, 1)


@attack
def smallorder_A_2(world: World) -> list[Attack]:
    return smallorder(world, 2)


@attack
def smallorder_A_4(world: World) -> list[Attack]:
    return smallorder(world, 4)


@attack
def smallorder_A_8(world: World) -> list[Attack]:
    return smallorder(world, 8)


@attack
def offcurve_A(world: World) -> list[Attack]:
    """Keys that are no points: neighbours of the real one, and (0, 0), where doubling would leave a coordinate free."""
    ax, ay = world.client.public
    keys = ((ax + 1, ay), (ax, ay + 1), (0, 0), (ay, ax), (1, 1))
    return [note_under_key(world, key, world.receipt.signature) for key in keys]


@attack
def offcurve_R8(world: World) -> list[Attack]:
    x, y = world.receipt.signature.r8
    return [Attack(world.inputs(r8x=u, r8y=v)) for u, v in ((x + 1, y), (x, y + 1), (0, 0), (y, x), (1, 1))]


@attack
def S_plus_l(world: World) -> list[Attack]:
    s = world.receipt.signature.s
    high = [m for m in (1, 2, 3, 7) if s + m * ORDER < R]
    return [Attack(world.inputs(s=s + m * ORDER)) for m in high] + [Attack(world.inputs(s=R - 1))]


@attack
def signature_negated(world: World) -> list[Attack]:
    """(−R8, l − S), (−R8, S) and (R8, l − S): signatures of −M for some other scheme, not here."""
    (x, y), s = world.receipt.signature.r8, world.receipt.signature.s
    variants = ({"r8x": R - x, "s": ORDER - s}, {"r8x": R - x}, {"s": ORDER - s}, {"r8x": x, "r8y": R - y})
    return [Attack(world.inputs(**changes)) for changes in variants]


@attack
def mixed_order_R8(world: World) -> list[Attack]:
    """R8 + T for T of order 2, 4 and 8: a cofactored equation would accept it."""
    found = []
    for order in (2, 4, 8):
        x, y = BABY_JUBJUB.add_vartime(world.receipt.signature.r8, small_order_point(order))
        found.append(Attack(world.inputs(r8x=x, r8y=y)))
    return found


# --- volumes: more than was worked, more than was funded
# ----------------------------------------------------------------


@attack
def amount_gt_bytes(world: World) -> list[Attack]:
    units = SIGNED_BYTES // MIB
    return [Attack(world.inputs(meta=meta(amount))) for amount in (units + 1, CAP // MIB, (1 << 32) - 1, (1 << 64) - 1)]


@attack
def amount_zero(world: World) -> list[Attack]:
    return [Attack(world.inputs(meta=meta(0)))]


@attack
def bytes_gt_cap(world: World) -> list[Attack]:
    """Signed by a client that joins in: above the cap; and a cap that was never funded, on the same note."""
    above = resign(world, bytes=CAP + MIB, meta=meta(CAP // MIB + 1))
    raised = resign(world, bytes=CAP + MIB, cap=CAP + MIB, meta=meta(CAP // MIB + 1))
    return [Attack(above, world.note.cm), Attack(raised, world.note.cm)]


@attack
def wrap_minus_one(world: World) -> list[Attack]:
    """Negative numbers as field elements: cap − bytes = −1, bytes = −1, amount = −1, cap = −1."""
    return [
        Attack(resign(world, bytes=CAP + 1)),
        Attack(world.inputs(bytes=R - 1)),
        Attack(world.inputs(meta=(meta(0) - 1) % R)),
        Attack(world.inputs(cap=R - 1)),
    ]


@attack
def wrap_2_64(world: World) -> list[Attack]:
    return [
        Attack(world.inputs(bytes=1 << 64)),
        Attack(world.inputs(cap=1 << 64)),
        Attack(world.inputs(meta=meta(1 << 64))),
        Attack(world.inputs(meta=meta((1 << 32) + 1))),
    ]


# --- time, place, identity
# -----------------------------------------------------------------------------------------------


@attack
def epoch_after_expiry(world: World) -> list[Attack]:
    late = EXPIRY + 1
    return [
        Attack(world.inputs(epoch=late, meta=meta(AMOUNT, late))),
        Attack(world.inputs(epoch=R - 1, meta=meta(AMOUNT, R - 1))),
        Attack(world.inputs(epoch=1 << 32, meta=meta(AMOUNT, 1 << 32))),
    ]


@attack
def epoch_traded_for_venue(world: World) -> list[Attack]:
    """The same meta read as another triple: epoch + 2^32 with venue − 1."""
    return [
        Attack(world.inputs(epoch=EPOCH + (1 << 32), venue=R - 1)),
        Attack(world.inputs(venue=1 << 32, meta=meta(AMOUNT, EPOCH, 1 << 32))),
        Attack(world.inputs(epoch=EPOCH - 1)),
    ]


@attack
def domain_swap(world: World) -> list[Attack]:
    return [Attack(world.inputs(domain=world.inputs()["domain"] + 1))]


@attack
def payee_swap(world: World) -> list[Attack]:
    """Another node, with its own secret, claims the note that names this one."""
    thief = type(world.node)(666)
    return [
        Attack(world.inputs(payee=thief.payee, kn=thief.kn), world.note.inner),
        Attack(world.inputs(payee=thief.payee)),
    ]


@attack
def client_claims_own_note(world: World) -> list[Attack]:
    """The client knows every witness but the node's secret."""
    return [Attack(world.inputs(kn=kn)) for kn in (0, 1, world.note.rho, world.note.payee)]


@attack
def root_stale(world: World) -> list[Attack]:
    """A root that the path does not lead to: the next one, the empty tree's, zero."""
    root = world.claim.inputs["root"]
    return [Attack(world.inputs(root=value)) for value in (root + 1, type(world.tree)().root, 0)]


@attack
def path_of_another_note(world: World) -> list[Attack]:
    path = [list(children) for children in world.tree.proof(0).path]
    return [Attack(world.inputs(path=path))]


@attack
def nullifier_changed(world: World) -> list[Attack]:
    """A second nullifier for the same note would be paid twice."""
    nf = world.claim.inputs["nf"]
    return [Attack(world.inputs(nf=value)) for value in (nf + 1, 0, R - nf)]


@attack
def rho_changed(world: World) -> list[Attack]:
    """Another rho gives another nullifier, but also another note."""
    return [Attack(world.inputs(rho=78, nf=note_nullifier(world.note.cm, 78)), world.note.inner)]


@attack
def commitment_changed(world: World) -> list[Attack]:
    """A commitment to other bytes than those claimed, recorded early for a receipt that came later."""
    return [
        Attack(world.inputs(cc=claim_commitment(world.note.cm, MIB, world.claim.inputs["blind"]))),
        Attack(world.inputs(cc=0)),
    ]


def challenge_inputs_with_small_k(world: World) -> tuple[dict[str, Any], int]:
    """An honest claim whose challenge k is so small that the bits of k + r fit too: the alias a cheat would use."""
    for ctx in range(1000):
        receipt = Receipt.sign(world.client, world.note.cm, SIGNED_BYTES, ctx)
        message = receipt_message(world.note.cm, SIGNED_BYTES, ctx)
        k = eddsa.challenge(receipt.signature.r8, world.client.public, message)
        if k + BABY_JUBJUB_BOUNDS.offset + R < 1 << BABY_JUBJUB_BOUNDS.top_bit:
            return world.inputs(ctx=ctx, **signature_inputs(receipt.signature)), k
    raise AssertionError("a fifth of all challenges should be small enough")
