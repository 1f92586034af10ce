"""A contribution to the powers of tau: τ, α and β are multiplied by secrets, all points follow, two hashes say so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import MalformedInput
from ..formats.contribution_parameters import BEACON, PERSON, Maker, pack_maker
from ..formats.files import check_absent
from ..formats.ptau import (
    ALPHA_TAU_G1,
    BETA_G2,
    BETA_TAU_G1,
    CONTRIBUTIONS,
    G2_SECTIONS,
    POWERS_SECTIONS,
    TAU_G1,
    TAU_G2,
    PowersOfTau,
)
from ..formats.ptau_contributions import PowersContribution, append_powers_contribution
from ..formats.ptau_writer import write_powers
from ..groth16.setup import Progress
from .chacha import ChaCha
from .checkpoint import Checkpoint, task_digest
from .knowledge import beacon_generator, check_beacon, random_generator
from .multiply import multiply
from .new_powers import challenge_of
from .partial_hash import PartialHash
from .powers_key import draw_powers_key, uncompressed_public_key
from .spool import Spool
from .transcript import challenge_after


@dataclass(frozen=True)
class PowersHashes:
    """What snarkjs prints: the hash that a contributor publishes, and what the next one answers."""

    response: bytes
    next_challenge: bytes


def contribute_to_powers(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    *,
    name: str = "",
    entropy: str = "",
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> PowersHashes:
    """Write the file with one contribution more, without its Lagrange sections, which are the old powers'.

    The secrets come from the operating system, mixed with ``entropy``, and are overwritten before the return.

    Raises:
        MalformedInput: the file was truncated, or the name cannot be written.
        NonCanonicalNumber, InvalidPoint: a point of the file is malformed.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    maker = Maker(PERSON, name)
    return _contribute(path, ptau, lambda: random_generator(entropy), maker, overwrite, threads, progress)


def apply_beacon_to_powers(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    beacon_hash: bytes,
    iterations_log2: int,
    *,
    name: str = "",
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> PowersHashes:
    """The last contribution, whose secrets anybody can compute and nobody could before the beacon was known.

    Args:
        checkpoint: a file for the points that are finished, as of ``prepare_powers``.

    Raises:
        MalformedInput: also a hash or iterations outside the limits (``knowledge.check_beacon``), and as of
            ``Checkpoint``.
    """
    check_beacon(beacon_hash, iterations_log2)
    maker = Maker(BEACON, name, iterations_log2, beacon_hash)

    def generator() -> ChaCha:
        return beacon_generator(beacon_hash, iterations_log2)

    if checkpoint is None:
        return _contribute(path, ptau, generator, maker, overwrite, threads, progress)
    check_absent(path, overwrite=overwrite)
    head = f"beacon {ptau.curve.name} {ptau.power} {iterations_log2}".encode()
    task = task_digest(head, beacon_hash, challenge_of(ptau), *(ptau.points[section] for section in POWERS_SECTIONS))
    with Checkpoint(checkpoint, task) as pieces:
        hashes = _contribute(path, ptau, generator, maker, overwrite, threads, progress, pieces)
        pieces.finish()
    return hashes


def _contribute(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    generator: Callable[[], ChaCha],
    maker: Maker,
    overwrite: bool,
    threads: int,
    progress: Progress | None,
    pieces: Checkpoint | None = None,
) -> PowersHashes:
    """``pieces`` is for a beacon alone: to go on, a person's secrets would have to be on a disk."""
    pack_maker(maker)  # refused before the work
    check_whole(ptau)
    check_absent(path, overwrite=overwrite)
    challenge = challenge_of(ptau)
    rng = generator()
    secrets, public_key = draw_powers_key(rng, ptau.curve, challenge)
    rng.wipe()
    with Spool(path) as spool:
        response = PartialHash()
        response.update(challenge)

        def take(section: int, points: bytes, packed: bytes) -> None:
            response.update(packed)
            spool.append(section, points)

        try:
            multiply(ptau.curve, ptau.power, ptau.slice, secrets, take, threads, progress, pieces)
        finally:
            secrets.wipe()
        return write_contribution(path, ptau, spool, response, public_key, maker, overwrite=overwrite)


def check_whole(ptau: PowersOfTau) -> None:
    """Refuse (``MalformedInput``) a file that was truncated: its contributions hash points that it no longer has."""
    if ptau.power != ptau.ceremony_power:
        raise MalformedInput(
            f"the file was truncated from 2^{ptau.ceremony_power} to 2^{ptau.power}: it takes no contribution any more"
        )


def write_contribution(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    spool: Spool,
    response: PartialHash,
    public_key: bytes,
    maker: Maker,
    *,
    overwrite: bool,
) -> PowersHashes:
    """Write the file that a response leaves behind.

    Args:
        spool: the points of the response.
        response: its hash, up to the public key.
    """
    curve, partial = ptau.curve, response.save()
    response.update(uncompressed_public_key(curve, public_key))

    def points(section: int) -> Iterator[bytes]:
        return spool.read(section, ptau.point_bytes(section))

    def point(section: int, index: int) -> bytes:
        size = ptau.point_bytes(section)
        return next(points(section))[index * size : (index + 1) * size]

    pieces = ((chunk, section in G2_SECTIONS) for section in POWERS_SECTIONS for chunk in points(section))
    hashes = PowersHashes(response.digest(), challenge_after(curve, response.digest(), pieces))
    entry = PowersContribution(
        tau_g1=point(TAU_G1, 1),
        tau_g2=point(TAU_G2, 1),
        alpha_g1=point(ALPHA_TAU_G1, 0),
        beta_g1=point(BETA_TAU_G1, 0),
        beta_g2=point(BETA_G2, 0),
        public_key=public_key,
        partial_hash=partial,
        next_challenge=hashes.next_challenge,
        maker=maker,
    )
    payload = append_powers_contribution(ptau.container.sections[CONTRIBUTIONS], entry)
    write_powers(path, curve, ptau.power, spool.sections(), payload, overwrite=overwrite)
    return hashes
