"""Points as the EVM's precompiles take them: words of 32 bytes, which Solidity calls ``uint256``.

| curve     | source           | a coordinate c          | G1   | G2                                      |
|-----------|------------------|-------------------------|------|-----------------------------------------|
| BN254     | EIP-196, EIP-197 | c                       | x, y | x.c1, x.c0, y.c1, y.c0: imaginary first |
| BLS12-381 | EIP-2537         | c >> 256, c mod 2^256   | x, y | x.c0, x.c1, y.c0, y.c1: real first      |

iden3's JSON has the real part first over both curves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..algebra.encoding import unpack_g1, unpack_g2
from ..curves import CURVES
from ..errors import InvalidPoint
from ..groth16.keys import Proof, VerifyingKey

WORD_BYTES = 32


@dataclass(frozen=True)
class Machine:
    """What the EVM knows of a curve: words per coordinate, the order in Fp2, the addresses of the precompiles.

    ``multiplies_many``: the precompile ``multiply`` takes any number of terms and adds them up.
    """

    coordinate_words: int
    imaginary_first: bool
    add: int
    multiply: int
    pairing: int
    multiplies_many: bool

    @property
    def g1_bytes(self) -> int:
        return 2 * self.coordinate_words * WORD_BYTES

    @property
    def g2_bytes(self) -> int:
        return 2 * self.g1_bytes

    @property
    def proof_words(self) -> int:
        """A, B and C."""
        return 8 * self.coordinate_words


MACHINES = {
    "bn254": Machine(1, imaginary_first=True, add=0x06, multiply=0x07, pairing=0x08, multiplies_many=False),
    "bls12_381": Machine(2, imaginary_first=False, add=0x0B, multiply=0x0C, pairing=0x0F, multiplies_many=True),
}
assert MACHINES.keys() == CURVES.keys()


def g1_words(point: bytes, curve: str) -> list[int]:
    """Words of one G1 point; ``InvalidPoint`` for infinity."""
    (affine,) = unpack_g1(point, curve)
    if affine is None:
        raise InvalidPoint("a point at infinity has no place in a contract or a call")
    return _words(affine, curve)


def g2_words(point: bytes, curve: str) -> list[int]:
    """Words of one G2 point; ``InvalidPoint`` for infinity."""
    (affine,) = unpack_g2(point, curve)
    if affine is None:
        raise InvalidPoint("a point at infinity has no place in a contract or a call")
    x, y = affine
    if MACHINES[curve].imaginary_first:
        x, y = (x[1], x[0]), (y[1], y[0])
    return _words([*x, *y], curve)


def proof_words(proof: Proof) -> list[int]:
    """A, B and C, as ``verifyProof`` takes them; ``InvalidPoint`` for infinity."""
    return [*g1_words(proof.a, proof.curve), *g2_words(proof.b, proof.curve), *g1_words(proof.c, proof.curve)]


def key_digest(key: VerifyingKey) -> bytes:
    """SHA-256 over the words of alpha, beta, gamma, delta and the IC points: the key's name in a contract."""
    words = g1_words(key.alpha_g1, key.curve)
    for point in (key.beta_g2, key.gamma_g2, key.delta_g2):
        words += g2_words(point, key.curve)
    for point in basis(key):
        words += g1_words(point, key.curve)
    return hashlib.sha256(pack_words(words)).digest()


def basis(key: VerifyingKey) -> list[bytes]:
    """The IC points, one by one."""
    size = CURVES[key.curve].g1_bytes
    return [key.gamma_abc_g1[at : at + size] for at in range(0, len(key.gamma_abc_g1), size)]


def pack_words(words: Sequence[int]) -> bytes:
    """Big-endian, 32 bytes each."""
    return b"".join(word.to_bytes(WORD_BYTES, "big") for word in words)


def _words(coordinates: Sequence[int], curve: str) -> list[int]:
    if MACHINES[curve].coordinate_words == 1:
        return list(coordinates)
    return [part for c in coordinates for part in (c >> 256, c & (1 << 256) - 1)]
