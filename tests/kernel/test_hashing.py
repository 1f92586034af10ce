"""Poseidon and twisted Edwards multiplication of every kernel; known vectors of Poseidon are in tests/algebra."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.curves.embedded import BABY_JUBJUB, EdwardsCurve
from zkrelay.errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.kernel import Kernel

from . import samples

fields = pytest.mark.parametrize("field", samples.SCALAR_FIELDS, ids=samples.SCALAR_FIELD_NAMES)


# --- Poseidon


def constants(field: PrimeField, width: int, rounds: int) -> tuple[bytes, bytes]:
    round_constants = samples.packed(field, rounds * width, "constants", width)
    return round_constants, samples.packed(field, width * width, "mds", width)


@fields
@pytest.mark.parametrize("width", range(2, 18))
def test_c_kernels_agree_with_the_reference_at_every_width(
    native_kernel: Kernel, reference: Kernel, field: PrimeField, width: int
) -> None:
    for full, partial, messages in ((8, 57, 1), (2, 1, 9), (4, 0, 3), (8, 60, 2)):
        inputs = samples.packed(field, messages * (width - 1), full, partial)
        arguments = (field.name, inputs, width, full, partial, *constants(field, width, full + partial))
        assert native_kernel.poseidon(*arguments) == reference.poseidon(*arguments)


@fields
def test_small_permutations_written_out(kernel: Kernel, field: PrimeField) -> None:
    p = field.modulus
    x, c, m = samples.vector(field, 1)[0], list(range(11, 17)), [2, 3, 5, 7]

    def mix(a: int, b: int) -> tuple[int, int]:
        return (m[0] * a + m[1] * b) % p, (m[2] * a + m[3] * b) % p

    a, b = mix(pow(c[0], 5, p), pow(x + c[1], 5, p))
    a, b = mix(pow(a + c[2], 5, p), b + c[3])
    a, b = mix(pow(a + c[4], 5, p), pow(b + c[5], 5, p))
    result = kernel.poseidon(
        field.name, pack_field(field, [x]), 2, 2, 1, samples.montgomery(field, c), samples.montgomery(field, m)
    )
    assert unpack_field(field, result) == [a]


@fields
def test_messages_are_hashed_one_by_one(kernel: Kernel, field: PrimeField) -> None:
    shape = (3, 8, 5, *constants(field, 3, 13))
    inputs = samples.packed(field, 2 * 5)
    alone = [kernel.poseidon(field.name, inputs[i : i + 64], *shape) for i in range(0, len(inputs), 64)]
    assert kernel.poseidon(field.name, inputs, *shape) == b"".join(alone)
    assert kernel.poseidon(field.name, b"", *shape) == b""
    assert len(set(alone)) == 5


BAD_POSEIDON = {
    "width 1": (1, 8, 5, 0, 13, 1),
    "width 0": (0, 8, 5, 0, 0, 0),
    "width 18": (18, 8, 5, 17, 18 * 13, 18 * 18),
    "width is negative": (-3, 8, 5, 2, 39, 9),
    "odd full rounds": (3, 7, 5, 2, 36, 9),
    "negative full rounds": (3, -2, 5, 2, 9, 9),
    "negative partial rounds": (3, 8, -1, 2, 21, 9),
    "half a message": (3, 8, 5, 3, 39, 9),
    "a constant short": (3, 8, 5, 2, 38, 9),
    "a constant too many": (3, 8, 5, 2, 40, 9),
    "a matrix entry short": (3, 8, 5, 2, 39, 8),
    "a matrix entry too many": (3, 8, 5, 2, 39, 10),
}


@pytest.mark.parametrize("shape", BAD_POSEIDON.values(), ids=BAD_POSEIDON)
def test_malformed_poseidon_calls_are_refused(kernel: Kernel, shape: tuple[int, ...]) -> None:
    width, full, partial, num_inputs, num_constants, num_entries = shape
    with pytest.raises(MalformedInput):
        kernel.poseidon(
            "bn254_fr", bytes(32 * num_inputs), width, full, partial, bytes(32 * num_constants), bytes(32 * num_entries)
        )


@fields
def test_poseidon_inputs_must_be_canonical(kernel: Kernel, field: PrimeField) -> None:
    inputs = samples.packed(field, 5) + field.modulus.to_bytes(32, "little")
    with pytest.raises(NonCanonicalNumber, match=r"\b5\b"):
        kernel.poseidon(field.name, inputs, 3, 8, 5, *constants(field, 3, 13))


# --- twisted Edwards curves


def _jubjub() -> EdwardsCurve:
    """Jubjub of the Zcash protocol, -x² + y² = 1 - (10240/10241)·x²·y² over BLS12-381's scalar field.

    The generator is any point, cleared of the cofactor 8: y counted up from 2.
    """
    field = FIELDS["bls12_381_fr"]
    p = field.modulus
    curve = EdwardsCurve(
        name="jubjub",
        field=field,
        a=p - 1,
        d=-10240 * pow(10241, -1, p) % p,
        order=0x0E7DB4EA6533AFA906673B0101343B00A6682093CCC81082D0970E5ED6F72CB7,
        cofactor=8,
        generator=(0, 1),
    )
    for y in range(2, 100):
        square = (1 - y * y) * pow(curve.a - curve.d * y * y, -1, p) % p
        if pow(square, (p - 1) // 2, p) == 1:
            x = square_root(square, field)
            return EdwardsCurve(**{**vars(curve), "generator": curve.mul_vartime(8, (x, y))})
    raise AssertionError("half of all y have an x")


def square_root(a: int, field: PrimeField) -> int:
    """Tonelli-Shanks."""
    p, s = field.modulus, field.two_adicity
    odd = (p - 1) >> s
    root, t, c = pow(a, (odd + 1) // 2, p), pow(a, odd, p), field.root_of_unity
    while t != 1:
        i, power = 0, t
        while power != 1:
            power, i = power * power % p, i + 1
        b = pow(c, 1 << (s - i - 1), p)
        root, c, s = root * b % p, b * b % p, i
        t = t * c % p
    assert root * root % p == a
    return root


JUBJUB = _jubjub()
CURVES = [BABY_JUBJUB, JUBJUB]
curves = pytest.mark.parametrize("curve", CURVES, ids=[curve.name for curve in CURVES])


def parameters(curve: EdwardsCurve) -> tuple[bytes, bytes]:
    return pack_field(curve.field, [curve.a]), pack_field(curve.field, [curve.d])


def multiply(kernel: Kernel, curve: EdwardsCurve, scalar: int, point: tuple[int, int]) -> tuple[int, ...]:
    packed = pack_field(curve.field, point)
    data = kernel.edwards_mul(curve.field.name, scalar.to_bytes(32, "little"), packed, *parameters(curve))
    return tuple(unpack_field(curve.field, data))


def torsion_points(curve: EdwardsCurve) -> list[tuple[int, int]]:
    """(0, 1), (0, -1), (±1/√a, 0): the points of order 1, 2 and 4 with a zero coordinate; a is a square."""
    p = curve.field.modulus
    x = pow(square_root(curve.a, curve.field), -1, p)
    return [(0, 1), (0, p - 1), (x, 0), (p - x, 0)]


def edge_scalars(curve: EdwardsCurve) -> list[int]:
    n, p = curve.order, curve.field.modulus
    around_orders = [n - 1, n, n + 1, 8 * n - 1, 8 * n, p - 1, p, p + 1]
    return [0, 1, 2, 3, 7, 8, *around_orders, 2**128, 2**252 - 1, 2**255, 2**256 - 1]


@curves
def test_edwards_multiples_of_edge_scalars(kernel: Kernel, curve: EdwardsCurve) -> None:
    g = curve.generator
    assert curve.is_on_curve(g)
    for scalar in edge_scalars(curve):
        assert multiply(kernel, curve, scalar, g) == curve.mul_vartime(scalar, g), scalar
    assert multiply(kernel, curve, curve.order, g) == (0, 1)
    assert multiply(kernel, curve, curve.order - 1, g) == (-g[0] % curve.field.modulus, g[1])


@curves
def test_edwards_formulas_are_complete_on_points_of_small_order(kernel: Kernel, curve: EdwardsCurve) -> None:
    for point in torsion_points(curve):
        assert curve.is_on_curve(point)
        mixed = curve.add_vartime(point, curve.generator)
        for scalar in (0, 1, 2, 3, 4, 5, 8, 2**256 - 1, curve.order):
            assert multiply(kernel, curve, scalar, point) == curve.mul_vartime(scalar, point)
            assert multiply(kernel, curve, scalar, mixed) == curve.mul_vartime(scalar, mixed)


@given(scalar=st.integers(0, 2**256 - 1), log=st.integers(0, 2**252), curve=st.sampled_from(CURVES))
def test_edwards_multiples(kernel: Kernel, scalar: int, log: int, curve: EdwardsCurve) -> None:
    point = curve.mul_vartime(log, curve.generator)
    assert multiply(kernel, curve, scalar, point) == curve.mul_vartime(scalar * log % curve.order, curve.generator)


@curves
def test_edwards_double_multiples(kernel: Kernel, curve: EdwardsCurve) -> None:
    g, p = curve.generator, curve.field.modulus
    generator = samples.rng("double", curve.name)
    other = curve.mul_vartime(generator.randrange(curve.order), g)
    points = [(g, other), (g, g), (g, (-g[0] % p, g[1])), ((0, 1), g), (g, (0, p - 1)), torsion_points(curve)[2:]]
    large = curve.order - 1, 2**256 - 1, generator.randrange(2**256)
    numbers = [(0, 0), (0, large[2]), (large[2], 0), (1, 1), (5, 5), *permutations(large, 2)]
    for (left, right), (s, k) in product(points, numbers):
        data = kernel.edwards_double_mul_vartime(
            curve.field.name,
            s.to_bytes(32, "little"),
            pack_field(curve.field, left),
            k.to_bytes(32, "little"),
            pack_field(curve.field, right),
            *parameters(curve),
        )
        expected = curve.add_vartime(curve.mul_vartime(s, left), curve.mul_vartime(k, right))
        assert tuple(unpack_field(curve.field, data)) == expected


SEVEN = (7).to_bytes(32, "little")


def edwards_arguments(curve: EdwardsCurve) -> dict[str, bytes]:
    a, d = parameters(curve)
    return {"scalar": SEVEN, "point": pack_field(curve.field, curve.generator), "a": a, "d": d}


def edwards_refusals() -> dict[str, tuple[str, bytes, type[Exception]]]:
    field, (x, y) = BABY_JUBJUB.field, BABY_JUBJUB.generator
    p = field.modulus
    good = edwards_arguments(BABY_JUBJUB)
    cases: dict[str, tuple[str, bytes, type[Exception]]] = {
        "x changed": ("point", pack_field(field, [x + 1, y]), InvalidPoint),
        "y changed": ("point", pack_field(field, [x, y + 1]), InvalidPoint),
        "x and y swapped": ("point", pack_field(field, [y, x]), InvalidPoint),
        "all zero is not the identity": ("point", bytes(64), InvalidPoint),
        "x not canonical": ("point", p.to_bytes(32, "little") + pack_field(field, [1]), NonCanonicalNumber),
        "y not canonical": ("point", bytes(32) + (p + 1).to_bytes(32, "little"), NonCanonicalNumber),
        "a not canonical": ("a", (BABY_JUBJUB.a + p).to_bytes(32, "little"), NonCanonicalNumber),
        "d not canonical": ("d", (BABY_JUBJUB.d + p).to_bytes(32, "little"), NonCanonicalNumber),
    }
    for name, value in good.items():
        cases[f"{name} short"] = (name, value[:-1], MalformedInput)
        cases[f"{name} long"] = (name, value + b"\0", MalformedInput)
        cases[f"{name} empty"] = (name, b"", MalformedInput)
    return cases


REFUSALS = edwards_refusals()


@pytest.mark.parametrize(("name", "value", "error"), REFUSALS.values(), ids=REFUSALS)
def test_malformed_edwards_calls_are_refused(kernel: Kernel, name: str, value: bytes, error: type[Exception]) -> None:
    good = edwards_arguments(BABY_JUBJUB)
    bad = {**good, name: value}
    with pytest.raises(error) as refusal:
        kernel.edwards_mul("bn254_fr", bad["scalar"], bad["point"], bad["a"], bad["d"])
    assert refusal.type is error
    for p, q in ((bad, good), (good, bad)):
        with pytest.raises(error) as refusal:
            kernel.edwards_double_mul_vartime(
                "bn254_fr", p["scalar"], p["point"], q["scalar"], q["point"], bad["a"], bad["d"]
            )
        assert refusal.type is error
