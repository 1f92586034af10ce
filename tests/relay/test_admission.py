"""A node serves only notes that it can claim."""

from __future__ import annotations

import dataclasses

import pytest

from zkrelay.errors import NoteRefused
from zkrelay.relay.admission import admit_note, may_serve
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.nullifier import note_nullifier

from .parties import CAP, DOMAIN, EXPIRY, make_session

SESSION = make_session()
NF = note_nullifier(SESSION.note.cm, SESSION.note.rho)
ARGUMENTS: dict[str, object] = {
    "note": SESSION.note,
    "node": SESSION.node,
    "domain": DOMAIN,
    "tree": SESSION.tree,
    "position": SESSION.position,
    "now": EXPIRY - 5,
    "margin": 5,
    "is_spent": lambda nf: False,
}


def test_good_note_is_served_and_its_proof_is_the_claim_s() -> None:
    proof = admit_note(**ARGUMENTS)  # type: ignore[arg-type]
    assert proof.root == SESSION.tree.root
    SESSION.claim(proof=proof)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"domain": dataclasses.replace(DOMAIN, tree_no=2)}, "another domain"),
        ({"node": NodeIdentity(5)}, "somebody else"),
        ({"minimum_cap": CAP + 1}, "below the minimum"),
        ({"now": EXPIRY - 4}, "less than 5 after"),
        ({"now": EXPIRY + 1}, "less than 5 after"),
        ({"position": SESSION.position - 1}, "another note at this position"),
        ({"position": len(SESSION.tree)}, "no leaf"),
        ({"position": -1}, "no leaf"),
        ({"note": dataclasses.replace(SESSION.note, cap=CAP + 1)}, "another note at this position"),
        ({"is_spent": lambda nf: nf == NF}, "already redeemed"),
    ],
)
def test_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(NoteRefused, match=message):
        admit_note(**{**ARGUMENTS, **change})  # type: ignore[arg-type]


def test_cap_below_a_unit_can_never_be_claimed() -> None:
    session = make_session(num_bytes=0, cap=DOMAIN.unit - 1)
    changes = {"note": session.note, "tree": session.tree, "position": session.position, "minimum_cap": 0}
    with pytest.raises(NoteRefused, match="below the minimum"):
        admit_note(**{**ARGUMENTS, **changes})  # type: ignore[arg-type]


def test_service_ends_at_the_margin() -> None:
    assert [may_serve(SESSION.note, now, 3) for now in (EXPIRY - 4, EXPIRY - 3, EXPIRY - 2)] == [True, True, False]
