"""Our proofs on an EVM: a verifier contract for a key, the calldata of its calls, and a contract for our hash."""

from .calldata import Call, VectorCall, verify_proof_call, verify_proofs_call, verify_vector_call
from .compressed import render_compressed_verifier
from .poseidon import poseidon_code
from .solidity import render_verifier

__all__ = [
    "Call",
    "VectorCall",
    "poseidon_code",
    "render_compressed_verifier",
    "render_verifier",
    "verify_proof_call",
    "verify_proofs_call",
    "verify_vector_call",
]
