"""The verifier of [Gro16]: e(A, B) = e(α, β) · e(Σ x_i·IC_i, γ) · e(C, δ), with x_0 = 1.

Pure: no state, no clock, no randomness.  Whether a true proof is *paid* is the settlement's business, and its key is
the nullifier, never the proof's bytes: anybody can make another proof of the same statement (``rerandomize``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..algebra.encoding import pack_field
from ..curves import CURVES, PrimeField
from ..errors import InvalidProof, KernelError, MalformedInput, NonCanonicalNumber
from ..kernel import Verdict, current
from .keys import PreparedVerifyingKey, Proof, VerifyingKey

WEIGHT_BYTES = 16


def verify(vk: VerifyingKey | PreparedVerifyingKey, public_inputs: Sequence[int], proof: Proof) -> None:
    """Return for a true proof, raise for anything else.

    Everything is checked, in this order: the key (once per key object), that the proof is over its curve, the count and
    the range of the public inputs, the points of the proof, the pairing equation.

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
    check_curve_of(proof, key)
    check_public_inputs(public_inputs, key.num_public, key.fr)
    kernel = current()
    inputs, points = pack_field(key.fr, public_inputs), proof.a + proof.b + proof.c
    no_weight = bytes(WEIGHT_BYTES)  # one proof is not combined with others
    (verdict,) = kernel.groth16_verify(
        key.curve, prepared.for_kernel(kernel), key.num_public, inputs, points, no_weight
    )
    if verdict is not Verdict.TRUE:
        raise refusal(verdict, public_inputs, proof)


def refusal(verdict: Verdict, public_inputs: Sequence[int], proof: Proof) -> InvalidProof | MalformedInput:
    """The error that names what the kernel refused; raises ``KernelError`` when that is nothing."""
    if verdict is Verdict.FALSE:
        return InvalidProof("the pairing equation does not hold for this key, these public inputs and this proof")
    try:
        check_public_inputs(public_inputs, len(public_inputs), CURVES[proof.curve].fr)
        proof.check()
    except MalformedInput as error:
        return error
    raise KernelError("the kernel calls a proof malformed whose points and public inputs pass their checks")


def check_curve_of(proof: Proof, key: VerifyingKey) -> None:
    """Raises ``MalformedInput`` when proof and key are over different curves."""
    if proof.curve != key.curve:
        raise MalformedInput(f"the proof is over {proof.curve}, the key over {key.curve}")


def check_public_inputs(public_inputs: Sequence[int], num_public: int, fr: PrimeField) -> None:
    """Count, type and range; raises ``MalformedInput`` or ``NonCanonicalNumber`` with the index of the input."""
    if len(public_inputs) != num_public:
        raise MalformedInput(f"the key takes {num_public} public inputs, not {len(public_inputs)}")
    for index, value in enumerate(public_inputs):
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedInput(f"public input {index} is not an integer but {type(value).__name__}")
        if not 0 <= value < fr.modulus:
            raise NonCanonicalNumber(f"public input {index} is not in [0, r) of {fr.name}")
