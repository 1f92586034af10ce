"""Secrets of a ceremony, and the proof that a contributor knew one ([BGM17] section 3 has the idea).

A contribution of x shows [s]₁ and [s·x]₁ for a random s, and [sp·x]₂, where sp is a point that nobody chose: the hash
of all that came before, and of [s]₁ and [s·x]₁.  Whoever makes the three agree knew x.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import NoReturn

from ..algebra.points import negate_g1
from ..curves import PairingCurve
from ..errors import CeremonyRefused, MalformedInput
from ..kernel import Buffer, current
from .chacha import SEED_BYTES, ChaCha, element, g2_point
from .transcript import blake2b

MIN_BEACON_ITERATIONS_LOG2, MAX_BEACON_ITERATIONS_LOG2 = 10, 63
DEFAULT_PATIENCE_LOG2 = 28
"""The iterations that a verifier goes through unless told otherwise: some minutes.  A file may ask for 2^63."""
_OS_BYTES = 64


class Secret:
    """A scalar in [1, r), canonical in a buffer that ``wipe`` overwrites.  Never printed, compared or pickled.

    The integers that it was computed from live until the interpreter reuses their memory: that much Python cannot do.
    """

    __slots__ = ("_bytes", "curve")

    def __init__(self, curve: PairingCurve, value: int) -> None:
        if not 0 < value < curve.fr.modulus:
            raise MalformedInput("the secret of a contribution must not be zero")
        self.curve = curve
        self._bytes = bytearray(curve.fr.to_bytes(value))

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("the secret of a contribution is never serialised")

    @property
    def value(self) -> int:
        return int.from_bytes(self._bytes, "little")

    def times_g1(self, points: Buffer, *, inverse: bool = False, threads: int = 1) -> bytes:
        """x·P for each point, or P/x."""
        scalars = self._scalars(len(points) // self.curve.g1_bytes, inverse)
        try:
            return current().g1_products(self.curve.name, scalars, points, threads=threads)
        finally:
            wipe(scalars)

    def times_g2(self, points: Buffer, *, threads: int = 1) -> bytes:
        scalars = self._scalars(len(points) // self.curve.g2_bytes, False)
        try:
            return current().g2_products(self.curve.name, scalars, points, threads=threads)
        finally:
            wipe(scalars)

    def wipe(self) -> None:
        wipe(self._bytes)

    def _scalars(self, count: int, inverse: bool) -> bytearray:
        one = self.curve.fr.to_bytes(self.curve.fr.inverse(self.value)) if inverse else self._bytes
        return bytearray(one) * count


def wipe(buffer: bytearray) -> None:
    buffer[:] = bytes(len(buffer))


def random_generator(entropy: str) -> ChaCha:
    """From the operating system's randomness, mixed with what a person typed: it can only add."""
    return ChaCha(blake2b(secrets.token_bytes(_OS_BYTES), entropy.encode())[:SEED_BYTES])


def beacon_generator(beacon_hash: bytes, iterations_log2: int) -> ChaCha:
    """From a value that nobody could know before, through 2^iterations_log2 rounds of SHA-256.

    Raises:
        MalformedInput: no hash, one of more than 255 bytes, or iterations outside 2^10 to 2^63.
    """
    check_beacon(beacon_hash, iterations_log2)
    digest = beacon_hash
    for _ in range(1 << iterations_log2):
        digest = hashlib.sha256(digest).digest()
    return ChaCha(digest)


def repeated_beacon(beacon_hash: bytes, iterations_log2: int | None, patience_log2: int) -> ChaCha:
    """``beacon_generator`` for what a file says.

    Raises:
        CeremonyRefused: the beacon is incomplete or outside the limits.
        MalformedInput: it takes more iterations than the verifier has patience for, so that it is not known to be true.
    """
    if iterations_log2 is None:
        raise CeremonyRefused("a beacon without iterations")
    try:
        check_beacon(beacon_hash, iterations_log2)
    except MalformedInput as error:
        raise CeremonyRefused(str(error)) from None
    if iterations_log2 > patience_log2:
        raise MalformedInput(
            f"a beacon of 2^{iterations_log2} iterations is above the verifier's limit of 2^{patience_log2}: raise it"
        )
    return beacon_generator(beacon_hash, iterations_log2)


def check_beacon(beacon_hash: bytes, iterations_log2: int) -> None:
    """The limits of snarkjs; raises as ``beacon_generator``."""
    if not 0 < len(beacon_hash) < 256:
        raise MalformedInput("the hash of a beacon has 1 to 255 bytes")
    if not MIN_BEACON_ITERATIONS_LOG2 <= iterations_log2 <= MAX_BEACON_ITERATIONS_LOG2:
        low, high = MIN_BEACON_ITERATIONS_LOG2, MAX_BEACON_ITERATIONS_LOG2
        raise MalformedInput(f"the iterations of a beacon are 2^{low} to 2^{high}, not 2^{iterations_log2}")


def draw_secret(rng: ChaCha, curve: PairingCurve) -> Secret:
    return Secret(curve, element(rng, curve.fr))


def hash_to_g2(curve: PairingCurve, digest: bytes) -> bytes:
    """The point sp that belongs to a hash."""
    return g2_point(ChaCha(digest), curve)


def same_ratio(curve: PairingCurve, g1: Buffer, g1_times: Buffer, g2: Buffer, g2_times: Buffer) -> bool:
    """Whether ``g1_times`` is to ``g1`` as ``g2_times`` to ``g2``, none of them infinity; points of the groups."""
    points = (bytes(g1), bytes(g1_times), bytes(g2), bytes(g2_times))
    if not all(any(point) for point in points):
        return False
    return current().pairing_check(curve.name, points[0] + negate_g1(points[1], curve.name), points[3] + points[2])
