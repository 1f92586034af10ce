"""A proving key, and the program of its circuit, made ready for many proofs.

``Prover`` holds what the kernel prepares (the matrices by row, tables of the transforms, the validated tape) and keeps
the key mapped.  Any number of threads may prove at the same time: proofs share nothing but what is read only.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple

from ..errors import Closed, InvalidKey, InvalidProof, InvalidTables, MalformedInput
from ..kernel import Buffer, PreparedProver, current
from ..r1cs import CompiledCircuit
from .keys import Proof, ProvingKey, VerifyingKey
from .prove import blinding, check_assignment, prove_with, public_inputs
from .tables import Tables
from .verify import verify


class Proven(NamedTuple):
    """A proof and the statement that it is for."""

    proof: Proof
    public_inputs: list[int]


class Prover:
    """Proves statements of one circuit under one key, from any thread, until it is closed.

    Args:
        pk: a key whose points were checked when it was loaded.
        circuit: the compiled circuit of the key, for ``prove_inputs``.
        tables: multiples of the key's points (``precompute``), which make proofs faster; every proof is then verified
            before it is given out, as one from wrong tables could tell something of its assignment.

    Raises:
        InvalidTables: ``tables`` are not those of the key.
        InvalidKey: ``circuit`` has another number of variables or public inputs than the key, or another field.
        MalformedInput, NonCanonicalNumber: a part of the key has the wrong length, or a record is malformed.
        KernelError: the circuit's tape is malformed, or memory ran out.

    ``with Prover(pk, circuit) as prover: ...`` closes it at the end.
    """

    def __init__(self, pk: ProvingKey, circuit: CompiledCircuit | None = None, *, tables: Tables | None = None) -> None:
        if circuit is not None:
            if circuit.r1cs.field != pk.fr:
                raise InvalidKey(f"the proving key is over {pk.curve}, the circuit over {circuit.r1cs.field.name}")
            if (circuit.r1cs.num_variables, circuit.r1cs.num_public) != (pk.num_variables, pk.num_public):
                raise InvalidKey("the proving key belongs to another circuit")
        kernel = current()
        self._verifying_key = pk.verifying_key
        self._num_variables = pk.num_variables
        self._pk: ProvingKey | None = pk  # keeps the map of the key's file
        self._circuit = circuit
        self._tables = tables
        self._prepared = _prepare(pk, tables)
        self._lock = threading.Lock()
        if circuit is not None:
            circuit.program.for_kernel(kernel)
            circuit.r1cs.for_kernel(kernel)

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else f"{self._num_variables} variables"
        return f"Prover({state})"

    @property
    def verifying_key(self) -> VerifyingKey:
        return self._verifying_key

    @property
    def num_public(self) -> int:
        return self._verifying_key.num_public

    @property
    def circuit(self) -> CompiledCircuit | None:
        """What ``prove_inputs`` runs; None for a prover of assignments only."""
        return self._circuit

    @property
    def factor(self) -> int:
        """Of the tables; 1 without."""
        return 1 if self._tables is None else self._tables.factor

    @property
    def is_closed(self) -> bool:
        return self._pk is None

    @property
    def num_bytes(self) -> int:
        """Memory that the kernel holds for this key, beside the key itself; raises ``Closed``."""
        return self._prepared.num_bytes

    def prove(self, assignment: Buffer, *, threads: int = 1) -> Proof:
        """As ``groth16.prove``; constraints are not looked at.

        Raises:
            MalformedInput: wrong length, or element 0 is not 1.
            NonCanonicalNumber: an element is not below r; the message gives its index, never its value.
            InvalidTables: with the tables another proof came out than without.
            Closed: the prover was closed.
        """
        return self._prove(assignment, *blinding(self._verifying_key.fr), threads=threads)

    def _prove(self, assignment: Buffer, blind_r: int, blind_s: int, *, threads: int) -> Proof:
        """The deterministic core, as ``prove._prove``."""
        pk, tables = self._pk, self._tables  # now: another thread may close the prover while the proof is made
        key = self._verifying_key
        check_assignment(assignment, self._num_variables, key.fr)
        proof = prove_with(key.curve, self._prepared, assignment, blind_r, blind_s, threads=threads)
        if pk is None or tables is None:
            return proof
        try:
            verify(key, public_inputs(assignment, pk.num_public, key.fr), proof)
        except (InvalidProof, MalformedInput):  # of the tables, or of the assignment
            plain = _prepare(pk, None)
            try:
                if proof != prove_with(key.curve, plain, assignment, blind_r, blind_s, threads=threads):
                    raise InvalidTables(
                        "the tables are damaged: they gave a false proof; precompute them again"
                    ) from None
            finally:
                plain.close()
        return proof

    def prove_inputs(self, inputs: Mapping[str, Any], *, check: bool = True, threads: int = 1) -> Proven:
        """From named inputs to a proof: the witness program, the check of all constraints, the proof.

        The assignment is wiped before return; the inputs belong to the caller, and Python cannot wipe integers.

        Args:
            check: without it an assignment that violates a constraint gives a proof that does not verify.

        Raises:
            UnsatisfiedConstraint: naming the first violated row.
            MalformedInput: an input is missing, unknown, of the wrong shape or not canonical.
            InvalidKey: the prover has no circuit.
            Closed: the prover was closed.
        """
        if self.is_closed:
            raise Closed("the prover is closed")
        if self._circuit is None:
            raise InvalidKey("this prover has no witness program: it takes assignments only")
        assignment = self._circuit.program.assign(inputs)
        try:
            if check:
                self._circuit.r1cs.check(assignment, threads=threads)
            statement = public_inputs(assignment, self.num_public, self._verifying_key.fr)
            return Proven(self.prove(assignment, threads=threads), statement)
        finally:
            assignment[:] = bytes(len(assignment))

    def close(self) -> None:
        """Wait for the proofs that are being made, then give the memory back; later calls raise ``Closed``.

        Does nothing the second time.
        """
        with self._lock:
            self._prepared.close()
            self._pk = self._tables = None

    def __enter__(self) -> Prover:
        if self.is_closed:
            raise Closed("the prover is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _prepare(pk: ProvingKey, tables: Tables | None) -> PreparedProver:
    """The key as the current kernel proves with it."""
    kernel, curve = current(), pk.verifying_key.curve
    if tables is None:
        return kernel.prover(curve, pk.kernel_key)
    tables.check(pk)
    try:
        return kernel.prover(curve, pk.kernel_key, tables.kernel_tables)
    except MalformedInput as error:
        kernel.prover(curve, pk.kernel_key).close()  # raises what is wrong with the key itself
        raise InvalidTables(f"the multiples: {error}") from None
