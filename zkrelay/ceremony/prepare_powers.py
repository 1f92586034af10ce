"""Preparing powers of tau for phase 2: the Lagrange basis of every domain, from the powers alone, without secrets."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator

from ..errors import MalformedInput
from ..formats.files import check_absent
from ..formats.ptau import CONTRIBUTIONS, G2_SECTIONS, LAGRANGE_OF, POWERS_SECTIONS, TAU_G1, PowersOfTau
from ..formats.ptau_writer import write_powers
from ..groth16.setup import Progress
from ..kernel import Buffer
from .checkpoint import Checkpoint, task_digest
from .points import group_of, lagrange_basis


def prepare_powers(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    *,
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> None:
    """Write the file with sections 12 to 15, as ``snarkjs powersoftau prepare phase2`` does.

    Args:
        checkpoint: a file for the bases that are finished.  Should this be interrupted, the next call with it goes on
            after them and gives the same bytes; it is removed at the end.

    Raises:
        NonCanonicalNumber, InvalidPoint: a point of the file is malformed.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
        FormatError, MalformedInput: ``checkpoint`` is another file, or another process works on it.
    """
    check_absent(path, overwrite=overwrite)
    with contextlib.ExitStack() as stack:
        pieces = None
        if checkpoint is not None:
            pieces = stack.enter_context(Checkpoint(checkpoint, _task(ptau)))
        report = _reporter(ptau, progress)
        points: dict[int, Iterator[Buffer]] = {section: iter([ptau.points[section]]) for section in POWERS_SECTIONS}
        for section, target in LAGRANGE_OF.items():
            points[target] = _section(ptau, section, threads, report, pieces)
        write_powers(
            path,
            ptau.curve,
            ptau.power,
            points,
            ptau.container.sections[CONTRIBUTIONS],
            ceremony_power=ptau.ceremony_power,
            overwrite=overwrite,
        )
        if pieces is not None:
            pieces.finish()


def _task(ptau: PowersOfTau) -> bytes:
    """What the bases depend on."""
    head = f"prepare {ptau.curve.name} {ptau.power}".encode()
    return task_digest(head, *(ptau.points[section] for section in LAGRANGE_OF))


def _section(
    ptau: PowersOfTau, section: int, threads: int, report: Callable[[int], None], pieces: Checkpoint | None
) -> Iterator[bytes]:
    """One basis a piece: they double in size, so that the last of a section is half of its work."""
    group = group_of(ptau.curve.name, in_g2=section in G2_SECTIONS)
    group.check(ptau.points[section], threads=threads)
    for log in domains_of(ptau, section):
        stage = _butterflies(section, log)
        make = functools.partial(_basis, ptau, section, log, threads, functools.partial(report, stage))
        if pieces is None:
            yield make()
            continue
        if pieces.has_next:
            report(log * stage)
        yield pieces.piece(group.size << log, make)


def _basis(ptau: PowersOfTau, section: int, log: int, threads: int, stage_done: Callable[[], None]) -> bytes:
    group = group_of(ptau.curve.name, in_g2=section in G2_SECTIONS)
    return lagrange_basis(group, powers_for(ptau, section, log), threads=threads, progress=stage_done)


def domains_of(ptau: PowersOfTau, section: int) -> range:
    """log2 of the domains that a Lagrange section covers: up to the file's power, and of τ in G1 one more."""
    return range(ptau.power + (2 if section == TAU_G1 else 1))


def powers_for(ptau: PowersOfTau, section: int, log: int) -> bytes | memoryview:
    """The first 2^log powers; of the largest domain the last one does not exist, and infinity stands for it."""
    n = 1 << log
    if log <= ptau.power:
        return ptau.slice(section, 0, n)
    if section != TAU_G1 or log > ptau.power + 1:
        raise MalformedInput(f"2^{log} powers are more than a file of 2^{ptau.power} has")
    return bytes(ptau.slice(section, 0, n - 1)) + bytes(ptau.point_bytes(section))


def _butterflies(section: int, log: int) -> int:
    """What one stage of a transform costs; butterflies of G2 are three times as dear."""
    return (3 if section in G2_SECTIONS else 1) << log


def _reporter(ptau: PowersOfTau, progress: Progress | None) -> Callable[[int], None]:
    total = sum(log * _butterflies(section, log) for section in LAGRANGE_OF for log in domains_of(ptau, section))
    done = 0

    def report(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress("Lagrange bases", done, total)

    return report
