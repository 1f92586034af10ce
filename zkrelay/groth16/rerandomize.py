"""Another proof of the same statement, by anybody, without the witness ([BKSV20] section 1).

A' = ρ₁⁻¹·A,  B' = ρ₁·B + ρ₁ρ₂·[δ]₂,  C' = C + ρ₂·A.
Then e(A', B') = e(A, B)·e(ρ₂·A, δ) and e(C', δ) = e(C, δ)·e(ρ₂·A, δ).

So proofs are malleable by design, and a ledger that keys on proof bytes pays twice.  It is also a privacy tool: the
result is distributed as a fresh proof, unlinkable to the one it came from.
"""

from __future__ import annotations

import secrets

from ..algebra.encoding import pack_field
from ..curves import bn254
from ..errors import MalformedInput
from ..kernel import current
from .keys import Proof, VerifyingKey

_FR = bn254.FR


def rerandomize(vk: VerifyingKey, proof: Proof) -> Proof:
    """A fresh proof that verifies exactly when ``proof`` does.  Only [δ]₂ of the key is used.

    Raises:
        InvalidPoint, NonCanonicalNumber: a point of the proof is malformed; or so in the key.
        InvalidKey: the key cannot be sound.
        MalformedInput: key and proof are of different curves.
    """
    rho_1, rho_2 = 1 + secrets.randbelow(_FR.modulus - 1), secrets.randbelow(_FR.modulus)
    return _rerandomize(vk, proof, rho_1, rho_2)


def _rerandomize(vk: VerifyingKey, proof: Proof, rho_1: int, rho_2: int) -> Proof:
    """The deterministic core; rho_1 in [1, r), rho_2 in [0, r)."""
    if proof.curve != vk.curve:
        raise MalformedInput(f"the proof is over {proof.curve}, the key over {vk.curve}")
    delta_g2 = vk.prepared.verifying_key.delta_g2
    proof.check()
    kernel, curve = current(), proof.curve
    return Proof(
        kernel.g1_msm(curve, pack_field(_FR, [_FR.inverse(rho_1)]), proof.a),
        kernel.g2_msm(curve, pack_field(_FR, [rho_1, rho_1 * rho_2 % _FR.modulus]), proof.b + delta_g2),
        kernel.g1_msm(curve, pack_field(_FR, [1, rho_2]), proof.c + proof.a),
        curve,
    )
