"""A batch of claims: relation R_batch of ``docs/protocol.md``, N sessions of one payee in one statement.

Public is (h, alpha, e), the compressed form of

    v = domain, root, epoch, venue, payee, total, count, aux, nf_1 .. nf_N

and everything else is private: single amounts never show, only their total.  C1 to C12 are those of ``claim``, without
C10 (h is the commitment) and C11 (aux is in h); B1 to B4 tie the slots together.

Unused slots repeat the first one's witness, which is always used.  So every slot states everything, no constraint is
switched off, and only what leaves a slot, its nullifier and its amount, is multiplied by ``used``.  Which claims are
in v is the same either way: a true v has a witness of this kind, and the used slots of any witness are claims.

Cheaper than N claims by what they share: payee (C12), epoch and venue (C8) are stated once, and so are the upper
levels of the note tree (C3, ``merkle.open_nodes``).  Two range checks are left out: cap (C7) and expiry (C8) are sums
of numbers in range, and the sums cannot wrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zkrelay.algebra.compression import MAX_SLOTS
from zkrelay.errors import CircuitError
from zkrelay.r1cs import Circuit, ConstraintApi, Expr, private, private_array, public

from . import session
from .boolean import assert_ones_first
from .claim import EPOCH_BITS, VENUE_BITS, VOLUME_BITS, amount_bits, check_constants
from .compression import assert_chain, assert_evaluation
from .eddsa import assert_eddsa_poseidon
from .edwards import EdwardsPoint
from .merkle import assert_merkle_member_below, open_nodes, opening_counts
from .range_check import assert_in_range

SCALARS = ("used", "amount", "ax", "ay", "r8x", "r8y", "s", "bytes", "ctx", "rho", "cap", "expiry")


def assert_covered(
    cs: ConstraintApi, amount: Expr, num_bytes: Expr, cap: Expr, unit: int, amount_bits: int, volume_bits: int
) -> None:
    """1 <= amount and amount·unit <= num_bytes <= cap as integers: two ranges of volume_bits rows, one of amount_bits.

    cap is amount·unit + d1 + d2 with all three in range, and below 2^(amount_bits + 32) + 2^(volume_bits + 1) in any
    case: nothing wraps, and cap needs no range of its own (the ledger inserts no note above 2^64).
    """
    assert_in_range(cs, amount - 1, amount_bits, "amount")
    assert_in_range(cs, num_bytes - unit * amount, volume_bits, "worked")
    assert_in_range(cs, cap - num_bytes, volume_bits, "unspent")


@dataclass(frozen=True)
class Slot:
    """The inputs of one slot, under the names that ``Claim`` has for them."""

    path: Sequence[Sequence[Expr]]
    used: Expr
    amount: Expr
    ax: Expr
    ay: Expr
    r8x: Expr
    r8y: Expr
    s: Expr
    bytes: Expr
    ctx: Expr
    rho: Expr
    cap: Expr
    expiry: Expr


class Batch(Circuit):
    """``size`` is N; ``arity``, ``depth`` and ``unit`` as for ``Claim``: compile-time constants.

    ``path`` of a slot ends below the shared levels, whose openings are in ``top``: from the root down,
    ``top_counts`` a level (see ``merkle.open_nodes``; unneeded ones repeat another of their level).

    Raises:
        CircuitError: size outside 1..2^16, or a constant that ``Claim`` refuses.
    """

    h = public()
    alpha = public()
    e = public()

    domain = private()
    root = private()
    epoch = private()
    venue = private()
    aux = private()
    kn = private()
    used = private_array(lambda self: (self.size,))
    amount = private_array(lambda self: (self.size,))
    ax = private_array(lambda self: (self.size,))
    ay = private_array(lambda self: (self.size,))
    r8x = private_array(lambda self: (self.size,))
    r8y = private_array(lambda self: (self.size,))
    s = private_array(lambda self: (self.size,))
    bytes = private_array(lambda self: (self.size,))
    ctx = private_array(lambda self: (self.size,))
    rho = private_array(lambda self: (self.size,))
    cap = private_array(lambda self: (self.size,))
    expiry = private_array(lambda self: (self.size,))
    path = private_array(lambda self: (self.size, self.path_levels, self.arity))
    top = private_array(lambda self: (sum(self.top_counts), self.arity))

    def __init__(self, size: int = 64, arity: int = 4, depth: int = 10, unit: int = 1 << 20) -> None:
        if not 1 <= size <= MAX_SLOTS:
            raise CircuitError(f"batch: a size of {size} is not in 1..{MAX_SLOTS}")
        check_constants("batch", arity, depth, unit)
        self.size = size
        self.arity = arity
        self.depth = depth
        self.unit = unit
        self.amount_bits = amount_bits(unit)
        self.top_counts = opening_counts(size, arity, depth)
        self.path_levels = depth - len(self.top_counts)
        self.name = f"batch{size}"

    def define(self, cs: ConstraintApi) -> None:
        payee = self.c12_node(cs)
        self.c8_place(cs)
        nodes = self.c3_shared(cs)
        self.b1_used(cs)
        slots = cs.repeat("slot", self._slot_inputs(), lambda inputs: self.slot(cs, self._named(inputs), payee, nodes))
        nullifiers, amounts = zip(*slots, strict=True)
        total, count = cs.sum(amounts), cs.sum(self.used)
        v = [self.domain, self.root, self.epoch, self.venue, payee, total, count, self.aux, *nullifiers]
        self.b3_chain(cs, v)
        self.b4_evaluation(cs, v)

    def slot(self, cs: ConstraintApi, slot: Slot, payee: Expr, nodes: Sequence[Expr]) -> tuple[Expr, Expr]:
        """One session's claim; returns what counts of it, (used·nf, used·amount)."""
        inner = self.c1_note_key(cs, slot, payee)
        note = self.c2_note(cs, slot, inner)
        self.c3_membership(cs, slot, note, nodes)
        message = self.c5_receipt(cs, slot, note)
        self.c4_c6_signature(cs, slot, message)
        self.c7_volumes(cs, slot)
        self.c8_expiry(cs, slot)
        nf = self.c9_nullifier(cs, slot, note)
        return self.b2_count(cs, slot, nf)

    def _slot_inputs(self) -> list[list[Expr]]:
        """Of each slot: the scalars in the order of ``Slot``, then the path, row-major."""
        scalars = zip(*(getattr(self, name) for name in SCALARS), strict=True)
        paths = ([child for children in path for child in children] for path in self.path)
        return [[*values, *path] for values, path in zip(scalars, paths, strict=True)]

    def _named(self, inputs: Sequence[Expr]) -> Slot:
        scalars, path = inputs[: len(SCALARS)], inputs[len(SCALARS) :]
        return Slot([path[i : i + self.arity] for i in range(0, len(path), self.arity)], *scalars)

    # -- once ---------------------------------------------------------------------------------------------------------

    def c12_node(self, cs: ConstraintApi) -> Expr:
        """C12: payee = P2(T.node-id, kN), for all slots: only the node can claim."""
        with cs.scope("c12"):
            return session.node_id(cs, self.kn)

    def c8_place(self, cs: ConstraintApi) -> None:
        """C8, shared part: epoch and venue have 32 bits."""
        with cs.scope("c8"):
            assert_in_range(cs, self.epoch, EPOCH_BITS, "epoch")
            assert_in_range(cs, self.venue, VENUE_BITS, "venue")

    def c3_shared(self, cs: ConstraintApi) -> Sequence[Expr]:
        """C3, shared part: nodes of the tree, ``len(top_counts)`` levels under root."""
        with cs.scope("c3"):
            return open_nodes(cs, self.top, self.top_counts, self.root)

    def b1_used(self, cs: ConstraintApi) -> None:
        """B1: used slots come first, and there is one: what v shows as count is their number."""
        with cs.scope("b1"):
            assert_ones_first(cs, self.used)

    def b3_chain(self, cs: ConstraintApi, v: Sequence[Expr]) -> None:
        """B3: h commits to v."""
        with cs.scope("b3"):
            assert_chain(cs, self.size, v, self.h)

    def b4_evaluation(self, cs: ConstraintApi, v: Sequence[Expr]) -> None:
        """B4: v, as a polynomial, is e at alpha; so v is the ledger's."""
        with cs.scope("b4"):
            assert_evaluation(cs, v, self.alpha, self.e)

    # -- in each slot -------------------------------------------------------------------------------------------------

    def c1_note_key(self, cs: ConstraintApi, slot: Slot, payee: Expr) -> Expr:
        """C1: inner = P5(T.note-key, A.x, A.y, payee, rho)."""
        with cs.scope("c1"):
            return session.note_key(cs, EdwardsPoint(slot.ax, slot.ay), payee, slot.rho)

    def c2_note(self, cs: ConstraintApi, slot: Slot, inner: Expr) -> Expr:
        """C2: cm = P5(T.note, domain, inner, cap, expiry)."""
        with cs.scope("c2"):
            return session.note(cs, self.domain, inner, slot.cap, slot.expiry)

    def c3_membership(self, cs: ConstraintApi, slot: Slot, note: Expr, nodes: Sequence[Expr]) -> None:
        """C3: the note is a leaf under one of the shared nodes, ``depth`` levels under root."""
        with cs.scope("c3"):
            assert_merkle_member_below(cs, note, slot.path, nodes)

    def c5_receipt(self, cs: ConstraintApi, slot: Slot, note: Expr) -> Expr:
        """C5: M = P4(T.receipt, cm, bytes, ctx)."""
        with cs.scope("c5"):
            return session.receipt_message(cs, note, slot.bytes, slot.ctx)

    def c4_c6_signature(self, cs: ConstraintApi, slot: Slot, message: Expr) -> None:
        """C4 and C6: A and R8 on the curve, 8A ≠ O, S < l, S·B8 = R8 + k·8A."""
        with cs.scope("c6"):
            a, r8 = EdwardsPoint(slot.ax, slot.ay), EdwardsPoint(slot.r8x, slot.r8y)
            assert_eddsa_poseidon(cs, a, r8, slot.s, message)

    def c7_volumes(self, cs: ConstraintApi, slot: Slot) -> None:
        """C7: 1 <= amount, amount·unit <= bytes <= cap."""
        with cs.scope("c7"):
            assert_covered(cs, slot.amount, slot.bytes, slot.cap, self.unit, self.amount_bits, VOLUME_BITS)

    def c8_expiry(self, cs: ConstraintApi, slot: Slot) -> None:
        """C8: epoch <= expiry; expiry is epoch and a number of 32 bits, so it cannot wrap and needs no range of its
        own.
        """
        with cs.scope("c8"):
            assert_in_range(cs, slot.expiry - self.epoch, EPOCH_BITS, "remaining")

    def c9_nullifier(self, cs: ConstraintApi, slot: Slot, note: Expr) -> Expr:
        """C9: nf = P3(T.nullifier, cm, rho)."""
        with cs.scope("c9"):
            return session.nullifier(cs, note, slot.rho)

    def b2_count(self, cs: ConstraintApi, slot: Slot, nf: Expr) -> tuple[Expr, Expr]:
        """B2: an unused slot shows 0 for its nullifier and adds 0 to the total.  The total of amounts below 2^64 cannot
        wrap.
        """
        with cs.scope("b2"):
            return cs.mul(slot.used, nf, "nf"), cs.mul(slot.used, slot.amount, "amount")
