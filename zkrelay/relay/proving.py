"""From a claim, a batch of them or an opening to a proof that its prover has already verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Equivocation, InvalidKey
from ..groth16 import Proof, Prover, verify
from .batch import Batch
from .claim import Claim
from .journal import Journal
from .opening import Opening
from .statement import SharedClaimStatement


def prove_claim(claim: Claim, prover: Prover, *, journal: Journal | None = None, threads: int = 1) -> Proof:
    """A proof of ``claim.statement``, verified before it is returned: a faulty machine or key must not post claims.

    Args:
        prover: of the claim circuit of this domain.  A node makes one when it starts, and keeps it.
        journal: where venue and amount are written down first.  A claim that shows a share needs it.

    Raises:
        Equivocation: the journal holds another venue or amount for this note, or there is no journal and the claim
            shows a share.
        UnsatisfiedConstraint: the circuit refuses what the native predicate accepted: not the circuit of this domain.
        MalformedInput: the circuit takes other inputs.
        InvalidKey: the prover has no circuit, or its public inputs are not a claim's.
        InvalidProof: the proof does not verify (a fault of the machine, or a key of a circuit of the same shape).
        Closed: the prover was closed.
        StoreError: the journal cannot be written.
    """
    write_down(claim, journal)
    return prove_statement(claim.statement.public_inputs, claim.inputs, prover, threads=threads)


def write_down(claim: Claim, journal: Journal | None) -> None:
    """What must be on disk before ``claim`` is proved: venue and amount, when it shows a share.

    Raises ``Equivocation`` and ``StoreError`` as ``prove_claim``.
    """
    if not isinstance(claim.statement, SharedClaimStatement):
        return
    if journal is None:
        raise Equivocation("a claim that shows a share is proved with a journal, or a retry could give kN away")
    journal.record_claim(claim.statement)


def prove_opening(opening: Opening, prover: Prover, journal: Journal, *, threads: int = 1) -> Proof:
    """A proof of ``opening.statement``; ``prover`` is of the open circuit.

    Raises:
        Equivocation: the journal holds another note for this ticket.
        Everything else that ``prove_claim`` raises.
    """
    journal.record_opening(opening)
    return prove_statement(opening.statement.public_inputs, opening.inputs, prover, threads=threads)


def prove_batch(batch: Batch, prover: Prover, *, threads: int = 1) -> Proof:
    """A proof of ``batch.statement``, verified before it is returned; arguments and errors as for ``prove_claim``.

    Args:
        prover: of the batch circuit of this domain, for as many slots as the batch has.
    """
    return prove_statement(batch.statement.public_inputs, batch.inputs, prover, threads=threads)


def prove_statement(public: list[int], inputs: Mapping[str, Any], prover: Prover, *, threads: int = 1) -> Proof:
    """A proof that ``inputs`` satisfy the circuit with these public inputs, verified; no journal is written."""
    proven = prover.prove_inputs(inputs, threads=threads)
    if proven.public_inputs != public:
        raise InvalidKey("the circuit's public inputs are not those of the statement, in its order")
    verify(prover.verifying_key, public, proven.proof)
    return proven.proof
