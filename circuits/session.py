"""The tagged hashes of one session, for single claims and batches alike; ``zkrelay.relay`` has them natively."""

from __future__ import annotations

from zkrelay.algebra.hash_to_field import TAGS
from zkrelay.r1cs import ConstraintApi, Expr

from .edwards import EdwardsPoint
from .poseidon import poseidon


def note_key(cs: ConstraintApi, public_key: EdwardsPoint, payee: Expr, rho: Expr) -> Expr:
    """inner = P5(T.note-key, A.x, A.y, payee, rho)."""
    return poseidon(cs, [cs.constant(TAGS["note-key"]), public_key.x, public_key.y, payee, rho])


def note(cs: ConstraintApi, domain: Expr, inner: Expr, cap: Expr, expiry: Expr) -> Expr:
    """cm = P5(T.note, domain, inner, cap, expiry)."""
    return poseidon(cs, [cs.constant(TAGS["note"]), domain, inner, cap, expiry])


def receipt_message(cs: ConstraintApi, cm: Expr, num_bytes: Expr, ctx: Expr) -> Expr:
    """M = P4(T.receipt, cm, bytes, ctx)."""
    return poseidon(cs, [cs.constant(TAGS["receipt"]), cm, num_bytes, ctx])


def nullifier(cs: ConstraintApi, cm: Expr, rho: Expr, output: Expr | None = None) -> Expr:
    """nf = P3(T.nullifier, cm, rho), equal to ``output`` when given."""
    return poseidon(cs, [cs.constant(TAGS["nullifier"]), cm, rho], output=output)


def node_id(cs: ConstraintApi, kn: Expr, output: Expr | None = None) -> Expr:
    """payee = P2(T.node-id, kN), equal to ``output`` when given."""
    return poseidon(cs, [cs.constant(TAGS["node-id"]), kn], output=output)
