"""The kernel's Groth16 prover against [Gro16]'s equations in the exponent, where the toxic waste is known."""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass, replace

import pytest

from zkrelay.algebra.encoding import pack_field
from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.kernel import Groth16Key, Kernel, available, get

from . import samples
from .samples import FR

CURVE = "bn254"
R = FR.modulus
TAU, ALPHA, BETA, DELTA = samples.rng("toxic waste").sample(range(1, 2**62), 4)


@dataclass(frozen=True)
class Instance:
    """A key, an assignment, and the discrete logarithms that make the proof known without proving."""

    key: Groth16Key
    z: list[int]
    u: list[int]
    v: list[int]
    l_logs: list[int]
    lagrange: list[int]

    def expected(self, r: int, s: int) -> bytes:
        """A = α + U(τ) + rδ, B = β + V(τ) + sδ, C = (L + (U·V - W)(τ)/δ) + sA + rB - rsδ times the generators."""
        u_tau, v_tau, w_tau = (
            sum(a * b for a, b in zip(values, self.lagrange, strict=True))
            for values in (self.u, self.v, [a * b for a, b in zip(self.u, self.v, strict=True)])
        )
        a, b = ALPHA + u_tau + r * DELTA, BETA + v_tau + s * DELTA
        private = self.z[self.key.num_public + 1 :]
        c = sum(x * y for x, y in zip(private, self.l_logs, strict=True))
        c += (u_tau * v_tau - w_tau) * pow(DELTA, -1, R) + s * a + r * b - r * s * DELTA
        return samples.g1_multiple(a) + samples.g2_multiple(b) + samples.g1_multiple(c)


def lagrange_at_tau(log_size: int) -> list[int]:
    """L_j(τ) = (τⁿ - 1)·ω^j / (n·(τ - ω^j)) over the domain of 2^log_size."""
    n, omega = 1 << log_size, FR.omega(log_size)
    points = [pow(omega, j, R) for j in range(n)]
    return [(pow(TAU, n, R) - 1) * x * pow(n * (TAU - x), -1, R) % R for x in points]


def records(matrix: int, rows: list[list[tuple[int, int]]]) -> bytes:
    """44-byte coefficient records with value·R²."""
    return b"".join(
        struct.pack("<III", matrix, i, column) + (value * FR.montgomery_r**2 % R).to_bytes(32, "little")
        for i, row in enumerate(rows)
        for column, value in row
    )


@functools.cache
def instance(log_domain: int, num_variables: int, num_public: int) -> Instance:
    """A random system; the last variable is in no row, so its queries are infinity."""
    generator = samples.rng("groth16", log_domain, num_variables, num_public)
    n = 1 << log_domain
    used = max(num_variables - 1, 1)
    rows = [
        [
            [(generator.randrange(used), value) for value in samples.vector(FR, generator.randrange(4), m, i)]
            for i in range(n)
        ]
        for m in range(2)
    ]
    z = [1, *samples.vector(FR, num_variables - 1, "z", log_domain)]
    u, v = ([sum(value * z[column] for column, value in row) % R for row in part] for part in rows)
    lagrange = lagrange_at_tau(log_domain)
    columns = [[0] * num_variables for _ in range(2)]
    for logs, part in zip(columns, rows, strict=True):
        for j, row in enumerate(part):
            for column, value in row:
                logs[column] = (logs[column] + value * lagrange[j]) % R
    l_logs = [generator.randrange(R) for _ in range(num_variables - num_public - 1)]
    h_logs = [value * pow(DELTA, -1, R) % R for value in lagrange_at_tau(log_domain + 1)[1::2]]
    maker = get("reference" if num_variables < 64 else available()[0])
    g1, g2 = samples.g1_multiple(1), samples.g2_multiple(1)
    key = Groth16Key(
        num_variables=num_variables,
        num_public=num_public,
        log_domain=log_domain,
        coefficients=records(0, rows[0]) + records(1, rows[1]),
        alpha_g1=samples.g1_multiple(ALPHA),
        beta_g1=samples.g1_multiple(BETA),
        beta_g2=samples.g2_multiple(BETA),
        delta_g1=samples.g1_multiple(DELTA),
        delta_g2=samples.g2_multiple(DELTA),
        a_query=maker.g1_fixed_base(CURVE, g1, samples.scalars(columns[0])),
        b_g1_query=maker.g1_fixed_base(CURVE, g1, samples.scalars(columns[1])),
        b_g2_query=maker.g2_fixed_base(CURVE, g2, samples.scalars(columns[1])),
        l_query=maker.g1_fixed_base(CURVE, g1, samples.scalars(l_logs)),
        h_query=maker.g1_fixed_base(CURVE, g1, samples.scalars(h_logs)),
    )
    return Instance(key, z, u, v, l_logs, lagrange)


def prove(kernel: Kernel, case: Instance, r: int, s: int, threads: int = 1) -> bytes:
    blinds = ((value).to_bytes(32, "little") for value in (r, s))
    return kernel.groth16_prove(CURVE, case.key, samples.scalars(case.z), *blinds, threads=threads)


