"""Writing ``.ptau`` files, as snarkjs writes them: sections ascending (docs/formats.md, ".ptau")."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ..curves import PairingCurve
from ..errors import MalformedInput
from ..kernel import Buffer
from .container import write_container
from .elements import field_header
from .ptau import (
    CONTRIBUTIONS,
    G2_SECTIONS,
    HEADER,
    LAGRANGE_OF,
    POWERS_SECTIONS,
    SECTION_NAMES,
    PowersOfTau,
    count_of,
)

NO_POWERS_CONTRIBUTIONS = bytes(4)


def write_ptau(path: str | os.PathLike[str], ptau: PowersOfTau, *, overwrite: bool = False) -> None:
    """Write a file that was read; one that has its sections in ascending order comes back byte for byte.

    Raises:
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    write_powers(
        path,
        ptau.curve,
        ptau.power,
        {section: [view] for section, view in ptau.points.items()},
        ptau.container.sections[CONTRIBUTIONS],
        ceremony_power=ptau.ceremony_power,
        overwrite=overwrite,
    )


def write_powers(
    path: str | os.PathLike[str],
    curve: PairingCurve,
    power: int,
    points: Mapping[int, Iterable[Buffer]],
    contributions: Buffer,
    *,
    ceremony_power: int | None = None,
    overwrite: bool = False,
) -> None:
    """Write sections from their chunks.

    Args:
        points: for each section its points, in as many chunks as is convenient; all of the powers', and all or none of
            the Lagrange sections.
        contributions: the payload of section 7.
        ceremony_power: by default ``power``.

    Raises:
        MalformedInput: a section is missing or has another number of points.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    wanted = [*POWERS_SECTIONS, *(LAGRANGE_OF.values() if set(LAGRANGE_OF.values()) & set(points) else ())]
    if set(points) != set(wanted):
        raise MalformedInput("the powers' sections must all be there, and all or none of the Lagrange sections")
    header = field_header(curve.fp) + power.to_bytes(4, "little")
    header += (power if ceremony_power is None else ceremony_power).to_bytes(4, "little")

    def sections() -> Iterable[tuple[int, Iterable[Buffer]]]:
        yield HEADER, [header]
        for section in POWERS_SECTIONS:
            yield section, _counted(curve, power, section, points[section])
        yield CONTRIBUTIONS, [contributions]
        for section in wanted[len(POWERS_SECTIONS) :]:
            yield section, _counted(curve, power, section, points[section])

    write_container(path, "ptau", 1, sections(), overwrite=overwrite)


def _counted(curve: PairingCurve, power: int, section: int, chunks: Iterable[Buffer]) -> Iterable[Buffer]:
    expected = count_of(section, power) * (curve.g2_bytes if section in G2_SECTIONS else curve.g1_bytes)
    found = 0
    for chunk in chunks:
        found += memoryview(chunk).nbytes
        yield chunk
    if found != expected:
        raise MalformedInput(f"section {SECTION_NAMES[section]} has {found} bytes, 2^{power} asks for {expected}")
