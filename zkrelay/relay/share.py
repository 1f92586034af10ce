"""A share ([Shamir79]): one point (x, y) of the line y = secret + slope·x, shown whenever a nullifier is used.

The secret is kN for a claim (X1) and a0 for an opened ticket; the slope is a hash of the secret and of what is used, so
one point says nothing about the secret, and two points of one line say everything.

    claim     x = P5(T.claim-x, nf, amount, venue, blind_x)     slope = P3(T.share, kN, nf)
    ticket    x = H2F("open-msg", domain, inner, D, expiry)     slope = P3(a0, ext, ticket)

What goes into x decides who is convicted: it changes when the same note is claimed at another venue or with another
amount, and when the same ticket opens another note; it stays when an honest party tries again.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.hash_to_field import T, hash_to_field
from ..algebra.poseidon import poseidon
from ..curves import bn254
from .numbers import check_element

_R = bn254.FR.modulus


@dataclass(frozen=True)
class Share:
    """The point that belongs to nullifier ``nf``.  Raises ``NonCanonicalNumber`` unless all three are in [0, r)."""

    nf: int
    x: int
    y: int

    def __post_init__(self) -> None:
        for name in ("nf", "x", "y"):
            check_element(name, getattr(self, name))


def share_y(secret: int, slope: int, x: int) -> int:
    """y = secret + slope·x mod r."""
    return (secret + slope * x) % _R


def claim_blind_x(rho: int, cm: int) -> int:
    """The blinding of a claim's x: deterministic, so that the same claim has the same x for ever."""
    return hash_to_field("blind-x", rho, cm)


def claim_x(nf: int, amount: int, venue: int, blind_x: int) -> int:
    """x of a claim; canonical inputs."""
    return poseidon([T.claim_x, nf, amount, venue, blind_x])


def claim_slope(kn: int, nf: int) -> int:
    """a1 of a claim; canonical inputs."""
    return poseidon([T.share, kn, nf])
