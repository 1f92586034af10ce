"""From an assignment to a proof ([Gro16] section 3.2): one crossing into the kernel, whatever the size of the circuit.

What does not depend on the assignment is prepared by the first proof and kept with the key; ``Prover`` closes it again.

A = α + Σ z_j u_j(τ) + r·δ,  B = β + Σ z_j v_j(τ) + s·δ,
C = Σ_{private j} z_j (βu_j + αv_j + w_j)/δ + h(τ)t(τ)/δ + s·A + r·B - r·s·δ.
The uniform r and s make the proof zero-knowledge.
"""

from __future__ import annotations

import secrets

from ..algebra.encoding import unpack_field
from ..curves import CURVES, PrimeField, bn254
from ..errors import MalformedInput
from ..kernel import Buffer, PreparedProver, current
from .keys import Proof, ProvingKey


def prove(pk: ProvingKey, assignment: Buffer, *, threads: int = 1) -> Proof:
    """A proof that the prover knows an assignment with these public inputs.

    Constraints are not looked at again: an assignment that violates one gives a proof that does not verify.  Call
    ``R1CS.check`` first (``CompiledCircuit.assign`` does) to learn which line is violated.

    Args:
        pk: a key whose points were checked when it was loaded; a key from ``setup`` is.
        assignment: num_variables canonical elements (1, public inputs, rest) of the key's scalar field.
        threads: at least 1; the proof's distribution does not depend on it.

    Raises:
        MalformedInput: wrong length, or element 0 is not 1.
        NonCanonicalNumber: an element is not below r; the message gives its index, never its value.
    """
    blind_r, blind_s = blinding(pk.fr)
    return _prove(pk, assignment, blind_r, blind_s, threads=threads)


def _prove(pk: ProvingKey, assignment: Buffer, blind_r: int, blind_s: int, *, threads: int = 1) -> Proof:
    """The deterministic core.  A blinding pair that is known, or used for two assignments, breaks zero knowledge."""
    check_assignment(assignment, pk.num_variables, pk.fr)
    return prove_with(pk.curve, pk.for_kernel(current()), assignment, blind_r, blind_s, threads=threads)


def blinding(fr: PrimeField) -> tuple[int, int]:
    """Uniform r and s from the operating system."""
    return secrets.randbelow(fr.modulus), secrets.randbelow(fr.modulus)


def prove_with(
    curve: str, prover: PreparedProver, assignment: Buffer, blind_r: int, blind_s: int, *, threads: int
) -> Proof:
    """The kernel's call, and the three points of its answer."""
    fr, size = CURVES[curve].fr, CURVES[curve].g1_bytes
    out = prover.prove(assignment, fr.to_bytes(blind_r), fr.to_bytes(blind_s), threads=threads)
    return Proof(out[:size], out[size:-size], out[-size:], curve)


def public_inputs(assignment: Buffer, num_public: int, field: PrimeField = bn254.FR) -> list[int]:
    """The statement inside an assignment: elements 1..num_public, as integers.

    Raises:
        MalformedInput: the assignment is shorter than that, or does not begin with 1.
    """
    size = field.num_bytes
    if not 0 <= num_public < len(assignment) // size:
        raise MalformedInput(
            f"{len(assignment) // size} elements do not hold {num_public} public inputs and the constant"
        )
    values = unpack_field(field, assignment[: (num_public + 1) * size])
    if values[0] != 1:
        raise MalformedInput("element 0 of the assignment must be 1")
    return values[1:]


def check_assignment(assignment: Buffer, num_variables: int, field: PrimeField) -> None:
    """Its length, and that it begins with 1; ``MalformedInput`` otherwise."""
    size = field.num_bytes
    if len(assignment) != num_variables * size:
        raise MalformedInput(
            f"the assignment has {len(assignment)} bytes, the key asks for {num_variables} elements of {size} bytes"
        )
    if int.from_bytes(assignment[:size], "little") != 1:
        raise MalformedInput("element 0 of the assignment must be 1")
