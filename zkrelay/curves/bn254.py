"""BN254 (alias bn128, alt_bn128, bn256): y^2 = x^3 + 3 over Fp, r prime, optimal ate pairing.

Essentials are the seed x and b; the rest is derived and asserted ([BN05], EIP-196, EIP-197).

* p = 36x^4 + 36x^3 + 24x^2 + 6x + 1, r = 36x^4 + 36x^3 + 18x^2 + 6x + 1, x = 4965661367192848881.
* Tower: Fp2 = Fp[u]/(u^2+1), Fp6 = Fp2[v]/(v^3 - (9+u)), Fp12 = Fp6[w]/(w^2 - v).
* G1: (1, 2), cofactor 1.  G2 on the D-type twist y^2 = x^3 + 3/(9+u), cofactor 2p - r: needs a subgroup check.
* Encodings: (c0, c1) with c0 the real part everywhere in zkrelay; EIP-197 puts c1 first, only ``formats`` does that.
* Security of discrete logarithms in Fp12 is about 100 bits after the special number field sieve ([KB16]).
"""

from __future__ import annotations

from .fields import PrimeField
from .pairing_curve import PairingCurve

SEED = 4965661367192848881
_X = SEED

FP = PrimeField("bn254_fp", 36 * _X**4 + 36 * _X**3 + 24 * _X**2 + 6 * _X + 1)
FR = PrimeField("bn254_fr", 36 * _X**4 + 36 * _X**3 + 18 * _X**2 + 6 * _X + 1)

CURVE = PairingCurve(
    name="bn254",
    seed=SEED,
    fp=FP,
    fr=FR,
    b=3,
    xi=(9, 1),
    is_m_type=False,
    trace=6 * _X**2 + 1,
    miller_loop=6 * _X + 2,
    g1_cofactor=1,
    g2_cofactor=2 * FP.modulus - FR.modulus,
    g1_generator=(1, 2),
    g2_generator=(
        (
            10857046999023057135944570762232829481370756359578518086990519993285655852781,
            11559732032986387107991004021392285783925812861821192530917403151452391805634,
        ),
        (
            8495653923123431417604973247489272438418190587263600148770280649306958101930,
            4082367875863433681332203403145435568316851327593401208105741076214120093531,
        ),
    ),
)

B = CURVE.b
TWIST_XI = CURVE.xi
TWIST_B = CURVE.twist_b
ATE_LOOP_COUNT = CURVE.miller_loop
G1_COFACTOR = CURVE.g1_cofactor
G2_COFACTOR = CURVE.g2_cofactor
G1_GENERATOR = CURVE.g1_generator
G2_GENERATOR = CURVE.g2_generator

assert FP.modulus == 21888242871839275222246405745257275088696311157297823662689037894645226208583
assert FR.modulus == 21888242871839275222246405745257275088548364400416034343698204186575808495617
