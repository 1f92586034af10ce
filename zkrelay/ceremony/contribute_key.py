"""A contribution to a circuit's key: δ becomes δ·x, and the parts that are divided by δ are divided by x."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable

from ..algebra.points import check_g1, check_g2
from ..curves import CURVES
from ..errors import InvalidKey
from ..formats.container import Container
from ..formats.contribution_parameters import BEACON, PERSON, Maker, pack_maker
from ..formats.contributions import Contribution, append_contribution
from ..formats.zkey import CONTRIBUTIONS, contributions_of
from ..formats.zkey_writer import ASCENDING, write_zkey
from ..groth16.keys import ProvingKey
from ..groth16.setup import Progress
from .chacha import ChaCha
from .key_transcript import RunningTranscript, commit, contribution_hash
from .knowledge import beacon_generator, check_beacon, hash_to_g2, random_generator

_STEPS = 4


def contribute_to_key(
    path: str | os.PathLike[str],
    key: ProvingKey,
    *,
    name: str = "",
    entropy: str = "",
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> bytes:
    """Write ``key`` with one contribution more; returns the contribution's hash, which its maker should publish.

    The secret comes from the operating system, mixed with ``entropy``, and is overwritten before the return.

    Args:
        key: as ``read_zkey(…, check=False)`` opened it.

    Raises:
        InvalidKey, InvalidPoint, NonCanonicalNumber: shapes or points that are to be multiplied are wrong.
        MalformedInput: a name that cannot be written.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    maker = Maker(PERSON, name)
    pack_maker(maker)  # refused before the work
    return _contribute(path, key, lambda: random_generator(entropy), maker, overwrite, threads, progress)


def apply_beacon_to_key(
    path: str | os.PathLike[str],
    key: ProvingKey,
    beacon_hash: bytes,
    iterations_log2: int,
    *,
    name: str = "",
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> bytes:
    """The last contribution: anybody can compute its secret, but nobody could before the beacon was known.

    It is worth nothing without one by a person before it: a development key stays one.

    Raises:
        MalformedInput: also a hash or iterations outside the limits (``knowledge.check_beacon``).
    """
    check_beacon(beacon_hash, iterations_log2)
    maker = Maker(BEACON, name, iterations_log2, beacon_hash)
    pack_maker(maker)
    return _contribute(
        path, key, lambda: beacon_generator(beacon_hash, iterations_log2), maker, overwrite, threads, progress
    )


def _contribute(
    path: str | os.PathLike[str],
    key: ProvingKey,
    generator: Callable[[], ChaCha],
    maker: Maker,
    overwrite: bool,
    threads: int,
    progress: Progress | None,
) -> bytes:
    if not isinstance(key.owner, Container):
        raise InvalidKey("only a key that was read from a .zkey can be contributed to: its transcript is in the file")
    curve, known = CURVES[key.curve], contributions_of(key.owner)
    report = progress if progress is not None else lambda step, done, total: None
    report("check", 0, _STEPS)
    key.check_shape()
    check_g1(curve.name, "delta_g1", key.delta_g1)
    check_g2(curve.name, "delta_g2", key.verifying_key.delta_g2)
    for query in ("l_query", "h_query"):
        check_g1(curve.name, query, getattr(key, query), allow_infinity=True, threads=threads)
    rng = generator()
    secret, commitment = commit(rng, curve)
    rng.wipe()
    try:
        transcript = RunningTranscript(curve, known.circuit_hash, known.entries).challenge(commitment)
        sp = hash_to_g2(curve, transcript)
        delta_g1 = secret.times_g1(key.delta_g1)
        report("C", 1, _STEPS)
        l_query = secret.times_g1(key.l_query, inverse=True, threads=threads)
        report("H", 2, _STEPS)
        h_query = secret.times_g1(key.h_query, inverse=True, threads=threads)
        spx, delta_g2 = secret.times_g2(sp), secret.times_g2(key.verifying_key.delta_g2)
    finally:
        secret.wipe()
    entry = Contribution(
        delta_g1, commitment + spx, transcript, maker.kind, maker.name, maker.iterations_log2, maker.beacon_hash
    )
    development = known.is_development and maker.kind == BEACON
    changed = dataclasses.replace(
        key,
        verifying_key=dataclasses.replace(key.verifying_key, delta_g2=delta_g2, development=development),
        delta_g1=delta_g1,
        l_query=l_query,
        h_query=h_query,
    )
    report("write", 3, _STEPS)
    payload = append_contribution(key.owner.sections[CONTRIBUTIONS], entry)
    write_zkey(path, changed, contributions=payload, order=ASCENDING, overwrite=overwrite)
    report("done", _STEPS, _STEPS)
    return contribution_hash(curve, entry)
