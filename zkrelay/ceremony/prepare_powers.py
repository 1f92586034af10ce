"""Preparing powers of tau for phase 2: the Lagrange basis of every domain, from the powers alone, without secrets."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator

from ..errors import MalformedInput
from ..formats.files import check_absent
from ..formats.ptau import CONTRIBUTIONS, G2_SECTIONS, LAGRANGE_OF, POWERS_SECTIONS, TAU_G1, PowersOfTau
from ..formats.ptau_writer import write_powers
from ..groth16.setup import Progress
from ..kernel import Buffer
from .points import group_of, lagrange_basis


def prepare_powers(
    path: str | os.PathLike[str],
    ptau: PowersOfTau,
    *,
    overwrite: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> None:
    """Write the file with sections 12 to 15, as ``snarkjs powersoftau prepare phase2`` does.

    Raises:
        NonCanonicalNumber, InvalidPoint: a point of the file is malformed.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    check_absent(path, overwrite=overwrite)
    points: dict[int, Iterator[Buffer]] = {section: iter([ptau.points[section]]) for section in POWERS_SECTIONS}
    report = _reporter(ptau, progress)
    for section, target in LAGRANGE_OF.items():
        points[target] = _section(ptau, section, threads, report)
    write_powers(
        path,
        ptau.curve,
        ptau.power,
        points,
        ptau.container.sections[CONTRIBUTIONS],
        ceremony_power=ptau.ceremony_power,
        overwrite=overwrite,
    )


def _section(ptau: PowersOfTau, section: int, threads: int, report: Callable[[int], None]) -> Iterator[bytes]:
    group = group_of(ptau.curve.name, in_g2=section in G2_SECTIONS)
    group.check(ptau.points[section], threads=threads)
    for log in domains_of(ptau, section):
        stage_done = functools.partial(report, 1 << log)
        yield lagrange_basis(group, powers_for(ptau, section, log), threads=threads, progress=stage_done)


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


def _reporter(ptau: PowersOfTau, progress: Progress | None) -> Callable[[int], None]:
    """Work is counted in butterflies; those of G2 are three times as dear."""
    total = sum(
        (3 if section in G2_SECTIONS else 1) * (log << log)
        for section in LAGRANGE_OF
        for log in domains_of(ptau, section)
    )
    done = 0

    def report(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress("Lagrange bases", min(done, total), total)

    return report