SHAPES = [(0, 1, 0), (0, 2, 1), (1, 3, 0), (2, 5, 1), (3, 9, 3), (4, 33, 32), (5, 40, 2)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_proof_is_the_equations_in_the_exponent(kernel: Kernel, shape: tuple[int, int, int]) -> None:
    case = instance(*shape)
    for r, s in ((0, 0), (1, 0), (0, 1), (R - 1, R - 1), (2**200 + 1, 3**150)):
        for threads in (1, 2, 3) if kernel.name != "reference" else (1,):
            assert prove(kernel, case, r, s, threads) == case.expected(r, s), (r, s, threads)
        if kernel.name == "reference" and shape[0] > 3:
            break


def test_a_large_proof_does_not_depend_on_threads(native_kernel: Kernel) -> None:
    case = instance(11, 1500, 5)
    for threads in (1, 2, 3):
        assert prove(native_kernel, case, 12345, 67890, threads) == case.expected(12345, 67890)


GOOD = instance(2, 5, 1)
_RECORD = 44


def record(matrix: int, row: int, column: int, value: int = 1) -> bytes:
    return struct.pack("<III", matrix, row, column) + value.to_bytes(32, "little")


BAD_KEYS = {
    "matrix 2": {"coefficients": GOOD.key.coefficients + record(2, 0, 0)},
    "matrix is the largest word": {"coefficients": record(2**32 - 1, 0, 0) + GOOD.key.coefficients},
    "row outside the domain": {"coefficients": GOOD.key.coefficients + record(0, 4, 0)},
    "row is the largest word": {"coefficients": GOOD.key.coefficients + record(1, 2**32 - 1, 0)},
    "column is no variable": {"coefficients": GOOD.key.coefficients + record(0, 0, 5)},
    "column is the largest word": {"coefficients": GOOD.key.coefficients + record(1, 0, 2**32 - 1)},
    "half a record": {"coefficients": GOOD.key.coefficients[:-1]},
    "log_domain beyond two-adicity": {"log_domain": 28},
    "log_domain is huge": {"log_domain": 2**31},
    "log_domain does not fit h": {"log_domain": 3},
    "more variables than queries": {"num_variables": 6},
    "fewer variables than queries": {"num_variables": 4},
    "no variables": {"num_variables": 0},
    "more public inputs than variables": {"num_public": 5},
    "public inputs do not fit l": {"num_public": 2},
    **{
        f"{name} is one byte short": {name: bytes(getattr(GOOD.key, name))[:-1]}
        for name in (
            *("alpha_g1", "beta_g1", "beta_g2", "delta_g1", "delta_g2"),
            *("a_query", "b_g1_query", "b_g2_query", "l_query", "h_query"),
        )
    },
    "a_query has a point too many": {"a_query": bytes(GOOD.key.a_query) + bytes(64)},
    "alpha_g1 is two points": {"alpha_g1": bytes(GOOD.key.alpha_g1) * 2},
    "h_query is empty": {"h_query": b""},
}


@pytest.mark.parametrize("changes", BAD_KEYS.values(), ids=BAD_KEYS)
def test_malformed_keys_are_refused(kernel: Kernel, changes: dict[str, object]) -> None:
    case = replace(GOOD, key=replace(GOOD.key, **changes))
    with pytest.raises(MalformedInput):
        prove(kernel, case, 1, 1)


BAD_INPUTS = {
    "assignment too short": (GOOD.z[:-1], 1, 1, MalformedInput, None),
    "assignment too long": ([*GOOD.z, 5], 1, 1, MalformedInput, None),
    "assignment empty": ([], 1, 1, MalformedInput, None),
    "assignment begins with zero": ([0, *GOOD.z[1:]], 1, 1, MalformedInput, None),
    "assignment begins with two": ([2, *GOOD.z[1:]], 1, 1, MalformedInput, None),
    "assignment not canonical": ([*GOOD.z[:3], R, *GOOD.z[4:]], 1, 1, NonCanonicalNumber, r"\b3\b"),
    "assignment element is all ones": ([*GOOD.z[:4], 2**256 - 1], 1, 1, NonCanonicalNumber, r"\b4\b"),
    "r not canonical": (GOOD.z, R, 1, NonCanonicalNumber, None),
    "s not canonical": (GOOD.z, 1, 2**256 - 1, NonCanonicalNumber, None),
}


@pytest.mark.parametrize(("z", "r", "s", "error", "match"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_malformed_inputs_are_refused(
    kernel: Kernel, z: list[int], r: int, s: int, error: type[Exception], match: str | None
) -> None:
    assignment = b"".join(value.to_bytes(32, "little") for value in z)
    with pytest.raises(error, match=match) as refusal:
        kernel.groth16_prove(CURVE, GOOD.key, assignment, r.to_bytes(32, "little"), s.to_bytes(32, "little"))
    for secret in (r, s, *z):
        assert secret < 10 or str(secret) not in str(refusal.value), "an error never shows the witness"


def test_blinding_must_be_32_bytes(kernel: Kernel) -> None:
    good, assignment = pack_field(FR, [1]), samples.scalars(GOOD.z)
    for bad in (b"", good[:-1], good + b"\0", good * 2):
        for blinds in ((bad, good), (good, bad)):
            with pytest.raises(MalformedInput):
                kernel.groth16_prove(CURVE, GOOD.key, assignment, *blinds)


def test_coefficients_must_be_canonical(kernel: Kernel) -> None:
    coefficients = bytes(GOOD.key.coefficients) + record(0, 0, 0, R)
    index = len(GOOD.key.coefficients) // _RECORD
    case = replace(GOOD, key=replace(GOOD.key, coefficients=coefficients))
    with pytest.raises(NonCanonicalNumber, match=rf"\b{index}\b"):
        prove(kernel, case, 1, 1)
