"""From a claim to a proof that its node has already verified."""

from __future__ import annotations

from ..errors import InvalidKey
from ..groth16 import Proof, Prover, verify
from .claim import Claim


def prove_claim(claim: Claim, prover: Prover, *, threads: int = 1) -> Proof:
    """A proof of ``claim.statement``, verified before it is returned: a faulty machine or key must not post claims.

    Args:
        prover: of the claim circuit of this domain.  A node makes one when it starts, and keeps it.

    Raises:
        UnsatisfiedConstraint: the circuit refuses what the native predicate accepted: not the circuit of this domain.
        MalformedInput: the circuit takes other inputs.
        InvalidKey: the prover has no circuit, or its public inputs are not a claim's.
        InvalidProof: the proof does not verify (a fault of the machine, or a key of a circuit of the same shape).
        Closed: the prover was closed.
    """
    statement = claim.statement.public_inputs
    proven = prover.prove_inputs(claim.inputs, threads=threads)
    if proven.public_inputs != statement:
        raise InvalidKey("the circuit's public inputs are not those of a claim, in its order")
    verify(prover.verifying_key, statement, proven.proof)
    return proven.proof
