"""Honest inputs of our circuits, several of each, as different from one another as the protocol lets them be.

A mutant that refuses one of them is told apart by it; and a mutant that only bites where a bit is set needs one in
which it is.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from zkrelay.algebra.poseidon import poseidon
from zkrelay.circuits.claim import VENUE_SHIFT
from zkrelay.relay.batch import Batch
from zkrelay.relay.claim import Claim
from zkrelay.relay.domain import SEVERAL_VENUES, SINGLE_VENUE, Domain
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.opening import Ticket
from zkrelay.relay.receipt import Receipt

from .machine import ROOT

HELPERS = str(ROOT / "tests" / "helpers")
if HELPERS not in sys.path:
    sys.path.append(HELPERS)
from claim_world import World  # type: ignore[import-not-found]  # noqa: E402
from open_world import LIMIT, OpenWorld  # type: ignore[import-not-found]  # noqa: E402

Inputs: TypeAlias = dict[str, Any]
COUNT = 12
SLOTS = 8
R = 1 << 253  # below the field's modulus


@dataclass(frozen=True)
class Session:
    """Honest inputs, and of each receipt in them what it takes to sign it again: seed of the key, message."""

    inputs: Inputs = field(repr=False)
    signed: tuple[tuple[bytes, int], ...] = field(default=(), repr=False)


def sessions(name: str) -> list[Session]:
    """Of one of our circuits."""
    return _MAKERS[name]()


@dataclass(frozen=True)
class _Receipt:
    seed: bytes
    note: Any
    place: int
    receipt: Receipt
    rng: random.Random


def _receipt(world: Any, number: int) -> _Receipt:
    """A note in the world's tree, and volume under it."""
    rng, seed = random.Random(number), b"session %d" % number
    client = SessionKey.from_seed(seed)
    cap = rng.randrange(1 << 50, 1 << 51)
    note = world.make_note(client, rho=rng.randrange(R), cap=cap, expiry=rng.randrange(1 << 31, 1 << 32))
    receipt = Receipt.sign(client, note.cm, rng.randrange(1 << 49, cap), ctx=rng.randrange(R))
    return _Receipt(seed, note, world.tree.append(note.cm), receipt, rng)


def _claim(world: Any, made: _Receipt, *, epoch: int, venue: int = 0) -> Claim:
    claim: Claim = world.make_claim(
        note=made.note,
        receipt=made.receipt,
        proof=world.tree.proof(made.place),
        epoch=epoch,
        amount=made.rng.randrange(1, made.receipt.num_bytes >> 20),
        venue=venue,
    )
    return claim


def _claims(mode: int) -> list[Session]:
    """In the first mode the ledger takes venue 0 only, and the circuit any."""
    found = []
    for number in range(COUNT):
        rng = random.Random(100 + number)
        domain = Domain(rng.randrange(1, 1 << 32), rng.randrange(1 << 160), 1 + number, mode=mode)
        world = World(domain=domain, node=NodeIdentity(rng.randrange(1, R)))
        made, venue = _receipt(world, number), rng.randrange(1 << 32)
        shown = venue if mode == SEVERAL_VENUES else 0
        inputs = _claim(world, made, epoch=rng.randrange(1 << 31), venue=shown).inputs
        if not shown:
            inputs = {**inputs, "venue": venue, "meta": inputs["meta"] + (venue << VENUE_SHIFT)}
        found.append(Session(inputs, ((made.seed, made.receipt.message),)))
    return found


def _batches() -> list[Session]:
    """Two claims, the first of them in the slots that are not used, too; and eight."""
    found = []
    for number, count in enumerate((2, SLOTS)):
        rng = random.Random(200 + number)
        world = World(node=NodeIdentity(rng.randrange(1, R)))
        made = [_receipt(world, SLOTS * number + slot) for slot in range(count)]
        epoch = rng.randrange(1 << 31)
        batch = Batch.build([_claim(world, item, epoch=epoch) for item in made], SLOTS)
        filled = made + made[:1] * (SLOTS - count)
        found.append(Session(batch.inputs, tuple((item.seed, item.receipt.message) for item in filled)))
    return found


def _openings() -> list[Session]:
    found = []
    for number in range(COUNT):
        rng = random.Random(300 + number)
        world = OpenWorld(domain=Domain(rng.randrange(1, 1 << 32), rng.randrange(1 << 160), 1 + number))
        message = world.make_message(inner=rng.randrange(R), expiry=rng.randrange(1 << 31, 1 << 32))
        found.append(Session(dict(world.make_opening(message=message, ticket=Ticket(number % LIMIT, LIMIT)).inputs)))
    return found


def _registrations() -> list[Session]:
    nodes = [(NodeIdentity(random.Random(number).randrange(1, R)), number) for number in range(1, COUNT)]
    return [Session({"payee": node.payee, "aux": aux, "kn": node.kn}) for node, aux in nodes]


def _limits() -> list[Session]:
    found = []
    for number in range(COUNT):
        rng = random.Random(number)
        limit, salt = rng.randrange(1 << 63, 1 << 64), rng.randrange(R)
        usage = rng.randrange(limit)
        found.append(Session({"commitment": poseidon([usage, salt]), "limit": limit, "usage": usage, "salt": salt}))
    return found


_MAKERS: dict[str, Callable[[], list[Session]]] = {
    "claim": lambda: _claims(SINGLE_VENUE),
    "claim_x1": lambda: _claims(SEVERAL_VENUES),
    "open": _openings,
    "registration": _registrations,
    "usage_limit": _limits,
    "batch8": _batches,
}
