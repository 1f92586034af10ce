"""The session claim: relation R_claim of ``docs/protocol.md``, one method for each constraint group.

"A funded client acknowledged at least this much traffic, the note has not been paid before, and it belongs to me":
public ``domain, root, payee, meta, nf, cc, aux``; everything else is private.  ``meta = amount + 2^64·epoch +
2^96·venue`` with the amount in units of ``unit`` bytes; the packing is unique only because C7 and C8 range-check all
three parts.
"""

from __future__ import annotations

from zkrelay.algebra.hash_to_field import TAGS
from zkrelay.errors import CircuitError
from zkrelay.r1cs import Circuit, ConstraintApi, Expr, private, private_array, public

from . import session
from .eddsa import assert_eddsa_poseidon
from .edwards import EdwardsPoint
from .merkle import assert_merkle_member
from .poseidon import poseidon
from .range_check import assert_in_range

VOLUME_BITS = 64
EPOCH_BITS = 32
VENUE_BITS = 32
EPOCH_SHIFT = 64
VENUE_SHIFT = 96


def check_constants(name: str, arity: int, depth: int, unit: int) -> None:
    """Raise ``CircuitError`` for an arity outside 2..16, a depth outside 1..32, or a unit outside [1, 2^32)."""
    if not (2 <= arity <= 16 and 1 <= depth <= 32 and 1 <= unit < 1 << 32):
        raise CircuitError(f"{name}: arity {arity}, depth {depth}, unit {unit}: not in 2..16, 1..32, 1..2^32 - 1")


def amount_bits(unit: int) -> int:
    """Bits of an amount - 1: 64, or 32 when a unit is at least 2^20 bytes.

    2^32 MiB is 2^52 bytes, and a cap is below 2^64 bytes.
    """
    return 32 if unit >= 1 << 20 else VOLUME_BITS


class Claim(Circuit):
    """``arity`` and ``depth`` of the note tree and ``unit`` (bytes a unit) are compile-time constants.

    Raises:
        CircuitError: arity outside 2..16, depth outside 1..32, or unit outside [1, 2^32).
    """

    domain = public()
    root = public()
    payee = public()
    meta = public()
    nf = public()
    cc = public()
    aux = public()

    epoch = private()
    venue = private()
    ax = private()
    ay = private()
    r8x = private()
    r8y = private()
    s = private()
    bytes = private()
    ctx = private()
    rho = private()
    cap = private()
    expiry = private()
    path = private_array(lambda self: (self.depth, self.arity))
    blind = private()
    kn = private()

    def __init__(self, arity: int = 4, depth: int = 10, unit: int = 1 << 20) -> None:
        check_constants("claim", arity, depth, unit)
        self.arity = arity
        self.depth = depth
        self.unit = unit
        self.amount_bits = amount_bits(unit)

    def define(self, cs: ConstraintApi) -> None:
        inner = self.c1_note_key(cs)
        note = self.c2_note(cs, inner)
        self.c3_membership(cs, note)
        message = self.c5_receipt(cs, note)
        self.c4_c6_signature(cs, message)
        self.c7_volumes(cs)
        self.c8_epochs(cs)
        self.c9_nullifier(cs, note)
        self.c10_commitment(cs, note)
        self.c11_context(cs)
        self.c12_node(cs)

    @property
    def amount(self) -> Expr:
        """What meta holds besides epoch and venue: linear, no row; C7 and C8 make it the only reading."""
        return self.meta - (1 << EPOCH_SHIFT) * self.epoch - (1 << VENUE_SHIFT) * self.venue

    def c1_note_key(self, cs: ConstraintApi) -> Expr:
        """C1: inner = P5(T.note-key, A.x, A.y, payee, rho)."""
        with cs.scope("c1"):
            return session.note_key(cs, EdwardsPoint(self.ax, self.ay), self.payee, self.rho)

    def c2_note(self, cs: ConstraintApi, inner: Expr) -> Expr:
        """C2: cm = P5(T.note, domain, inner, cap, expiry)."""
        with cs.scope("c2"):
            return session.note(cs, self.domain, inner, self.cap, self.expiry)

    def c3_membership(self, cs: ConstraintApi, note: Expr) -> None:
        """C3: the note is a leaf under root."""
        with cs.scope("c3"):
            assert_merkle_member(cs, note, self.path, self.root)

    def c5_receipt(self, cs: ConstraintApi, note: Expr) -> Expr:
        """C5: M = P4(T.receipt, cm, bytes, ctx)."""
        with cs.scope("c5"):
            return session.receipt_message(cs, note, self.bytes, self.ctx)

    def c4_c6_signature(self, cs: ConstraintApi, message: Expr) -> None:
        """C4 and C6: A and R8 on the curve, 8A ≠ O, S < l, S·B8 = R8 + k·8A."""
        with cs.scope("c6"):
            assert_eddsa_poseidon(cs, EdwardsPoint(self.ax, self.ay), EdwardsPoint(self.r8x, self.r8y), self.s, message)

    def c7_volumes(self, cs: ConstraintApi) -> None:
        """C7: amount-1, cap, bytes - amount·unit and cap - bytes are non-negative and small.

        amount·unit + d1 + d2 = cap with all terms far below r, so nothing wraps: 1 <= amount, amount·unit <= bytes <=
        cap.
        """
        with cs.scope("c7"):
            assert_in_range(cs, self.amount - 1, self.amount_bits, "amount")
            assert_in_range(cs, self.cap, VOLUME_BITS, "cap")
            assert_in_range(cs, self.bytes - self.unit * self.amount, VOLUME_BITS, "worked")
            assert_in_range(cs, self.cap - self.bytes, VOLUME_BITS, "unspent")

    def c8_epochs(self, cs: ConstraintApi) -> None:
        """C8: epoch, expiry and venue have 32 bits and epoch <= expiry."""
        with cs.scope("c8"):
            assert_in_range(cs, self.epoch, EPOCH_BITS, "epoch")
            assert_in_range(cs, self.expiry, EPOCH_BITS, "expiry")
            assert_in_range(cs, self.expiry - self.epoch, EPOCH_BITS, "remaining")
            assert_in_range(cs, self.venue, VENUE_BITS, "venue")

    def c9_nullifier(self, cs: ConstraintApi, note: Expr) -> None:
        """C9: nf = P3(T.nullifier, cm, rho)."""
        with cs.scope("c9"):
            session.nullifier(cs, note, self.rho, output=self.nf)

    def c10_commitment(self, cs: ConstraintApi, note: Expr) -> None:
        """C10: cc = P4(T.commit, cm, bytes, blind)."""
        with cs.scope("c10"):
            poseidon(cs, [cs.constant(TAGS["commit"]), note, self.bytes, self.blind], output=self.cc)

    def c11_context(self, cs: ConstraintApi) -> None:
        """C11: aux appears in a constraint, so that it cannot be exchanged in a proof; it is computed by the ledger."""
        with cs.scope("c11"):
            cs.mul(self.aux, self.aux, "bound")

    def c12_node(self, cs: ConstraintApi) -> None:
        """C12: payee = P2(T.node-id, kN): only the node can claim, not the client who knows everything else."""
        with cs.scope("c12"):
            session.node_id(cs, self.kn, output=self.payee)
