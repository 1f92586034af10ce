"""The Groth16 verifier over Python integers ([Gro16] section 3.2), for the reference kernel.

e(A, B) · e(-S, γ) · e(-C, δ) · e(-α, β) = 1 with S = IC_0 + Σ x_j·IC_j, proof by proof: what the combination of many
with random weights, which the C kernels compute, must agree with.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from .interface import Buffer, Verdict
from .reference_buffers import split, unpack
from .reference_groups import Groups
from .reference_pairing import ONE, pairing_of

_WEIGHT_BYTES = 16


def prepare(
    groups: Groups, alpha_g1: Buffer, beta_g2: Buffer, gamma_g2: Buffer, delta_g2: Buffer, gamma_abc_g1: Buffer
) -> bytes:
    """The key's points one after another: here nothing is computed ahead.

    Raises:
        MalformedInput, NonCanonicalNumber: a part is not one point (gamma_abc_g1: one or more).
    """
    g1, g2 = groups.g1, groups.g2
    ic = g1.unpack(gamma_abc_g1, "gamma_abc_g1")
    if not ic:
        raise MalformedInput("gamma_abc_g1: no point")
    points = [g2.unpack(point, "key", 1) for point in (beta_g2, gamma_g2, delta_g2)]
    return g1.pack(g1.unpack(alpha_g1, "alpha_g1", 1)) + b"".join(map(g2.pack, points)) + g1.pack(ic)


def verify(
    groups: Groups, prepared: Buffer, num_public: int, public_inputs: Buffer, proofs: Buffer, weights: Buffer
) -> list[Verdict]:
    """One verdict for each proof; the weights are looked at for their number only.

    Raises:
        MalformedInput: a length does not fit the others.
    """
    if not 0 <= num_public < 1 << 32:
        raise MalformedInput(f"{num_public} public inputs")
    curve = groups.curve
    key_bytes = curve.g1_bytes + 3 * curve.g2_bytes + (num_public + 1) * curve.g1_bytes
    (key,) = split(prepared, key_bytes, "prepared key", 1)
    items = split(proofs, curve.proof_bytes, "proofs")
    split(weights, _WEIGHT_BYTES, "weights", len(items))
    scalars = split(public_inputs, curve.fr.num_bytes, "public inputs", len(items) * num_public)
    return [
        _verdict(groups, key, scalars[i * num_public : (i + 1) * num_public], proof) for i, proof in enumerate(items)
    ]


def _verdict(groups: Groups, key: bytes, inputs: Sequence[bytes], proof: bytes) -> Verdict:
    curve, g1, g2, pairing = groups.curve, groups.g1, groups.g2, pairing_of(groups.curve.name)
    size = curve.g1_bytes
    a, b, c = proof[:size], proof[size:-size], proof[-size:]
    try:
        x = unpack(curve.fr, b"".join(inputs))
        g1.check(a, allow_infinity=False)
        g2.check(b, allow_infinity=False)
        g1.check(c, allow_infinity=False)
    except (NonCanonicalNumber, InvalidPoint):
        return Verdict.MALFORMED
    at = size + 3 * curve.g2_bytes
    (alpha,), ic = g1.unpack(key[:size]), g1.unpack(key[at:])
    beta, gamma, delta = g2.unpack(key[size:at])
    statement = g1.msm([1, *x], ic)
    product = pairing.miller_loop(g1.unpack(a)[0], g2.unpack(b)[0])
    for p, q in ((alpha, beta), (statement, gamma), (g1.unpack(c)[0], delta)):
        product = pairing.mul(product, pairing.miller_loop(g1.msm([curve.fr.modulus - 1], [p]), q))
    return Verdict.TRUE if pairing.final_exponentiation(product) == ONE else Verdict.FALSE
