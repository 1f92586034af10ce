"""The verifier of [Gro16]: e(A, B) = e(α, β) · e(Σ x_i·IC_i, γ) · e(C, δ), with x_0 = 1.

Pure: no state, no clock, no randomness.  Whether a true proof is *paid* is the settlement's business, and its key is
the nullifier, never the proof's bytes: anybody can make another proof of the same statement (``rerandomize``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..algebra.encoding import pack_field
from ..algebra.points import negate_g1
from ..curves import bn254
from ..errors import InvalidProof, MalformedInput, NonCanonicalNumber
from ..kernel import current
from .keys import PreparedVerifyingKey, Proof, VerifyingKey

_FR = bn254.FR


def verify(vk: VerifyingKey | PreparedVerifyingKey, public_inputs: Sequence[int], proof: Proof) -> None:
    """Return for a true proof, raise for anything else.

    Everything is checked, in this order: the key (once per key object), the count and the range of the public inputs,
    the points of the proof, the pairing equation.

    Raises:
        InvalidProof: all is well formed, and the equation does not hold.
        NonCanonicalNumber: a public input is not in [0, r), so that x and x + r cannot both be spent; or a coordinate
            is not below p.
        InvalidPoint: a point of the proof is infinity, off its curve or outside the subgroup; or so in the key.
        InvalidKey: the key cannot be sound (``VerifyingKey.check``).
        MalformedInput: wrong number of public inputs, one that is no integer, or a key and proof of different curves.
    """
    prepared = vk if isinstance(vk, PreparedVerifyingKey) else vk.prepared
    key = prepared.verifying_key
    check_public_inputs(public_inputs, key.num_public)
    if proof.curve != key.curve:
        raise MalformedInput(f"the proof is over {proof.curve}, the key over {key.curve}")
    proof.check()
    kernel = current()
    statement = kernel.g1_msm(key.curve, pack_field(_FR, [1, *public_inputs]), key.gamma_abc_g1)
    g1 = negate_g1(proof.a) + key.alpha_g1 + statement + proof.c
    g2 = proof.b + key.beta_g2 + key.gamma_g2 + key.delta_g2
    if not kernel.pairing_check(key.curve, g1, g2):
        raise InvalidProof("the pairing equation does not hold for this key, these public inputs and this proof")


def check_public_inputs(public_inputs: Sequence[int], num_public: int) -> None:
    """Count, type and range; raises ``MalformedInput`` or ``NonCanonicalNumber`` with the index of the input."""
    if len(public_inputs) != num_public:
        raise MalformedInput(f"the key takes {num_public} public inputs, not {len(public_inputs)}")
    for index, value in enumerate(public_inputs):
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedInput(f"public input {index} is not an integer but {type(value).__name__}")
        if not 0 <= value < _FR.modulus:
            raise NonCanonicalNumber(f"public input {index} is not in [0, r)")
