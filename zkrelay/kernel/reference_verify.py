"""The Groth16 verifier over Python integers ([Gro16] section 3.2), for the reference kernel.

e(A, B) · e(-S, γ) · e(-C, δ) · e(-α, β) = 1 with S = IC_0 + Σ x_j·IC_j, proof by proof: what the combination of many
with random weights, which the C kernels compute, must agree with.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import bn254
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from . import reference_pairing
from .interface import Buffer, Verdict
from .reference_buffers import split, unpack_scalars
from .reference_groups import G1, G2, Group

_G1_BYTES, _G2_BYTES = 64, 128
_PROOF_BYTES = 2 * _G1_BYTES + _G2_BYTES
_WEIGHT_BYTES = 16
_SCALAR_BYTES = 32


def prepare(alpha_g1: Buffer, beta_g2: Buffer, gamma_g2: Buffer, delta_g2: Buffer, gamma_abc_g1: Buffer) -> bytes:
    """The key's points one after another: here nothing is computed ahead.

    Raises:
        MalformedInput, NonCanonicalNumber: a part is not one point (gamma_abc_g1: one or more).
    """
    ic = G1.unpack(gamma_abc_g1, "gamma_abc_g1")
    if not ic:
        raise MalformedInput("gamma_abc_g1: no point")
    g2 = [G2.unpack(point, "key", 1) for point in (beta_g2, gamma_g2, delta_g2)]
    return G1.pack(G1.unpack(alpha_g1, "alpha_g1", 1)) + b"".join(map(G2.pack, g2)) + G1.pack(ic)


def verify(prepared: Buffer, num_public: int, public_inputs: Buffer, proofs: Buffer, weights: Buffer) -> list[Verdict]:
    """One verdict for each proof; the weights are looked at for their number only.

    Raises:
        MalformedInput: a length does not fit the others.
    """
    if not 0 <= num_public < 1 << 32:
        raise MalformedInput(f"{num_public} public inputs")
    key_bytes = _G1_BYTES + 3 * _G2_BYTES + (num_public + 1) * _G1_BYTES
    (key,) = split(prepared, key_bytes, "prepared key", 1)
    items = split(proofs, _PROOF_BYTES, "proofs")
    split(weights, _WEIGHT_BYTES, "weights", len(items))
    scalars = split(public_inputs, _SCALAR_BYTES, "public inputs", len(items) * num_public)
    return [_verdict(key, scalars[i * num_public : (i + 1) * num_public], proof) for i, proof in enumerate(items)]


def _verdict(key: bytes, inputs: Sequence[bytes], proof: bytes) -> Verdict:
    a, b, c = proof[:_G1_BYTES], proof[_G1_BYTES:-_G1_BYTES], proof[-_G1_BYTES:]
    groups: tuple[tuple[Group[int] | Group[tuple[int, int]], bytes], ...] = ((G1, a), (G2, b), (G1, c))
    try:
        x = unpack_scalars(b"".join(inputs))
        for group, point in groups:
            group.check(point, allow_infinity=False)
    except (NonCanonicalNumber, InvalidPoint):
        return Verdict.MALFORMED
    at = _G1_BYTES + 3 * _G2_BYTES
    (alpha,), ic = G1.unpack(key[:_G1_BYTES]), G1.unpack(key[at:])
    beta, gamma, delta = G2.unpack(key[_G1_BYTES:at])
    minus_one = bn254.FR.modulus - 1
    statement = G1.msm([1, *x], ic)
    product = reference_pairing.miller_loop(G1.unpack(a)[0], G2.unpack(b)[0])
    for p, q in ((alpha, beta), (statement, gamma), (G1.unpack(c)[0], delta)):
        product = reference_pairing.mul(product, reference_pairing.miller_loop(G1.msm([minus_one], [p]), q))
    holds = reference_pairing.final_exponentiation(product) == reference_pairing.ONE
    return Verdict.TRUE if holds else Verdict.FALSE
