"""Our proofs on an EVM: a verifier contract for a key, and the calldata of its calls."""

from .calldata import Call, VectorCall, verify_proof_call, verify_proofs_call, verify_vector_call
from .compressed import render_compressed_verifier
from .solidity import render_verifier

__all__ = [
    "Call",
    "VectorCall",
    "render_compressed_verifier",
    "render_verifier",
    "verify_proof_call",
    "verify_proofs_call",
    "verify_vector_call",
]
