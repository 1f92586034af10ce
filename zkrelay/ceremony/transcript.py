"""Points as ceremonies hash them, and the hashes themselves: BLAKE2b-512 throughout.

Uncompressed: x then y, big-endian, of an Fp2 coordinate c1 before c0; infinity is all zero.  Compressed: x alone, with
the top bit set when y is negative (above (p - 1)/2, of Fp2 told by c1 unless that is 0); infinity has the second bit
only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..curves import PairingCurve
from ..kernel import Buffer, current

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
HASH_BYTES = 64
NEGATIVE_BIT, INFINITY_BIT = 0x80, 0x40


def blake2b(*parts: Buffer) -> bytes:
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    for part in parts:
        digest.update(part)
    return digest.digest()


def uncompressed(curve: PairingCurve, points: Buffer, *, in_g2: bool) -> bytes:
    """Points of a file (affine Montgomery) in the uncompressed form."""
    size = curve.fp.num_bytes
    plain = current().from_montgomery(curve.fp.name, points)
    coordinates = np.frombuffer(plain, dtype=np.uint8).reshape(-1, 2 * size if in_g2 else size)
    reversed_bytes: bytes = coordinates[:, ::-1].tobytes()
    return reversed_bytes


def compressed(curve: PairingCurve, points: Buffer, *, in_g2: bool) -> bytes:
    """Points of a file in the compressed form."""
    size = 2 * curve.fp.num_bytes if in_g2 else curve.fp.num_bytes
    both = np.frombuffer(uncompressed(curve, points, in_g2=in_g2), dtype=np.uint8).reshape(-1, 2, size)
    out = both[:, 0, :].copy()
    out[_is_negative(curve, both[:, 1, :]), 0] |= NEGATIVE_BIT
    out[~both.any(axis=(1, 2)), 0] = INFINITY_BIT
    packed: bytes = out.tobytes()
    return packed


def _is_negative(curve: PairingCurve, y: Bytes) -> Flags:
    """Of big-endian coordinates, one a row: the first coefficient that is not zero is above (p - 1)/2."""
    size = curve.fp.num_bytes
    half = np.frombuffer(((curve.fp.modulus + 1) // 2).to_bytes(size, "big"), dtype=np.uint8)
    result = np.zeros(len(y), dtype=np.bool_)
    settled = np.zeros(len(y), dtype=np.bool_)
    for start in range(0, y.shape[1], size):
        coefficient = y[:, start : start + size]
        result |= ~settled & _not_below(coefficient, half)
        settled |= coefficient.any(axis=1)
    return result


def _not_below(rows: Bytes, bound: Bytes) -> Flags:
    """Rows of big-endian bytes that are at least ``bound``."""
    differs = rows != bound
    first = np.argmax(differs, axis=1)
    picked = rows[np.arange(len(rows)), first] > bound[first]
    return np.where(differs.any(axis=1), picked, True)


def challenge_after(curve: PairingCurve, response: bytes, points: Iterable[tuple[Buffer, bool]]) -> bytes:
    """The hash of a response's hash and the points that it left behind, uncompressed: (points, in_g2) in any pieces."""
    digest = hashlib.blake2b(response, digest_size=HASH_BYTES)
    for part, in_g2 in points:
        digest.update(uncompressed(curve, part, in_g2=in_g2))
    return digest.digest()


def shown(digest: bytes) -> str:
    """A hash as snarkjs prints it: four lines of four words."""
    words = [digest[i : i + 4].hex() for i in range(0, HASH_BYTES, 4)]
    return "\n".join("\t\t" + " ".join(words[i : i + 4]) for i in range(0, len(words), 4))
