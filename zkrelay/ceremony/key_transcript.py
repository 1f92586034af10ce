"""Phase 2's transcript: what a contribution to a key hashes, and what a verifier holds against it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ..curves import PairingCurve
from ..errors import CeremonyRefused, InvalidPoint, NonCanonicalNumber
from ..formats.contribution_parameters import BEACON
from ..formats.contributions import Contribution, Contributions
from .chacha import ChaCha, g1_point
from .knowledge import Secret, draw_secret, hash_to_g2, repeated_beacon, same_ratio
from .points import group_of
from .transcript import HASH_BYTES, blake2b, uncompressed


def hashed(curve: PairingCurve, entry: Contribution) -> bytes:
    """All of a contribution but its maker, as the hashes of those that follow take it in."""
    cut = 2 * curve.g1_bytes
    in_g1 = uncompressed(curve, entry.delta_after_g1 + entry.public_key[:cut], in_g2=False)
    return in_g1 + uncompressed(curve, entry.public_key[cut:], in_g2=True) + entry.transcript


def contribution_hash(curve: PairingCurve, entry: Contribution) -> bytes:
    """What snarkjs prints for a contribution, and its maker publishes."""
    return blake2b(hashed(curve, entry))


class RunningTranscript:
    """The hash over circuit and contributions so far."""

    def __init__(self, curve: PairingCurve, circuit_hash: bytes, entries: Iterable[Contribution] = ()) -> None:
        self._curve = curve
        self._hash = hashlib.blake2b(circuit_hash, digest_size=HASH_BYTES)
        for entry in entries:
            self.append(entry)

    def challenge(self, commitment: bytes) -> bytes:
        """What the next contribution, with [s]₁, [s·x]₁ = ``commitment``, proves its knowledge against."""
        copy = self._hash.copy()
        copy.update(uncompressed(self._curve, commitment, in_g2=False))
        return copy.digest()

    def append(self, entry: Contribution) -> None:
        self._hash.update(hashed(self._curve, entry))


def commit(rng: ChaCha, curve: PairingCurve) -> tuple[Secret, bytes]:
    """x, and [s]₁, [s·x]₁ for a random s: in this order from the generator."""
    secret = draw_secret(rng, curve)
    s = g1_point(rng, curve)
    return secret, s + secret.times_g1(s)


def check_contributions(
    curve: PairingCurve, transcript: Contributions, delta_before: bytes, patience_log2: int
) -> bytes:
    """Every contribution of a key in turn; returns [δ]₁ after the last.

    Raises:
        CeremonyRefused: the first that does not hold, by number and reason.
        MalformedInput: a beacon of more than 2^patience_log2 iterations.
    """
    delta, before = delta_before, RunningTranscript(curve, transcript.circuit_hash)
    for number, entry in enumerate(transcript.entries, start=1):
        try:
            _check(curve, before, entry, delta, patience_log2)
        except CeremonyRefused as error:
            name = f" ({entry.name})" if entry.name else ""
            raise CeremonyRefused(f"contribution {number}{name}: {error}") from None
        before.append(entry)
        delta = entry.delta_after_g1
    return delta


def _check(
    curve: PairingCurve, before: RunningTranscript, entry: Contribution, delta: bytes, patience_log2: int
) -> None:
    g1, cut = curve.g1_bytes, 2 * curve.g1_bytes
    commitment, spx = entry.public_key[:cut], entry.public_key[cut:]
    s, sx = commitment[:g1], commitment[g1:]
    try:
        group_of(curve.name, in_g2=False).check(entry.delta_after_g1 + commitment)
        group_of(curve.name, in_g2=True).check(spx)
    except (InvalidPoint, NonCanonicalNumber) as error:
        raise CeremonyRefused(f"delta or the public key holds what is no point of its group: {error}") from None
    if s == sx:
        raise CeremonyRefused("its secret is one, so it changed nothing")
    if before.challenge(commitment) != entry.transcript:
        raise CeremonyRefused("the transcript hash is not that of the circuit and the contributions before it")
    sp = hash_to_g2(curve, entry.transcript)
    if not same_ratio(curve, s, sx, sp, spx):
        raise CeremonyRefused("the public key proves no knowledge: its ratios in G1 and G2 differ")
    if not same_ratio(curve, delta, entry.delta_after_g1, sp, spx):
        raise CeremonyRefused("delta was not multiplied by the secret of the public key")
    if entry.kind == BEACON:
        secret, expected = commit(repeated_beacon(entry.beacon_hash, entry.iterations_log2, patience_log2), curve)
        secret.wipe()
        if commitment != expected:
            raise CeremonyRefused("the public key is not the one that its beacon makes")
