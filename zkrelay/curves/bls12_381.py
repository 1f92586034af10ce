"""BLS12-381: y^2 = x^3 + 4 over Fp of 381 bits, r of 255 bits, optimal ate pairing.

Essentials are the seed x and b; the rest is derived and asserted ([BLS12-381]).

* r = x^4 - x^2 + 1, p = (x-1)^2 * r / 3 + x, x = -0xd201000000010000.
* Tower: Fp2 = Fp[u]/(u^2+1), Fp6 = Fp2[v]/(v^3 - (1+u)), Fp12 = Fp6[w]/(w^2 - v).
* G1: cofactor (x-1)^2/3.  G2 on the M-type twist y^2 = x^3 + 4*(1+u), cofactor of 507 bits.  Both need a check.
* Encodings: (c0, c1) with c0 the real part everywhere in zkrelay.
* Security of discrete logarithms in Fp12 is close to 128 bits ([Gui20]).
"""

from __future__ import annotations

from .fields import PrimeField
from .pairing_curve import PairingCurve

SEED = -0xD201000000010000
_X = SEED

FR = PrimeField("bls12_381_fr", _X**4 - _X**2 + 1)
FP = PrimeField("bls12_381_fp", (_X - 1) ** 2 * FR.modulus // 3 + _X)

CURVE = PairingCurve(
    name="bls12_381",
    seed=SEED,
    fp=FP,
    fr=FR,
    b=4,
    xi=(1, 1),
    is_m_type=True,
    trace=_X + 1,
    miller_loop=_X,
    g1_cofactor=(_X - 1) ** 2 // 3,
    g2_cofactor=(_X**8 - 4 * _X**7 + 5 * _X**6 - 4 * _X**4 + 6 * _X**3 - 4 * _X**2 - 4 * _X + 13) // 9,
    g1_generator=(
        0x17F1D3A73197D7942695638C4FA9AC0FC3688C4F9774B905A14E3A3F171BAC586C55E83FF97A1AEFFB3AF00ADB22C6BB,
        0x08B3F481E3AAA0F1A09E30ED741D8AE4FCF5E095D5D00AF600DB18CB2C04B3EDD03CC744A2888AE40CAA232946C5E7E1,
    ),
    g2_generator=(
        (
            0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
            0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E,
        ),
        (
            0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
            0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE,
        ),
    ),
)

assert FR.modulus == 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
assert FP.modulus == int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)
