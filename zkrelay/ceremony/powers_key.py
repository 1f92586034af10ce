"""The public key of a contribution to the powers of tau: knowledge of τ, α and β, each as in ``knowledge``."""

from __future__ import annotations

from dataclasses import dataclass

from ..curves import PairingCurve
from ..formats.ptau_contributions import PowersContribution
from .chacha import ChaCha, g1_point
from .knowledge import Secret, draw_secret, hash_to_g2
from .partial_hash import PartialHash
from .transcript import blake2b, uncompressed

NAMES = ("tau", "alpha", "beta")


@dataclass(frozen=True)
class PowersSecrets:
    """Never printed: the secrets hide themselves."""

    tau: Secret
    alpha: Secret
    beta: Secret

    def wipe(self) -> None:
        for name in NAMES:
            getattr(self, name).wipe()


def draw_powers_key(rng: ChaCha, curve: PairingCurve, challenge: bytes) -> tuple[PowersSecrets, bytes]:
    """The three secrets first, then s of each, from the generator; and the public key that they have."""
    secrets = PowersSecrets(*(draw_secret(rng, curve) for _ in NAMES))
    in_g1, in_g2 = b"", b""
    for index, name in enumerate(NAMES):
        secret: Secret = getattr(secrets, name)
        s = g1_point(rng, curve)
        commitment = s + secret.times_g1(s)
        in_g1 += commitment
        in_g2 += secret.times_g2(challenge_point(curve, index, challenge, commitment))
    return secrets, in_g1 + in_g2


def challenge_point(curve: PairingCurve, index: int, challenge: bytes, commitment: bytes) -> bytes:
    """sp of τ (0), α (1) or β (2), from the challenge and [s]₁, [s·x]₁."""
    return hash_to_g2(curve, blake2b(bytes([index]), challenge, uncompressed(curve, commitment, in_g2=False)))


def split_public_key(curve: PairingCurve, public_key: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """([s]₁, [s·x]₁, [sp·x]₂) of τ, α and β."""
    g1, g2 = curve.g1_bytes, curve.g2_bytes
    start = 2 * len(NAMES) * g1
    return [
        (
            public_key[2 * i * g1 : (2 * i + 1) * g1],
            public_key[(2 * i + 1) * g1 : (2 * i + 2) * g1],
            public_key[start + i * g2 : start + (i + 1) * g2],
        )
        for i in range(len(NAMES))
    ]


def uncompressed_public_key(curve: PairingCurve, public_key: bytes) -> bytes:
    """As the response's hash takes it in."""
    start = 2 * len(NAMES) * curve.g1_bytes
    in_g1 = uncompressed(curve, public_key[:start], in_g2=False)
    return in_g1 + uncompressed(curve, public_key[start:], in_g2=True)


def response_of(curve: PairingCurve, entry: PowersContribution) -> bytes:
    """The hash of a contribution's response, which its maker published; raises as ``PartialHash.restore``."""
    response = PartialHash.restore(entry.partial_hash)
    response.update(uncompressed_public_key(curve, entry.public_key))
    return response.digest()
