"""What a note is spent by, and what commits to a claim before it is proved.

nf    = P3(T.nullifier, cm, rho)              cm is unique in its tree, so nf needs no position
blind = H2F("blind", rho, cm)                 deterministic: proving again gives the same cc
cc    = P4(T.commit, cm, bytes, blind)        opening cc to an auditor does not give rho away
"""

from __future__ import annotations

from ..algebra.hash_to_field import T, hash_to_field
from ..algebra.poseidon import poseidon


def note_nullifier(cm: int, rho: int) -> int:
    """nf of the note with commitment ``cm``; canonical inputs."""
    return poseidon([T.nullifier, cm, rho])


def claim_blind(rho: int, cm: int) -> int:
    """The blinding of the claim's commitment."""
    return hash_to_field("blind", rho, cm)


def claim_commitment(cm: int, num_bytes: int, blind: int) -> int:
    """cc, posted at session's end to *commit now, prove later*."""
    return poseidon([T.commit, cm, num_bytes, blind])
