"""From a claim to a proof that its node has already verified."""

from __future__ import annotations

from ..errors import InvalidKey
from ..groth16 import Proof, ProvingKey, prove, public_inputs, verify
from ..r1cs import CompiledCircuit
from .claim import Claim


def prove_claim(claim: Claim, circuit: CompiledCircuit, pk: ProvingKey, *, threads: int = 1) -> Proof:
    """A proof of ``claim.statement``, verified before it is returned: a faulty machine or key must not post claims.

    Raises:
        UnsatisfiedConstraint: the circuit refuses what the native predicate accepted: not the circuit of this domain.
        MalformedInput: the circuit takes other inputs.
        InvalidKey: the circuit's public inputs are not a claim's, or the key belongs to another circuit.
        InvalidProof: the proof does not verify (a fault of the machine, or a key of a circuit of the same shape).
    """
    assignment = circuit.assign(claim.inputs)
    if circuit.r1cs.num_variables != pk.num_variables or circuit.r1cs.num_public != pk.num_public:
        raise InvalidKey("the proving key belongs to another circuit")
    statement = claim.statement.public_inputs
    if public_inputs(assignment, circuit.r1cs.num_public) != statement:
        raise InvalidKey("the circuit's public inputs are not those of a claim, in its order")
    proof = prove(pk, assignment, threads=threads)
    verify(pk.verifying_key, statement, proof)
    return proof
