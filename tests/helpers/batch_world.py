"""Batches for the adversary: any claim, honest or not, in the slots of a batch, and (h, alpha, e) to fit it.

A cheat seals whatever statement it wants to be true: ``sealed`` computes h, alpha and e as a ledger would from that v.
"""

from __future__ import annotations

from typing import Any

from claim_world import MIB, World

from zkrelay.algebra.compression import chain, challenge, evaluate
from zkrelay.circuits.batch import SCALARS, Batch
from zkrelay.curves import bn254
from zkrelay.relay.batch_statement import BATCH_NAMES
from zkrelay.relay.claim import Claim
from zkrelay.relay.domain import Domain
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.receipt import Receipt

R = bn254.FR.modulus
SIZE = 2
DEPTH = 3  # one level of which the two slots share


class ShallowTree(MerkleTree):
    """The note tree of ``batch_world``: small, as the depth makes no difference here."""

    def __init__(self) -> None:
        super().__init__(depth=DEPTH)


def batch_world() -> World:
    """The claim's honest session, in a shallow tree."""
    return World(domain=Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, depth=DEPTH), tree=ShallowTree())


def batch_circuit() -> Batch:
    return Batch(SIZE, depth=DEPTH)


def second_claim(world: World) -> Claim:
    """The honest claim for the world's other note, under the same root."""
    receipt = Receipt.sign(world.client, world.other_note.cm, 7 * MIB)
    return world.make_claim(note=world.other_note, receipt=receipt, proof=world.tree.proof(6), amount=7)


def sealed(inputs: dict[str, Any], **v: Any) -> dict[str, Any]:
    """``inputs`` with the (h, alpha, e) of the statement ``v``: ``BATCH_NAMES`` and ``nullifiers``."""
    vector = [*(v[name] for name in BATCH_NAMES), *v["nullifiers"]]
    h = chain(len(v["nullifiers"]), vector)
    alpha = challenge(h, vector)
    return {**inputs, "h": h, "alpha": alpha, "e": evaluate(vector, alpha)}


def slot_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """A claim's inputs as those of a slot: the amount is what meta holds."""
    amount = (inputs["meta"] - (inputs["epoch"] << 64) - (inputs["venue"] << 96)) % R
    return {**inputs, "amount": amount, "used": 1}


def in_slots(slots: list[dict[str, Any]], used: list[int] | None = None, **v: Any) -> dict[str, Any]:
    """Batch inputs with these claims in the slots of a batch; v is what they say, or as given."""
    used = [1] * len(slots) if used is None else used
    first = slots[0]
    statement = {
        **{name: first[name] for name in ("domain", "root", "epoch", "venue", "payee", "aux")},
        "total": sum(flag * slot["amount"] for flag, slot in zip(used, slots, strict=True)) % R,
        "count": sum(used) % R,
        "nullifiers": [flag * slot["nf"] % R for flag, slot in zip(used, slots, strict=True)],
        **v,
    }
    inputs = {
        **{name: first[name] for name in ("domain", "root", "epoch", "venue", "aux", "kn")},
        **{name: [slot[name] for slot in slots] for name in SCALARS if name != "used"},
        "used": used,
        "path": [slot["path"][:-1] for slot in slots],
        "top": [first["path"][-1]],
    }
    return sealed(inputs, **statement)


def honest(world: World, **v: Any) -> dict[str, Any]:
    """The honest batch of the world's two claims, with another statement where ``v`` says so."""
    return in_slots([slot_of(world.inputs()), slot_of(dict(second_claim(world).inputs))], **v)


def alone(inputs: dict[str, Any], **v: Any) -> dict[str, Any]:
    """A batch of one claim, honest or not, repeated in the slot that is not used."""
    return in_slots([slot_of(inputs)] * SIZE, [1, 0], **v)
