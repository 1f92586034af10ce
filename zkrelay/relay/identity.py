"""Who takes part: a client's key for one session, and a node.

* ``SessionKey``: sk in [1, l) on Baby Jubjub, A = sk*B8.  Signs the receipts of one session; made anew for each.
* ``NodeIdentity``: kN in [1, r), payee = P2(T.node-id, kN).  Whoever knows kN can claim what is owed to payee.

Secrets come from the operating system, are never printed, and are written only by ``save``.
"""

from __future__ import annotations

import os
import secrets

from ..algebra import eddsa
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..curves import bn254
from ..curves.embedded import Point
from ..errors import NonCanonicalNumber
from .key_file import read_key_file, write_key_file

SESSION_KEY_TYPE = "zkrelay-session-key"
NODE_KEY_TYPE = "zkrelay-node-key"
_R = bn254.FR.modulus


class SessionKey:
    """A client's key pair for one session."""

    __slots__ = ("_secret", "public")

    def __init__(self, secret: int) -> None:
        """Raises ``NonCanonicalNumber`` unless 1 <= secret < l."""
        self.public: Point = eddsa.derive_public_key(secret)
        self._secret = secret

    @classmethod
    def generate(cls) -> SessionKey:
        """A fresh key from the operating system's randomness."""
        return cls.from_seed(secrets.token_bytes(64))

    @classmethod
    def from_seed(cls, seed: bytes) -> SessionKey:
        """The key that the protocol derives from ``seed``; the seed must be as secret as the key."""
        return cls(eddsa.derive_secret_key(seed))

    def sign(self, message: int) -> eddsa.Signature:
        """Deterministic EdDSA on one canonical field element."""
        return eddsa.sign(self._secret, message)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        write_key_file(path, SESSION_KEY_TYPE, self._secret, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SessionKey:
        """Raises as ``read_key_file``, and ``NonCanonicalNumber`` for a secret out of range."""
        return cls(read_key_file(path, SESSION_KEY_TYPE))

    def __repr__(self) -> str:
        return f"SessionKey(public={self.public})"


class NodeIdentity:
    """A node's secret and the payee that everyone knows it by."""

    __slots__ = ("_secret", "payee")

    def __init__(self, secret: int) -> None:
        """Raises ``NonCanonicalNumber`` unless 1 <= secret < r."""
        if not 1 <= secret < _R:
            raise NonCanonicalNumber("a node's secret is a field element other than zero")
        self.payee: int = poseidon([T.node_id, secret])
        self._secret = secret

    @classmethod
    def generate(cls) -> NodeIdentity:
        """A fresh identity from the operating system's randomness."""
        return cls(1 + secrets.randbelow(_R - 1))

    @property
    def kn(self) -> int:
        """The secret itself: a witness of every claim.  Never log it."""
        return self._secret

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        write_key_file(path, NODE_KEY_TYPE, self._secret, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> NodeIdentity:
        """Raises as ``read_key_file``, and ``NonCanonicalNumber`` for a secret out of range."""
        return cls(read_key_file(path, NODE_KEY_TYPE))

    def __repr__(self) -> str:
        return f"NodeIdentity(payee={self.payee})"
