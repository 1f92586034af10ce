"""The start of phase 2: a circuit's key from powers of tau, with γ = δ = 1, byte for byte that of ``snarkjs zkey new``.

Nobody knows anything here: every point is a sum of the file's Lagrange points with the circuit's coefficients.  Such a
key proves nothing safely yet, as δ is known to be one: ``VerifyingKey.check`` refuses it until somebody contributes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..algebra.domain import Domain
from ..algebra.points import g1_generator, g2_generator
from ..curves import PrimeField
from ..errors import MalformedInput
from ..formats.ptau import (
    ALPHA_TAU_G1,
    BETA_G2,
    BETA_TAU_G1,
    LAGRANGE_ALPHA_TAU_G1,
    LAGRANGE_BETA_TAU_G1,
    LAGRANGE_TAU_G1,
    LAGRANGE_TAU_G2,
    TAU_G1,
    PowersOfTau,
)
from ..formats.zkey_writer import NEW_KEY_ORDER, write_zkey
from ..groth16.keys import ProvingKey, VerifyingKey
from ..groth16.qap import coefficient_records, curve_for, domain_of
from ..groth16.setup import Progress
from ..kernel import Buffer, Matrix
from ..r1cs import R1CS
from .points import PointGroup, group_of, sum_by_column
from .read_ahead import difference_past_the_end
from .transcript import blake2b, uncompressed

_HASHED_AT_ONCE = 1 << 14
_STEPS = ("A", "B1", "B2", "IC and C", "H", "circuit hash")


@dataclass(frozen=True)
class NewKey:
    """A key that waits for its first contribution, and the hash that names circuit and powers."""

    key: ProvingKey
    circuit_hash: bytes


def new_key(r1cs: R1CS, ptau: PowersOfTau, *, threads: int = 1, progress: Progress | None = None) -> NewKey:
    """The first key of a circuit.

    The points of ``ptau`` are taken as they are: verify the file first, or read about it in docs/howto-ceremony.md.

    Raises:
        MalformedInput: the file is not prepared, too small for the circuit, or of another curve; or as ``domain_of``.
    """
    domain = _domain_in(r1cs, ptau)
    report = _reporter(progress)
    log, num_bound = domain.log_size, r1cs.num_public + 1
    g1, g2 = group_of(ptau.curve.name, in_g2=False), group_of(ptau.curve.name, in_g2=True)
    tau_g1, tau_g2 = ptau.lagrange(LAGRANGE_TAU_G1, log), ptau.lagrange(LAGRANGE_TAU_G2, log)
    alpha_tau, beta_tau = ptau.lagrange(LAGRANGE_ALPHA_TAU_G1, log), ptau.lagrange(LAGRANGE_BETA_TAU_G1, log)
    scalars = _SignedCoefficients(r1cs)
    a, b, c = (_Entries.of(matrix) for matrix in (r1cs.a, r1cs.b, r1cs.c))
    bound = _Entries.identity_rows(r1cs, scalars.one)

    def combine(group: PointGroup, *terms: tuple[_Entries, Buffer]) -> bytes:
        products = b"".join(scalars.weigh(group, entries, points, threads) for entries, points in terms)
        columns = np.concatenate([entries.columns for entries, _ in terms])
        return sum_by_column(group, products, columns, r1cs.num_variables, threads=threads)

    report()
    a_query = combine(g1, (a, tau_g1), (bound, tau_g1))
    report()
    b_g1_query = combine(g1, (b, tau_g1))
    report()
    b_g2_query = combine(g2, (b, tau_g2))
    report()
    mixed = combine(g1, (a, beta_tau), (b, alpha_tau), (c, tau_g1), (bound, beta_tau))
    report()
    h_query = g1.rows(ptau.lagrange(LAGRANGE_TAU_G1, log + 1))[1::2].tobytes()
    split = num_bound * g1.size
    key = ProvingKey(
        verifying_key=VerifyingKey(
            alpha_g1=bytes(ptau.slice(ALPHA_TAU_G1, 0, 1)),
            beta_g2=bytes(ptau.points[BETA_G2]),
            gamma_g2=g2_generator(ptau.curve.name),
            delta_g2=g2_generator(ptau.curve.name),
            gamma_abc_g1=mixed[:split],
            development=True,
            curve=ptau.curve.name,
        ),
        num_variables=r1cs.num_variables,
        log_domain=log,
        coefficients=coefficient_records(r1cs),
        beta_g1=bytes(ptau.slice(BETA_TAU_G1, 0, 1)),
        delta_g1=g1_generator(ptau.curve.name),
        a_query=a_query,
        b_g1_query=b_g1_query,
        b_g2_query=b_g2_query,
        l_query=mixed[split:],
        h_query=h_query,
    )
    report()
    made = NewKey(key, _circuit_hash(key, ptau, threads))
    report()
    return made


def write_new_key(path: str | os.PathLike[str], made: NewKey, *, overwrite: bool = False) -> None:
    """As snarkjs writes it: in the order in which it computes the sections.  Raises as ``write_zkey``."""
    contributions = made.circuit_hash + bytes(4)
    write_zkey(path, made.key, contributions=contributions, order=NEW_KEY_ORDER, overwrite=overwrite)


def _domain_in(r1cs: R1CS, ptau: PowersOfTau) -> Domain:
    domain, curve = domain_of(r1cs), curve_for(r1cs.field)
    if curve != ptau.curve:
        raise MalformedInput(f"the circuit is over {r1cs.field.name}, the powers of tau are over {ptau.curve.name}")
    if domain.log_size > ptau.power:
        raise MalformedInput(f"the circuit needs powers of 2^{domain.log_size}, the file has 2^{ptau.power}")
    if not ptau.is_prepared:
        raise MalformedInput("the powers of tau are not prepared for phase 2: zkrelay ptau prepare does that")
    return domain


def powers_of_h(ptau: PowersOfTau, log_domain: int, threads: int) -> bytes:
    """[τ^(n+i) - τ^i]₁ for i < n - 1: the basis of multiples of the vanishing polynomial, n = 2^log_domain."""
    n, g1 = 1 << log_domain, group_of(ptau.curve.name, in_g2=False)
    return g1.add(ptau.slice(TAU_G1, n, 2 * n - 1), g1.negate(ptau.slice(TAU_G1, 0, n - 1)), threads=threads)


def _circuit_hash(key: ProvingKey, ptau: PowersOfTau, threads: int) -> bytes:
    curve, vk = ptau.curve, key.verifying_key

    def plain(points: Buffer, *, in_g2: bool = False) -> bytes:
        return uncompressed(curve, points, in_g2=in_g2)

    def counted(points: Buffer, *, in_g2: bool = False) -> Iterator[bytes]:
        yield (len(points) // (curve.g2_bytes if in_g2 else curve.g1_bytes)).to_bytes(4, "big")
        yield plain(points, in_g2=in_g2)

    n = 1 << key.log_domain
    h_powers = plain(powers_of_h(ptau, key.log_domain, threads))
    if n - 1 > _HASHED_AT_ONCE:
        h_powers += plain(_one_more(ptau, n))
    return blake2b(
        plain(vk.alpha_g1 + bytes(key.beta_g1)),
        plain(vk.beta_g2 + vk.gamma_g2, in_g2=True),
        plain(key.delta_g1),
        plain(vk.delta_g2, in_g2=True),
        *counted(vk.gamma_abc_g1),
        (n - 1).to_bytes(4, "big") + h_powers,
        *counted(key.l_query),
        *counted(key.a_query),
        *counted(key.b_g1_query),
        *counted(key.b_g2_query, in_g2=True),
    )


def _one_more(ptau: PowersOfTau, n: int) -> bytes:
    """snarkjs hashes in whole chunks of 2^14, so that a larger domain's hash takes in one point more than it counts.

    That is τ^(2n-1) - τ^(n-1).  In a file of exactly the circuit's size the first is no point: it is what follows in
    the file, the head of the next section.
    """
    g1 = group_of(ptau.curve.name, in_g2=False)
    last = ptau.slice(TAU_G1, n - 1, n)
    if ptau.power > (n.bit_length() - 1):
        return g1.add(ptau.slice(TAU_G1, 2 * n - 1, 2 * n), g1.negate(last))
    return difference_past_the_end(ptau, last)


@dataclass(frozen=True)
class _Entries:
    """A sparse matrix as three columns: which row, which wire, which coefficient."""

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.uint32]
    coefficients: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, matrix: Matrix) -> _Entries:
        rows = np.repeat(np.arange(matrix.num_rows), np.diff(matrix.offsets).astype(np.int64))
        return cls(rows, matrix.columns, matrix.coefficient_ids)

    @classmethod
    def identity_rows(cls, r1cs: R1CS, one: int) -> _Entries:
        """Row m + j of A is wire j, for the constant and the public inputs (``groth16.qap``)."""
        wires = np.arange(r1cs.num_public + 1)
        ones = np.full(len(wires), one, dtype=np.uint32)
        return cls(r1cs.num_constraints + wires, wires.astype(np.uint32), ones)


class _SignedCoefficients:
    """The circuit's coefficients as small positive scalars and a sign, as most are -1, 1 or a power of two."""

    def __init__(self, r1cs: R1CS) -> None:
        fr: PrimeField = r1cs.field
        values = [*r1cs.coefficient_values, 1]
        self.one = len(values) - 1
        negative = [value > fr.modulus // 2 for value in values]
        smaller = [fr.modulus - v if sign else v for v, sign in zip(values, negative, strict=True)]
        self._negative = np.array(negative, dtype=np.bool_)
        self._scalars = np.frombuffer(b"".join(map(fr.to_bytes, smaller)), dtype=np.uint8).reshape(len(values), -1)

    def weigh(self, group: PointGroup, entries: _Entries, points: Buffer, threads: int) -> bytes:
        """coefficient·points[row] of each entry."""
        picked = group.rows(points)[entries.rows]
        negative = self._negative[entries.coefficients]
        picked[negative] = group.rows(group.negate(picked[negative].tobytes()))
        scalars = self._scalars[entries.coefficients]
        return group.products(scalars.tobytes(), picked.tobytes(), threads=threads)


def _reporter(progress: Progress | None) -> Callable[[], None]:
    steps = iter(enumerate((*_STEPS, "done")))

    def report() -> None:
        done, step = next(steps)
        if progress is not None:
            progress(step, done, len(_STEPS))

    return report
