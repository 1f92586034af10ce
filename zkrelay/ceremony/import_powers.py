"""A response made elsewhere: the file that ``snarkjs powersoftau challenge contribute`` and bellman's tools write.

challenge's hash (64 bytes) | τ in G1, τ in G2, α·τ, β·τ, β in G2: compressed | public key: uncompressed
"""

from __future__ import annotations

import os

from ..errors import CeremonyRefused, FormatError, InvalidPoint
from ..formats.contribution_parameters import Maker, pack_maker
from ..formats.cursor import Cursor
from ..formats.files import Source, check_absent, open_source
from ..formats.ptau import G2_SECTIONS, POWERS_SECTIONS, PowersOfTau, count_of
from ..groth16.setup import Progress
from .contribute_powers import PowersHashes, check_whole, write_contribution
from .decompress import decompressed, from_uncompressed
from .multiply import CHUNK_BYTES
from .new_powers import challenge_of
from .partial_hash import PartialHash
from .points import group_of
from .powers_key import NAMES
from .spool import Spool
from .transcript import HASH_BYTES


def import_response(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    response: Source,
    *,
    name: str = "",
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> PowersHashes:
    """Write ``ptau`` with the contribution that a response holds.  Whether it is a true one, ``verify_powers`` says.

    Raises:
        FormatError: the response has another length, or a point in it is malformed or outside its group.
        CeremonyRefused: it answers another challenge than this file's.
        MalformedInput: the file was truncated, or the name cannot be written.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    maker = Maker(name=name)
    pack_maker(maker)
    check_whole(ptau)
    check_absent(path, overwrite=overwrite)
    opened = open_source(response)
    cursor = Cursor(opened.view, opened.name, "", 0)
    expected = _response_bytes(ptau)
    if len(opened.view) != expected:
        raise cursor.error(f"{len(opened.view)} bytes: a response to powers of 2^{ptau.power} has {expected}")
    challenge = bytes(cursor.take(HASH_BYTES, "the challenge's hash"))
    if challenge != challenge_of(ptau):
        raise CeremonyRefused("the response answers another challenge than the one this file ends with")
    hashed = PartialHash()
    hashed.update(challenge)
    with Spool(path) as spool:
        _read_points(ptau, cursor, hashed, spool, threads, progress)
        public_key = _public_key(ptau, bytes(cursor.take(_public_key_bytes(ptau), "the public key")), cursor)
        return write_contribution(path, ptau, spool, hashed, public_key, maker, overwrite=overwrite)


def _read_points(
    ptau: PowersOfTau,
    cursor: Cursor,
    hashed: PartialHash,
    spool: Spool,
    threads: int,
    progress: Progress | None,
) -> None:
    total, done = sum(count_of(section, ptau.power) for section in POWERS_SECTIONS), 0
    for section in POWERS_SECTIONS:
        in_g2 = section in G2_SECTIONS
        group = group_of(ptau.curve.name, in_g2=in_g2)
        count, step = count_of(section, ptau.power), CHUNK_BYTES // group.size
        for start in range(0, count, step):
            if progress is not None:
                progress("decompress", done, total)
            taken = min(step, count - start)
            at = cursor.position
            packed = bytes(cursor.take_array(taken, group.size // 2, "points"))
            try:
                points = decompressed(ptau.curve, packed, in_g2=in_g2)
                group.check(points, threads=threads)
            except InvalidPoint as error:
                raise cursor.error(f"section {ptau.container.label(section)}: {error}", at=at) from None
            hashed.update(packed)
            spool.append(section, points)
            done += taken
    if progress is not None:
        progress("decompress", total, total)


def _public_key(ptau: PowersOfTau, plain: bytes, cursor: Cursor) -> bytes:
    cut = 2 * len(NAMES) * ptau.curve.g1_bytes
    try:
        in_g1 = from_uncompressed(ptau.curve, plain[:cut], in_g2=False)
        in_g2 = from_uncompressed(ptau.curve, plain[cut:], in_g2=True)
        group_of(ptau.curve.name, in_g2=False).check(in_g1)
        group_of(ptau.curve.name, in_g2=True).check(in_g2)
    except (InvalidPoint, FormatError) as error:
        raise cursor.error(f"the public key: {error}", at=cursor.position - len(plain)) from None
    return in_g1 + in_g2


def _public_key_bytes(ptau: PowersOfTau) -> int:
    return 2 * len(NAMES) * ptau.curve.g1_bytes + len(NAMES) * ptau.curve.g2_bytes


def _response_bytes(ptau: PowersOfTau) -> int:
    points = sum(count_of(section, ptau.power) * ptau.point_bytes(section) // 2 for section in POWERS_SECTIONS)
    return HASH_BYTES + points + _public_key_bytes(ptau)
