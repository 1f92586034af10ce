"""Whether a node should serve a note: only one that it is sure to be able to claim.

A node that forwards bytes against a note which is unfunded, spent, almost expired or made for somebody else works for
nothing.  The session's key was checked when ``Note`` was constructed.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import NoteRefused
from .domain import Domain
from .identity import NodeIdentity
from .merkle import MerkleProof, MerkleTree
from .note import Note
from .nullifier import note_nullifier

DEFAULT_MARGIN = 2


def admit_note(
    note: Note,
    node: NodeIdentity,
    domain: Domain,
    tree: MerkleTree,
    position: int,
    *,
    now: int,
    is_spent: Callable[[int], bool],
    margin: int = DEFAULT_MARGIN,
    minimum_cap: int | None = None,
) -> MerkleProof:
    """The note's membership proof, when it is safe to serve; ask again for ``margin`` while the session lasts.

    Args:
        tree: computed by the node itself from deposits that are final; never taken from the client.
        position: where the client says its note is.
        now: the present epoch.
        is_spent: whether the ledger has redeemed a nullifier.
        margin: epochs between the end of service and the note's expiry: at least the longest time that a claim could
            be delayed, by finality or by a censor.
        minimum_cap: in bytes; one unit when not given.

    Raises:
        NoteRefused: the note is for another domain or payee, too small, too short-lived, not in the tree, or spent.
    """
    if note.domain != domain.value:
        raise NoteRefused("the note belongs to another domain")
    if note.payee != node.payee:
        raise NoteRefused("the note pays somebody else")
    least = domain.unit if minimum_cap is None else max(minimum_cap, domain.unit)
    if note.cap < least:
        raise NoteRefused(f"a cap of {note.cap} bytes is below the minimum of {least}")
    if not may_serve(note, now, margin):
        raise NoteRefused(f"the note expires in epoch {note.expiry}, less than {margin} after epoch {now}")
    if not 0 <= position < len(tree):
        raise NoteRefused("the tree has no leaf at this position")
    proof = tree.proof(position)
    if proof.leaf != note.cm:
        raise NoteRefused("the tree holds another note at this position: this one is not funded, or not final yet")
    if is_spent(note_nullifier(note.cm, note.rho)):
        raise NoteRefused("the note was already redeemed")
    return proof


def may_serve(note: Note, now: int, margin: int = DEFAULT_MARGIN) -> bool:
    """Whether there is still time to claim: a node stops serving at expiry - margin."""
    return note.expiry - now >= margin
