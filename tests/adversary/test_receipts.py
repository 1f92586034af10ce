"""Forged receipts for a node that verifies many at once: nothing cancels out, and nothing moves between sessions."""

from __future__ import annotations

import pytest
from claim_world import CAP, MIB, World
from curve_points import small_order_point

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa import BASE8, ORDER, PreparedPublicKey, Signature
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import InvalidSignature, NotBound, ReceiptOverCap
from zkrelay.relay.acceptor import SessionAcceptor
from zkrelay.relay.binding import ChannelBinding
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import Receipt, receipt_message
from zkrelay.relay.receipt_many import verify_receipts, verify_session_receipts

SECRET = 31337
KEY = SessionKey(SECRET)


def with_torsion(cm: int, num_bytes: int, order: int) -> Receipt:
    """By the key's owner over R8 + T: right but for a point of small order, with the challenge of that very R8."""
    nonce = 1000 + num_bytes
    r8 = BABY_JUBJUB.add_vartime(BABY_JUBJUB.mul_vartime(nonce, BASE8), small_order_point(order))
    k = eddsa.challenge(r8, KEY.public, receipt_message(cm, num_bytes, 0))
    return Receipt(cm, num_bytes, 0, Signature(r8, (nonce + 8 * k * SECRET) % ORDER))


def test_torsion_that_cancels_in_a_sum_of_equations() -> None:
    """Two receipts off by the same point of order 2: their equations add up, and the circuit takes neither."""
    pair = [with_torsion(7, num_bytes, 2) for num_bytes in (5, 6)]
    errors = []
    for receipt in pair:
        s_b8 = BABY_JUBJUB.mul_vartime(receipt.signature.s, BASE8)
        k = eddsa.challenge(receipt.signature.r8, KEY.public, receipt.message)
        right = BABY_JUBJUB.add_vartime(receipt.signature.r8, BABY_JUBJUB.mul_vartime(8 * k, KEY.public))
        errors.append(BABY_JUBJUB.add_vartime(s_b8, (-right[0] % BABY_JUBJUB.field.modulus, right[1])))
    assert eddsa.IDENTITY not in errors
    assert BABY_JUBJUB.add_vartime(*errors) == eddsa.IDENTITY, "the sum of the two equations holds"
    data = b"".join(receipt.pack() for receipt in pair)
    together = verify_session_receipts(data, 7, PreparedPublicKey(KEY.public))
    each = verify_receipts([(receipt.pack(), 7, KEY.public) for receipt in pair])
    for verdict in (together, each):
        assert {index: type(error) for index, error in verdict.refused.items()} == dict.fromkeys(
            (0, 1), InvalidSignature
        )


def test_torsion_that_the_cofactor_would_kill() -> None:
    for order in (2, 4, 8):
        data = with_torsion(7, 5, order).pack()
        assert list(verify_session_receipts(data, 7, PreparedPublicKey(KEY.public)).refused) == [0]


def test_bound_session_takes_nothing_from_elsewhere(world: World) -> None:
    """Who stole the note has rho and old messages but no key: no channel is bound, no other receipt passes."""
    session = SessionAcceptor(world.note, window_bytes=1 << 40)
    here, there = bytes(32), bytes(31) + b"\1"
    old = ChannelBinding.sign(world.client, world.note.cm, there).pack()
    stolen = ChannelBinding.sign(world.mallory, world.note.cm, here).pack()
    other_note = ChannelBinding.sign(world.client, world.other_note.cm, here).pack()
    for binding in (old, stolen, other_note):
        with pytest.raises(InvalidSignature):
            session.bind(here, binding)
    with pytest.raises(NotBound):
        session.accept(world.receipt.pack())
    session.bind(here, ChannelBinding.sign(world.client, world.note.cm, here).pack())
    other = Receipt.sign(world.client, world.other_note.cm, MIB).pack()
    with pytest.raises(InvalidSignature):
        session.accept(other)
    with pytest.raises(ReceiptOverCap):
        session.accept(Receipt.sign(world.client, world.note.cm, CAP + 1).pack())
    session.accept(world.receipt.pack())
    assert session.meter.best == world.receipt
