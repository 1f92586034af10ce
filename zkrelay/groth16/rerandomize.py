"""Another proof of the same statement, by anybody, without the witness ([BKSV20] section 1).

A' = ρ₁⁻¹·A,  B' = ρ₁·B + ρ₁ρ₂·[δ]₂,  C' = C + ρ₂·A.
Then e(A', B') = e(A, B)·e(ρ₂·A, δ) and e(C', δ) = e(C, δ)·e(ρ₂·A, δ).

So proofs are malleable by design, and a ledger that keys on proof bytes pays twice.  It is also a privacy tool: the
result is distributed as a fresh proof, unlinkable to the one it came from.
"""

from __future__ import annotations

import secrets

from ..algebra.encoding import pack_field
from ..curves import CURVES
from ..kernel import current
from .keys import Proof, VerifyingKey
from .verify import check_curve_of


def rerandomize(vk: VerifyingKey, proof: Proof) -> Proof:
    """A fresh proof that verifies exactly when ``proof`` does.  Only [δ]₂ of the key is used.

    Raises:
        InvalidPoint, NonCanonicalNumber: a point of the proof is malformed; or so in the key.
        InvalidKey: the key cannot be sound.
        MalformedInput: key and proof are of different curves.
    """
    r = CURVES[proof.curve].fr.modulus
    rho_1, rho_2 = 1 + secrets.randbelow(r - 1), secrets.randbelow(r)
    return _rerandomize(vk, proof, rho_1, rho_2)


def _rerandomize(vk: VerifyingKey, proof: Proof, rho_1: int, rho_2: int) -> Proof:
    """The deterministic core; rho_1 in [1, r), rho_2 in [0, r)."""
    check_curve_of(proof, vk)
    delta_g2 = vk.prepared.verifying_key.delta_g2
    proof.check()
    kernel, curve, fr = current(), proof.curve, vk.fr
    return Proof(
        kernel.g1_msm(curve, pack_field(fr, [fr.inverse(rho_1)]), proof.a),
        kernel.g2_msm(curve, pack_field(fr, [rho_1, rho_1 * rho_2 % fr.modulus]), proof.b + delta_g2),
        kernel.g1_msm(curve, pack_field(fr, [1, rho_2]), proof.c + proof.a),
        curve,
    )
