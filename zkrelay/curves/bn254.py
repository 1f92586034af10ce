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

SEED = 4965661367192848881
_X = SEED

FP = PrimeField("bn254_fp", 36 * _X**4 + 36 * _X**3 + 24 * _X**2 + 6 * _X + 1)
FR = PrimeField("bn254_fr", 36 * _X**4 + 36 * _X**3 + 18 * _X**2 + 6 * _X + 1)

B = 3
TWIST_XI = (9, 1)
ATE_LOOP_COUNT = 6 * _X + 2
G1_COFACTOR = 1
G2_COFACTOR = 2 * FP.modulus - FR.modulus

G1_GENERATOR = (1, 2)
G2_GENERATOR = (
    (
        10857046999023057135944570762232829481370756359578518086990519993285655852781,
        11559732032986387107991004021392285783925812861821192530917403151452391805634,
    ),
    (
        8495653923123431417604973247489272438418190587263600148770280649306958101930,
        4082367875863433681332203403145435568316851327593401208105741076214120093531,
    ),
)


def _fp2_mul(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    p = FP.modulus
    return (a[0] * b[0] - a[1] * b[1]) % p, (a[0] * b[1] + a[1] * b[0]) % p


def _twist_b() -> tuple[int, int]:
    p = FP.modulus
    norm = pow(TWIST_XI[0] ** 2 + TWIST_XI[1] ** 2, -1, p)
    return B * TWIST_XI[0] * norm % p, -B * TWIST_XI[1] * norm % p


TWIST_B = _twist_b()

assert FP.modulus == 21888242871839275222246405745257275088696311157297823662689037894645226208583
assert FR.modulus == 21888242871839275222246405745257275088548364400416034343698204186575808495617
assert (G1_GENERATOR[1] ** 2 - G1_GENERATOR[0] ** 3 - B) % FP.modulus == 0
_x3 = _fp2_mul(_fp2_mul(G2_GENERATOR[0], G2_GENERATOR[0]), G2_GENERATOR[0])
_y2 = _fp2_mul(G2_GENERATOR[1], G2_GENERATOR[1])
assert all((_y2[i] - _x3[i] - TWIST_B[i]) % FP.modulus == 0 for i in range(2))
