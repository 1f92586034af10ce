"""``.zkey``: a Groth16 proving key as snarkjs writes it (docs/formats.md, ".zkey").

Opening maps the file; the queries are views over it, so a key costs nothing until a prover walks through it.  iden3
writes ``q`` for the base field's prime here, and ``r`` for the scalar field's: the two tell the curve.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra.domain import MAX_LOG_SIZE
from ..curves import CURVES, PairingCurve, PrimeField
from ..errors import InvalidKey
from ..groth16.keys import COEFFICIENT_RECORD_BYTES, ProvingKey, VerifyingKey
from ..kernel import current
from .coefficients import check_records
from .container import Container, read_container
from .contributions import Contributions, parse_contributions
from .cursor import Cursor
from .files import Source

PROTOCOL, HEADER, IC, COEFFICIENTS, A, B1, B2, C, H, CONTRIBUTIONS = range(1, 11)
SECTION_NAMES = {
    PROTOCOL: "protocol",
    HEADER: "Groth16 header",
    IC: "IC",
    COEFFICIENTS: "coefficients",
    A: "A",
    B1: "B1",
    B2: "B2",
    C: "C",
    H: "H",
    CONTRIBUTIONS: "contributions",
}
GROTH16 = 1
_OTHER_PROTOCOLS = {2: "PLONK", 10: "FFLONK"}


@dataclass(frozen=True)
class _Header:
    curve: PairingCurve
    num_variables: int
    num_public: int
    log_domain: int
    alpha_g1: bytes
    beta_g1: bytes
    beta_g2: bytes
    gamma_g2: bytes
    delta_g1: bytes
    delta_g2: bytes


def read_zkey(source: Source, *, check: bool = True, check_points: bool = False, threads: int = 1) -> ProvingKey:
    """A proving key as views over the file (or buffer), which the key's ``owner`` keeps alive.

    Args:
        check: the verifying key's checks, the shapes, the coefficient records, beta and delta of G1, and that the last
            contribution ends in this key's delta.
        check_points: also every point of the five queries, and that beta and delta agree between G1 and G2
            (``ProvingKey.check``).  Costs about as much as a proof; do it once for a key from elsewhere.
        threads: for ``check_points``; the result never depends on it.

    Raises:
        FormatError: the file does not follow the format, is not Groth16, or is over an unknown curve.
        NonCanonicalNumber, InvalidPoint, InvalidKey: what the checks found.
    """
    container = read_container(source, "zkey", (1,), SECTION_NAMES)
    _check_protocol(container.cursor(PROTOCOL))
    header = _read_header(container.cursor(HEADER))
    contributions = _contributions(container, header.curve)
    coefficients = container.cursor(COEFFICIENTS)
    records = coefficients.take_array(coefficients.u32("the number of records"), COEFFICIENT_RECORD_BYTES, "records")
    coefficients.end()
    n, public, g1, g2 = header.num_variables, header.num_public, header.curve.g1_bytes, header.curve.g2_bytes
    vk = VerifyingKey(
        alpha_g1=header.alpha_g1,
        beta_g2=header.beta_g2,
        gamma_g2=header.gamma_g2,
        delta_g2=header.delta_g2,
        gamma_abc_g1=bytes(_points(container, IC, public + 1, g1)),
        development=contributions.is_development,
        curve=header.curve.name,
    )
    key = ProvingKey(
        verifying_key=vk,
        num_variables=n,
        log_domain=header.log_domain,
        coefficients=records,
        beta_g1=header.beta_g1,
        delta_g1=header.delta_g1,
        a_query=_points(container, A, n, g1),
        b_g1_query=_points(container, B1, n, g1),
        b_g2_query=_points(container, B2, n, g2),
        l_query=_points(container, C, n - public - 1, g1),
        h_query=_points(container, H, 1 << header.log_domain, g1),
        owner=container,
    )
    if check_points:
        key.check(threads=threads)
    elif check:
        vk.check()
        key.check_shape()
        current().g1_check(vk.curve, header.beta_g1 + header.delta_g1)
    if check or check_points:
        check_records(coefficients, records, 1 << header.log_domain, n, key.fr)
        if contributions.entries and contributions.entries[-1].delta_after_g1 != header.delta_g1:
            raise InvalidKey("the last contribution does not end in this key's delta")
    return key


def contributions_of(container: Container) -> Contributions:
    """Section 10 of an opened ``.zkey`` (``key.owner`` of a key that was read)."""
    return _contributions(container, _read_header(container.cursor(HEADER)).curve)


def _contributions(container: Container, curve: PairingCurve) -> Contributions:
    cursor = container.cursor(CONTRIBUTIONS)
    return parse_contributions(cursor.view, curve.name, source=cursor.source, section=cursor.section, base=cursor.base)


def _check_protocol(cursor: Cursor) -> None:
    protocol = cursor.u32("the protocol")
    if protocol != GROTH16:
        name = _OTHER_PROTOCOLS.get(protocol, f"protocol {protocol}")
        raise cursor.error(f"a key for {name}; only Groth16 (1) is read", at=0)
    cursor.end()


def _read_header(cursor: Cursor) -> _Header:
    curve = _read_curve(cursor)
    n, public = cursor.u32("nVars"), cursor.u32("nPublic")
    at = cursor.position
    domain = cursor.u32("domainSize")
    if domain & (domain - 1) or not 2 <= domain <= 1 << MAX_LOG_SIZE:
        raise cursor.error(f"a domain of {domain}: expected a power of two up to 2^{MAX_LOG_SIZE}", at=at)
    if n < public + 1:
        raise cursor.error(f"{n} variables cannot hold {public} public inputs and the constant", at=at - 8)
    g1, g2 = curve.g1_bytes, curve.g2_bytes
    sizes = (g1, g1, g2, g2, g1, g2)
    names = ("alpha_1", "beta_1", "beta_2", "gamma_2", "delta_1", "delta_2")
    points = [bytes(cursor.take(size, name)) for size, name in zip(sizes, names, strict=True)]
    cursor.end()
    return _Header(curve, n, public, domain.bit_length() - 1, *points)


def _read_curve(cursor: Cursor) -> PairingCurve:
    """The curve with this base field, which must come with its scalar field."""
    start = cursor.position
    prime = _read_prime(cursor, "base")
    curve = next((curve for curve in CURVES.values() if prime == _prime_of(curve.fp)), None)
    if curve is None:
        raise cursor.error(f"the base field is that of no curve known here ({', '.join(CURVES)})", at=start)
    start = cursor.position
    if _read_prime(cursor, "scalar") != _prime_of(curve.fr):
        raise cursor.error(f"the scalar field is not that of {curve.name}, whose base field this is", at=start)
    return curve


def _read_prime(cursor: Cursor, which: str) -> memoryview:
    return cursor.take(cursor.u32(f"the size of the {which} field"), "the prime")


def _prime_of(field: PrimeField) -> bytes:
    return field.modulus.to_bytes(field.num_bytes, "little")


def _points(container: Container, section: int, count: int, point_bytes: int) -> memoryview:
    cursor = container.cursor(section)
    points = cursor.take_array(count, point_bytes, "points")
    cursor.end()
    return points
