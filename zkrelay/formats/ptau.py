"""``.ptau``: powers of a secret τ in both groups, and who made them (docs/formats.md, ".ptau").

Opening maps the file; the sections are views over it.  A file is *prepared* when it holds the Lagrange bases, too
(sections 12 to 15): the powers' images under the inverse transforms of every size up to its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..curves import CURVES, PairingCurve
from ..errors import FormatError
from .container import Container, read_container
from .cursor import Cursor
from .files import Source
from .ptau_contributions import PowersContribution, parse_powers_contributions

HEADER, TAU_G1, TAU_G2, ALPHA_TAU_G1, BETA_TAU_G1, BETA_G2, CONTRIBUTIONS = range(1, 8)
LAGRANGE_TAU_G1, LAGRANGE_TAU_G2, LAGRANGE_ALPHA_TAU_G1, LAGRANGE_BETA_TAU_G1 = range(12, 16)
SECTION_NAMES = {
    HEADER: "header",
    TAU_G1: "tauG1",
    TAU_G2: "tauG2",
    ALPHA_TAU_G1: "alphaTauG1",
    BETA_TAU_G1: "betaTauG1",
    BETA_G2: "betaG2",
    CONTRIBUTIONS: "contributions",
    LAGRANGE_TAU_G1: "Lagrange tauG1",
    LAGRANGE_TAU_G2: "Lagrange tauG2",
    LAGRANGE_ALPHA_TAU_G1: "Lagrange alphaTauG1",
    LAGRANGE_BETA_TAU_G1: "Lagrange betaTauG1",
}
POWERS_SECTIONS = (TAU_G1, TAU_G2, ALPHA_TAU_G1, BETA_TAU_G1, BETA_G2)
LAGRANGE_OF = {
    TAU_G1: LAGRANGE_TAU_G1,
    TAU_G2: LAGRANGE_TAU_G2,
    ALPHA_TAU_G1: LAGRANGE_ALPHA_TAU_G1,
    BETA_TAU_G1: LAGRANGE_BETA_TAU_G1,
}
"""The section of powers that each Lagrange section is computed from."""
G2_SECTIONS = frozenset({TAU_G2, BETA_G2, LAGRANGE_TAU_G2})
MAX_POWER = 27
"""snarkjs goes to 28, where its Lagrange sections need a transform that BN254's scalar field no longer has."""


def count_of(section: int, power: int) -> int:
    """How many points a section has in a file of 2^power."""
    if section == BETA_G2:
        return 1
    if section == TAU_G1:
        return (2 << power) - 1
    if section == LAGRANGE_TAU_G1:
        return (4 << power) - 1  # domains of 1, 2, 4, … 2^(power + 1) points one behind the other
    if section in LAGRANGE_OF.values():
        return (2 << power) - 1
    return 1 << power


@dataclass(frozen=True)
class PowersOfTau:
    """An opened file: ``points[section]`` are views; the points in them are *not* checked by reading.

    ``ceremony_power`` is that of the file that the contributions were made on: above ``power`` when it was truncated.
    """

    curve: PairingCurve
    power: int
    ceremony_power: int
    points: Mapping[int, memoryview] = field(repr=False)
    contributions: tuple[PowersContribution, ...] = field(repr=False)
    container: Container = field(repr=False)

    @property
    def is_prepared(self) -> bool:
        return LAGRANGE_TAU_G1 in self.points

    def point_bytes(self, section: int) -> int:
        return self.curve.g2_bytes if section in G2_SECTIONS else self.curve.g1_bytes

    def slice(self, section: int, start: int, stop: int) -> memoryview:
        """Points [start, stop) of a section."""
        size = self.point_bytes(section)
        return self.points[section][start * size : stop * size]

    def lagrange(self, section: int, log_size: int) -> memoryview:
        """The 2^log_size points of one domain in a Lagrange section."""
        return self.slice(section, (1 << log_size) - 1, (2 << log_size) - 1)


def read_ptau(source: Source) -> PowersOfTau:
    """Open a ``.ptau``.

    Raises:
        FormatError: the file does not follow the format, is over an unknown curve or too large, or has some of the four
            Lagrange sections and not all.
    """
    container = read_container(source, "ptau", (1,), SECTION_NAMES)
    curve, power, ceremony_power = _read_header(container.cursor(HEADER))
    present = [section for section in LAGRANGE_OF.values() if section in container.sections]
    if present and len(present) < len(LAGRANGE_OF):
        raise FormatError("some Lagrange sections are there and others are missing", source=container.source)
    points = {}
    for section in (*POWERS_SECTIONS, *present):
        cursor = container.cursor(section)
        size = curve.g2_bytes if section in G2_SECTIONS else curve.g1_bytes
        points[section] = cursor.take_array(count_of(section, power), size, "points")
        cursor.end()
    contributions = parse_powers_contributions(container.cursor(CONTRIBUTIONS), curve)
    return PowersOfTau(curve, power, ceremony_power, points, contributions, container)


def _read_header(cursor: Cursor) -> tuple[PairingCurve, int, int]:
    num_bytes = cursor.u32("the size of the base field")
    prime = int.from_bytes(cursor.take(num_bytes, "the prime"), "little")
    curve = next((c for c in CURVES.values() if (c.fp.modulus, c.fp.num_bytes) == (prime, num_bytes)), None)
    if curve is None:
        raise cursor.error(f"the base field is that of no curve known here ({', '.join(CURVES)})", at=4)
    at = cursor.position
    power, ceremony_power = cursor.u32("the power"), cursor.u32("the power of the ceremony")
    if not 1 <= power <= min(MAX_POWER, curve.fr.two_adicity - 1):
        raise cursor.error(f"powers of 2^{power}: expected 2^1 to 2^{MAX_POWER}", at=at)
    if not power <= ceremony_power <= curve.fr.two_adicity:
        raise cursor.error(f"a file of 2^{power} cannot come from a ceremony of 2^{ceremony_power}", at=at + 4)
    cursor.end()
    return curve, power, ceremony_power
