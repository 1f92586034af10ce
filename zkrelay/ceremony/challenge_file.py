"""Challenge files, for contributors whose programs know no ``.ptau``: what they answer with a response.

hash of the last response (64 bytes) | τ in G1, τ in G2, α·τ, β·τ, β in G2: uncompressed

The file's BLAKE2b-512 is the challenge.  A response begins with it, and goes on with the new points compressed and the
public key (``import_powers``).  snarkjs has ``powersoftau export challenge`` and ``challenge contribute`` for the two.
"""

from __future__ import annotations

import hashlib
import os

from ..curves import CURVES, PairingCurve
from ..errors import CeremonyRefused, FormatError, InvalidPoint, NonCanonicalNumber
from ..formats.files import Source, check_absent, create, open_source
from ..formats.ptau import G2_SECTIONS, MAX_POWER, POWERS_SECTIONS, SECTION_NAMES, PowersOfTau, count_of
from ..groth16.setup import Progress
from .contribute_powers import check_whole
from .decompress import from_uncompressed
from .knowledge import random_generator
from .multiply import chunks, multiply
from .new_powers import challenge_of
from .powers_key import draw_powers_key, response_of, uncompressed_public_key
from .transcript import HASH_BYTES, blake2b, uncompressed

_READ_BYTES = 1 << 24


def export_challenge(path: str | os.PathLike[str], ptau: PowersOfTau, *, overwrite: bool = False) -> bytes:
    """Write what the next contributor answers; returns the challenge, which is the file's hash.

    Raises:
        CeremonyRefused: the points are not those that the last contribution's next challenge hashes.
        MalformedInput: the file was truncated.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    check_whole(ptau)
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    with create(path, overwrite=overwrite) as out:
        last = response_of(ptau.curve, ptau.contributions[-1]) if ptau.contributions else blake2b()
        digest.update(last)
        out.write(last)
        for points, in_g2 in chunks(ptau):
            plain = uncompressed(ptau.curve, points, in_g2=in_g2)
            digest.update(plain)
            out.write(plain)
        if digest.digest() != challenge_of(ptau):
            raise CeremonyRefused("the points are not those that the last contribution's next challenge hashes")
    return digest.digest()


def answer_challenge(
    path: str | os.PathLike[str],
    challenge: Source,
    curve: str,
    *,
    entropy: str = "",
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> bytes:
    """Write a response with a contribution to a challenge's powers; returns its hash, which its maker should publish.

    The secrets come from the operating system, mixed with ``entropy``, and are overwritten before the return.

    Raises:
        FormatError: the challenge has the length of no powers over the curve, or a point in it is malformed or outside
            its group.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    check_absent(path, overwrite=overwrite)
    opened, shape = open_source(challenge), CURVES[curve]
    power = _power_of(len(opened.view), shape, opened.name)
    places = _places(shape, power)
    hashed = hashlib.blake2b(digest_size=HASH_BYTES)
    for at in range(0, len(opened.view), _READ_BYTES):
        hashed.update(opened.view[at : at + _READ_BYTES])

    asked = (POWERS_SECTIONS[0], 0)  # where an error is: the section and the byte that were read last

    def points_of(section: int, start: int, stop: int) -> bytes:
        nonlocal asked
        size, in_g2 = _point_bytes(shape, section), section in G2_SECTIONS
        asked = section, places[section] + start * size
        return from_uncompressed(shape, opened.view[asked[1] : places[section] + stop * size], in_g2=in_g2)

    response = hashlib.blake2b(digest_size=HASH_BYTES)
    with create(path, overwrite=overwrite) as out:

        def put(data: bytes) -> None:
            response.update(data)
            out.write(data)

        put(hashed.digest())
        rng = random_generator(entropy)
        secrets, public_key = draw_powers_key(rng, shape, hashed.digest())
        rng.wipe()
        try:
            multiply(shape, power, points_of, secrets, lambda _, __, packed: put(packed), threads, progress)
        except (InvalidPoint, NonCanonicalNumber) as error:
            section, offset = asked
            what = f"among the points from here on: {error}"
            raise FormatError(what, source=opened.name, section=SECTION_NAMES[section], offset=offset) from None
        finally:
            secrets.wipe()
        put(uncompressed_public_key(shape, public_key))
    return response.digest()


def _power_of(num_bytes: int, curve: PairingCurve, name: str) -> int:
    for power in range(1, MAX_POWER + 1):
        if _places(curve, power)[POWERS_SECTIONS[-1]] + curve.g2_bytes == num_bytes:
            return power
    raise FormatError(f"{num_bytes} bytes: no challenge over {curve.name} has this length", source=name)


def _places(curve: PairingCurve, power: int) -> dict[int, int]:
    """Where each section's points begin."""
    found, position = {}, HASH_BYTES
    for section in POWERS_SECTIONS:
        found[section] = position
        position += count_of(section, power) * _point_bytes(curve, section)
    return found


def _point_bytes(curve: PairingCurve, section: int) -> int:
    return curve.g2_bytes if section in G2_SECTIONS else curve.g1_bytes
