"""Refunds: the client's signature is checked on the chain as ``eddsa.verify`` checks it, after every possible claim."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_world import CLIENT, CONTEXT, NODE, START, UNITS, WINDOW, ChainWorld, keys, outcome
from curve_points import small_order_point
from settlement.chain.abi import call
from settlement.chain.escrow import REFUND

from zkrelay.algebra.eddsa import ORDER, Signature, derive_public_key, derive_secret_key
from zkrelay.curves import bn254
from zkrelay.errors import (
    InsufficientEscrow,
    InvalidSignature,
    NonCanonicalNumber,
    NotYetRefundable,
    NullifierSpent,
    UnknownNote,
    ZkrelayError,
)
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import note_inner
from zkrelay.relay.refund import RefundRequest

R = bn254.FR.modulus
RECIPIENT = 0xC11E47
LATE = START + 5 + WINDOW + 1


def refund_data(request: RefundRequest, **changes: object) -> bytes:
    """Whatever is in the request, without the client's own checks."""
    (x, y), signature = request.public_key, request.signature
    fields = {"x": x, "y": y, "payee": request.payee, "rho": request.rho, "cap": request.cap, "expiry": request.expiry}
    fields |= {"recipient": request.recipient, "r8": signature.r8, "s": signature.s, **changes}
    opening = tuple(fields[name] for name in ("x", "y", "payee", "rho", "cap", "expiry"))
    return call(REFUND, opening, fields["recipient"], tuple(fields["r8"]), fields["s"])  # type: ignore[arg-type]


def test_an_unclaimed_note_is_refunded_once(world: ChainWorld) -> None:
    note = world.deposit(1)
    request = RefundRequest.sign(CLIENT, note, RECIPIENT)
    for epoch, kind in (
        (START + 5, NotYetRefundable),
        (LATE - 1, NotYetRefundable),
        (LATE, None),
        (LATE, NullifierSpent),
    ):
        world.set_epoch(epoch)
        for ledger in (world.escrow, world.twin):
            error = outcome(lambda ledger=ledger: ledger.refund(request))
            assert error is None if kind is None else type(error) is kind, epoch
    assert world.escrow.owed(RECIPIENT) == UNITS * 3
    assert world.escrow.balance == world.twin.balance == 0
    assert world.escrow.is_spent(request.nullifier(world.escrow.domain))


@pytest.mark.parametrize("seed", range(4))
def test_signatures_of_many_keys(world: ChainWorld, seed: int) -> None:
    """The chain's curve arithmetic, on other scalars each time."""
    key = SessionKey.from_seed(b"refund %d" % seed)
    note = replace(world.note(seed), public_key=key.public)
    world.escrow.deposit(note.inner, note.cap, note.expiry)
    world.set_epoch(LATE)
    world.escrow.refund(RefundRequest.sign(key, note, RECIPIENT + seed))
    assert world.escrow.owed(RECIPIENT + seed) == UNITS * 3


def test_a_claimed_note_is_not_refunded(world: ChainWorld) -> None:
    note = world.deposit(1)
    request = RefundRequest.sign(CLIENT, note, RECIPIENT)
    nf = request.nullifier(world.escrow.domain)
    statement = world.statement(nf=nf, cc=99, epoch=START + 5)
    world.set_epoch(START + 5)
    world.escrow.commit(99)
    world.set_epoch(LATE - 1)
    world.escrow.redeem(statement.public_inputs, CONTEXT, keys()["claim"].prove(statement.public_inputs))
    world.set_epoch(LATE)
    assert type(outcome(lambda: world.escrow.refund(request))) is NullifierSpent


def test_a_refunded_note_is_not_claimed(world: ChainWorld) -> None:
    """Its epoch has gone, and with a clock that lies the nullifier still stands in the way."""
    note = world.deposit(1)
    request = RefundRequest.sign(CLIENT, note, RECIPIENT)
    world.set_epoch(LATE)
    world.escrow.refund(request)
    statement = world.statement(nf=request.nullifier(world.escrow.domain))
    world.refuses(NullifierSpent, world.redeem_data(statement.public_inputs))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (InvalidSignature, {"recipient": 0xBAD}),
        (InvalidSignature, {"s": 0}),
        (InvalidSignature, {"s": ORDER}),
        (InvalidSignature, {"s": (1 << 256) - 1}),
        (InvalidSignature, {"r8": (0, 1)}),
        (InvalidSignature, {"r8": (1, 1)}),
        (InvalidSignature, {"r8": (R, 1)}),
        (InvalidSignature, {"x": R}),
        (UnknownNote, {"x": 1}),
        (UnknownNote, {"payee": NODE.payee ^ 1}),
        (UnknownNote, {"rho": 2}),
        (UnknownNote, {"cap": UNITS * 1000 + 1}),
        (UnknownNote, {"expiry": START + 4}),
        (NonCanonicalNumber, {"rho": 1 + R}),
        (NonCanonicalNumber, {"payee": NODE.payee + R}),
        (NonCanonicalNumber, {"cap": UNITS * 1000 + (1 << 64)}),
        (NonCanonicalNumber, {"expiry": START + 5 + (1 << 32)}),
    ],
)
def test_another_request_is_refused(world: ChainWorld, kind: type[ZkrelayError], changes: dict[str, object]) -> None:
    request = RefundRequest.sign(CLIENT, world.deposit(1), RECIPIENT)
    world.set_epoch(LATE)
    world.refuses(kind, refund_data(request, **changes))
    world.send(refund_data(request))


@pytest.mark.parametrize("step", [37, pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_every_bit_of_the_signature_matters(world: ChainWorld, step: int) -> None:
    request = RefundRequest.sign(CLIENT, world.deposit(1), RECIPIENT)
    world.set_epoch(LATE)
    (x, y), s = request.signature.r8, request.signature.s
    changes = []
    for bit in range(0, 256, step):
        changes += [{"s": s ^ 1 << bit}, {"r8": (x ^ 1 << bit, y)}, {"r8": (x, y ^ 1 << bit)}]
    errors = world.refusals([refund_data(request, **change) for change in changes])
    assert {type(error) for error in errors} == {InvalidSignature}
    for more in (ORDER, 2 * ORDER):
        world.refuses(InvalidSignature, refund_data(request, s=s + more))


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_a_key_of_small_order_signs_nothing(world: ChainWorld, order: int) -> None:
    """8A = O: with R8 = S·B8 the equation holds, whatever is signed and by whomever."""
    x, y = small_order_point(order)
    world.escrow.deposit(note_inner((x, y), NODE.payee, 1), 1000, START + 5)
    world.set_epoch(LATE)
    s = derive_secret_key(b"whoever")
    signature = Signature(derive_public_key(s), s)
    request = RefundRequest((x, y), NODE.payee, 1, 1000, START + 5, RECIPIENT, signature)
    world.refuses(InvalidSignature, refund_data(request))


def test_the_escrow_pays_no_more_than_it_holds(world: ChainWorld) -> None:
    """After a claim of more than the note (no proof system allows it) the refund of another finds too little."""
    world.deposit(1)
    note = world.deposit(2)
    world.set_epoch(LATE)
    world.send(world.redeem_data(world.statement(amount=50).public_inputs))
    error = outcome(lambda: world.escrow.refund(RefundRequest.sign(CLIENT, note, RECIPIENT)))
    assert type(error) is InsufficientEscrow
