"""From an R1CS to its quadratic arithmetic program at one point τ ([Gro16] section 2.3, with iden3's conventions).

u_j(X) = Σ_i A[i][j]·L_i(X), likewise v_j from B and w_j from C, over the domain of n = 2^k >= m + num_public + 1
points, where m is the number of constraints.  Row i of the circuit is the domain's point ω^i.

Behind the m rows of the circuit stand num_public + 1 more: row m + j has A = wire j, B = C = 0, for the constant and
every public input j.  Such a row is always satisfied.  What it buys: u_j contains L_{m+j}, which no other wire has, so
the public inputs' polynomials are linearly independent of each other and of all the rest, as [BKSV20] needs for weak
simulation extractability, and no public input can be left unbound by a circuit that never mentions it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..algebra.domain import MAX_LOG_SIZE, Domain
from ..curves import CURVES, PairingCurve, PrimeField, curve_of
from ..errors import MalformedInput
from ..kernel import Matrix, current
from ..r1cs.constraint_system import R1CS
from .keys import COEFFICIENT_RECORD


@dataclass(frozen=True)
class QapAtTau:
    """u_j(τ), v_j(τ), w_j(τ): three Montgomery vectors of num_variables elements.

    They are functions of the secret τ: as secret as τ itself, hence not in the repr.
    """

    u: bytes = field(repr=False)
    v: bytes = field(repr=False)
    w: bytes = field(repr=False)


def curve_for(field: PrimeField) -> PairingCurve:
    """The curve whose keys prove circuits over ``field``; ``MalformedInput`` when there is none."""
    curve = curve_of(field)
    if curve is None:
        known = " or ".join(known.fr.name for known in CURVES.values())
        raise MalformedInput(f"Groth16 keys exist for circuits over {known}, this one is over {field.name}")
    return curve


def domain_of(r1cs: R1CS) -> Domain:
    """The smallest domain that holds the constraints and the identity rows.

    Raises:
        MalformedInput: no constraint, a field that is no curve's scalar field, fewer wires than public inputs, or more
            rows than 2^24.
    """
    curve_for(r1cs.field)
    if r1cs.num_constraints == 0:
        raise MalformedInput("a circuit without constraints proves nothing")
    if r1cs.num_variables < r1cs.num_public + 1:
        raise MalformedInput(f"{r1cs.num_variables} wires cannot hold {r1cs.num_public} public inputs and the constant")
    rows = r1cs.num_constraints + r1cs.num_public + 1
    if rows > 1 << MAX_LOG_SIZE:
        raise MalformedInput(f"{rows} rows need a domain above the limit of 2^{MAX_LOG_SIZE}")
    return Domain.at_least(r1cs.field, rows)


def evaluate_at(r1cs: R1CS, tau: int, *, threads: int = 1) -> QapAtTau:
    """Each matrix, transposed, applied to (L_0(τ), …, L_{m-1}(τ)), and the identity rows.  Raises as ``domain_of``."""
    domain, kernel = domain_of(r1cs), current()
    name, size = r1cs.field.name, r1cs.field.num_bytes
    lagrange = domain.lagrange_at(tau, threads=threads)
    rows = lagrange[: r1cs.num_constraints * size]

    def columns(matrix: Matrix) -> bytes:
        return kernel.matrix_apply_transposed(name, matrix, r1cs.table_montgomery, rows, r1cs.num_variables)

    u, num_bound = columns(r1cs.a), (r1cs.num_public + 1) * size
    bound = kernel.vec_add(name, u[:num_bound], lagrange[len(rows) : len(rows) + num_bound])
    return QapAtTau(bound + u[num_bound:], columns(r1cs.b), columns(r1cs.c))


def coefficient_records(r1cs: R1CS) -> bytes:
    """The key's coefficient section: 44-byte records (matrix, row, column, value·R² mod r) of A (0) and B (1).

    Ordered by row, A before B, identity rows last: the order of snarkjs, so equal circuits give equal bytes.  C is left
    out, because the prover multiplies ⟨A_i, z⟩ by ⟨B_i, z⟩ instead of evaluating ⟨C_i, z⟩.
    """
    import numpy as np

    kernel, name = current(), r1cs.field.name
    montgomery_twice = kernel.to_montgomery(name, r1cs.table_montgomery)
    table = np.frombuffer(montgomery_twice, dtype="V32")
    count = r1cs.a.nnz + r1cs.b.nnz
    out = np.empty(count + r1cs.num_public + 1, dtype=COEFFICIENT_RECORD)
    start = 0
    for number, matrix in enumerate((r1cs.a, r1cs.b)):
        part = out[start : start + matrix.nnz]
        part["matrix"] = number
        part["row"] = np.repeat(np.arange(matrix.num_rows), np.diff(matrix.offsets).astype(np.int64))
        part["column"] = matrix.columns
        part["value"] = table[matrix.coefficient_ids]
        start += matrix.nnz
    one = kernel.to_montgomery(name, kernel.to_montgomery(name, r1cs.field.to_bytes(1)))
    wires = np.arange(r1cs.num_public + 1)
    out[count:]["matrix"] = 0
    out[count:]["row"] = r1cs.num_constraints + wires
    out[count:]["column"] = wires
    out[count:]["value"] = np.frombuffer(one, dtype="V32")
    return out[np.lexsort((out["matrix"], out["row"]))].tobytes()
