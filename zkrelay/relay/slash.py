"""Who used a nullifier twice, and the secret that this gave away.

Two shares with one nullifier and different x lie on one line: a1 = (y1 - y2)/(x1 - x2), secret = y1 - a1·x1.  What
convicts is not the division but the check after it: the secret must be the one behind the payee, or behind a leaf of
the funding tree.  Then it is known to everybody, whether or not the two proofs were ever verified.

    kN:  P2(T.node-id, kN) = payee       and the slope is P3(T.share, kN, nf)
    a0:  P1(a0) = identity commitment    and the slope a1 has P1(a1) = nf

``slash_handle`` is the first half of commit-reveal: record it, then show evidence, slasher and salt in a later epoch.
Whoever reads the evidence under way cannot put another name to it.  The offender, who knows the secret all along, can:
that is why a part of the stake must be burnt, and the stake locked for a time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from ..algebra.hash_to_field import T, hash_to_field
from ..algebra.poseidon import poseidon
from ..curves import bn254
from ..errors import InvalidEvidence
from .numbers import check_element, check_range
from .share import Share, claim_slope
from .statement import SharedClaimStatement

_R = bn254.FR.modulus


@dataclass(frozen=True)
class Evidence:
    """``secret`` belongs to ``identity``: a payee, or the identity commitment of a funding leaf.

    ``first`` and ``second`` show where it was given away.  Whoever holds evidence can take the stake: the secret is not
    in the repr.
    """

    identity: int
    first: Share
    second: Share
    secret: int = field(repr=False)


def recover(first: SharedClaimStatement, second: SharedClaimStatement) -> Evidence:
    """The node's secret from two claims of one note, at two venues or with two amounts.

    Raises:
        InvalidEvidence: different payees or notes, the same point (an honest retry), or points that are not on the line
            of this payee's secret: then one of the two statements is not what the payee proved.
    """
    if first.payee != second.payee:
        raise InvalidEvidence("the claims are of two payees")
    kn, slope = _intersect(first.share, second.share)
    if poseidon([T.node_id, kn]) != first.payee:
        raise InvalidEvidence("the points do not give the payee's secret")
    return _of_node(first.payee, first.share, second.share, kn, slope)


def recover_node(first: Share, second: Share) -> Evidence:
    """The node's secret from what two venues keep of one note's claims (``Settlement.share``).

    Raises:
        InvalidEvidence: different notes, the same point, or points that are not on the line of that note.
    """
    kn, slope = _intersect(first, second)
    return _of_node(poseidon([T.node_id, kn]), first, second, kn, slope)


def _of_node(payee: int, first: Share, second: Share, kn: int, slope: int) -> Evidence:
    if slope != claim_slope(kn, first.nf):
        raise InvalidEvidence("the points are not on the line of this note")
    return Evidence(payee, first, second, kn)


def recover_funding(first: Share, second: Share) -> Evidence:
    """The funding secret a0 from two openings with one ticket.

    Whether the identity has a leaf, and that the nullifier is one of its tickets, is the ledger's to look up
    (``funding_ledger.slash_tickets``).

    Raises:
        InvalidEvidence: different tickets, the same point (the open message sent again), or points that are not on the
            line of that nullifier.
    """
    a0, slope = _intersect(first, second)
    if poseidon([slope]) != first.nf:
        raise InvalidEvidence("the points are not on the line of this ticket")
    return Evidence(poseidon([a0]), first, second, a0)


def _intersect(first: Share, second: Share) -> tuple[int, int]:
    """(secret, slope) of the line through two points; the points are canonical."""
    if first.nf != second.nf:
        raise InvalidEvidence("the shares have different nullifiers")
    if first.x == second.x:
        raise InvalidEvidence("the shares are one point: the same thing was sent again, which is no offence")
    slope = (first.y - second.y) * pow(first.x - second.x, -1, _R) % _R
    return (first.y - slope * first.x) % _R, slope


def random_salt() -> int:
    """A fresh salt from the operating system's randomness, for ``slash_handle``."""
    return secrets.randbits(256)


def slash_handle(domain: int, identity: int, secret: int, slasher: int, salt: int) -> int:
    """H2F("slash", domain, identity, secret, slasher, salt): hides who convicts whom until it is revealed.

    Args:
        domain: the field element of the note domain for a payee's stake, of the funding domain for a leaf's tickets.
        identity, secret: as in ``Evidence``.
        salt: random, for the secret alone may be guessed: see ``random_salt``.

    Raises:
        NonCanonicalNumber: ``domain``, ``identity`` or ``secret`` is no field element.
        MalformedInput: ``slasher`` (an address) or ``salt`` is not in [0, 2^256).
    """
    for name, value in (("domain", domain), ("identity", identity), ("secret", secret)):
        check_element(name, value)
    check_range("slasher", slasher, 0, 1 << 256)
    check_range("salt", salt, 0, 1 << 256)
    return hash_to_field("slash", domain, identity, secret, slasher, salt)
