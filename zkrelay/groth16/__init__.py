"""[Gro16] over BN254 and BLS12-381: keys, setup, prove, verify one or many, rerandomize.

The protocol is the list of files.  It knows constraint systems (``r1cs``), never the circuits that made them.  Start
with ``keys`` for the names, ``qap`` for the mathematics, and ``docs/groth16.md`` for the conventions of iden3's tools.
"""

from .keys import PreparedVerifyingKey, Proof, ProvingKey, VerifyingKey
from .prove import prove, public_inputs
from .prover import Proven, Prover
from .rerandomize import rerandomize
from .setup import setup
from .tables import Tables, precompute
from .verify import verify
from .verify_many import BatchVerdict, verify_many

__all__ = [
    "BatchVerdict",
    "PreparedVerifyingKey",
    "Proof",
    "Proven",
    "Prover",
    "ProvingKey",
    "Tables",
    "VerifyingKey",
    "precompute",
    "prove",
    "public_inputs",
    "rerandomize",
    "setup",
    "verify",
    "verify_many",
]
