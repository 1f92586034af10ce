"""The settlement's view of a proof system: something that verifies one kind of statement under one pinned key.

Each entry point of a ledger pins its own key by SHA-256; the domain holds no circuit hash, so that a single claim and
whatever comes later redeem the same notes and share one nullifier set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from ..errors import InvalidKey
from ..groth16 import Proof, VerifyingKey, verify
from .statement import PUBLIC_NAMES


class ClaimVerifier(Protocol):
    """``digest`` names the key for ever; ``development`` says that one process may have known its toxic waste."""

    @property
    def digest(self) -> str: ...

    @property
    def development(self) -> bool: ...

    def verify(self, public_inputs: Sequence[int], proof: Proof) -> None:
        """Return for a true proof; raise ``InvalidProof`` for a false one, ``MalformedInput`` for no proof at all."""


class Groth16Verifier:
    """``ClaimVerifier`` over a checked Groth16 key."""

    def __init__(self, vk: VerifyingKey, num_public: int = len(PUBLIC_NAMES)) -> None:
        """Raises ``InvalidKey`` (or ``InvalidPoint``) for a key that cannot be sound, or is of another statement."""
        if vk.num_public != num_public:
            raise InvalidKey(f"the statement has {num_public} public inputs, this key takes {vk.num_public}")
        self._prepared = vk.prepared
        self.digest = verifying_key_digest(vk)
        self.development = vk.development

    def verify(self, public_inputs: Sequence[int], proof: Proof) -> None:
        verify(self._prepared, public_inputs, proof)


def verifying_key_digest(vk: VerifyingKey) -> str:
    """SHA-256 (hex) of curve, count of public inputs and points (kernel form) of a key."""
    h = hashlib.sha256(b"zkrelay/v1/verifying-key\0" + vk.curve.encode() + b"\0")
    h.update(vk.num_public.to_bytes(4, "little"))
    for part in (vk.alpha_g1, vk.beta_g2, vk.gamma_g2, vk.delta_g2, vk.gamma_abc_g1):
        h.update(part)
    return h.hexdigest()
