"""Multiples of points, and provers that use them: the same proof bytes for every factor, under every kernel."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.kernel import MAX_FACTOR, Groth16Tables, Kernel, available, get
from zkrelay.kernel.native_border import lib

from . import samples
from .curve_samples import BLS12_381, BN254, CurveSamples
from .test_groth16_prove import CURVE, Instance, R, instance
from .test_prepared import blinds

curves = pytest.mark.parametrize("curve", [BN254, BLS12_381], ids=str)
QUERIES = {"a": 64, "b_g1": 64, "b_g2": 128, "l": 64, "h": 64}
SPLIT_BITS = {"bn254": 128, "bls12_381": 129}


def tables(kernel: Kernel, case: Instance, factor: int) -> Groth16Tables:
    made = {}
    for query, size in QUERIES.items():
        data = bytes(getattr(case.key, f"{query}_query"))
        finite = b"".join(p for p in (data[i : i + size] for i in range(0, len(data), size)) if any(p))
        multiples = kernel.g2_multiples if query == "b_g2" else kernel.g1_multiples
        made[f"{query}_multiples"] = multiples(CURVE, finite, factor)
    return Groth16Tables(factor, **made)


def test_the_limit_is_the_header_s() -> None:
    assert lib.ZKR_MAX_FACTOR == MAX_FACTOR


@curves
@pytest.mark.parametrize("factor", [2, 3, MAX_FACTOR])
def test_multiples_are_powers_of_two(kernel: Kernel, curve: CurveSamples, factor: int) -> None:
    stride = -(-SPLIT_BITS[curve.curve.name] // factor)
    logs = [0, R - 1]
    for name in ("g1", "g2"):
        multiple = getattr(curve, f"{name}_multiple")
        points = b"".join(bytes(multiple(log)) for log in logs)
        expected = b"".join(multiple(log << stride * j) for log in logs for j in range(1, factor))
        for threads in (1, 3):
            assert getattr(kernel, f"{name}_multiples")(curve.curve.name, points, factor, threads=threads) == expected
        assert getattr(kernel, f"{name}_multiples")(curve.curve.name, b"", factor) == b""


def test_more_points_than_a_block(native_kernel: Kernel) -> None:
    points = b"".join(BN254.g1_multiples(5)) * 107
    one_by_one = [native_kernel.g1_multiples(CURVE, points[i : i + 64], 3) for i in range(0, 5 * 64, 64)]
    assert native_kernel.g1_multiples(CURVE, points, 3, threads=3) == b"".join(one_by_one) * 107


@pytest.mark.parametrize("factor", [1, 0, -1, MAX_FACTOR + 1, 2**32 + 2, True, 2.0, "2"])
def test_factors_outside_the_limits_are_refused(kernel: Kernel, factor: Any) -> None:
    point = bytes(BN254.g1_multiple(1))
    with pytest.raises(MalformedInput):
        kernel.g1_multiples(CURVE, point, factor)
    with pytest.raises(MalformedInput):
        kernel.prover(CURVE, GOOD.key, dataclasses.replace(GOOD_TABLES, factor=factor))


def test_half_a_point_is_refused(kernel: Kernel) -> None:
    for multiples, size in ((kernel.g1_multiples, 64), (kernel.g2_multiples, 128)):
        with pytest.raises(MalformedInput):
            multiples(CURVE, bytes(size - 1), 2)
        with pytest.raises(MalformedInput):
            multiples(CURVE, bytes(size), 2, threads=0)


@pytest.mark.parametrize("shape", [(0, 1, 0), (0, 2, 1), (2, 5, 1), (5, 40, 2)], ids=str)
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_a_proof_does_not_depend_on_tables(kernel: Kernel, shape: tuple[int, int, int], factor: int) -> None:
    if kernel.name == "reference" and shape[0] > 2:
        return  # seconds in Python integers; the smaller ones say the same
    case = instance(*shape)
    prover = kernel.prover(CURVE, case.key, tables(get(available()[0]), case, factor))
    for r, s in ((0, 0), (R - 1, 5)):
        assert prover.prove(samples.scalars(case.z), *blinds(r, s), threads=2) == case.expected(r, s)
    prover.close()


@pytest.mark.parametrize("factor", [2, 7, MAX_FACTOR, *(pytest.param(n, marks=pytest.mark.long) for n in (4, 13))])
def test_a_large_proof_does_not_depend_on_tables(native_kernel: Kernel, factor: int) -> None:
    case = instance(11, 1500, 5)
    prover = native_kernel.prover(CURVE, case.key, tables(native_kernel, case, factor))
    assert prover.num_bytes > 0
    for threads in (1, 2, 5):
        made = prover.prove(samples.scalars(case.z), *blinds(12345, 67890), threads=threads)
        assert made == case.expected(12345, 67890), threads
    prover.close()


@pytest.mark.parametrize("value", [0, 1, R - 1, 2**127, 2**128, 2**253, 0x5555 << 200])
def test_assignments_of_one_value(native_kernel: Kernel, value: int) -> None:
    """Everything in one bucket; no scalar but the constant's; digits at the edges of the pieces."""
    case = instance(5, 40, 2)
    plain = native_kernel.prover(CURVE, case.key)
    z = samples.scalars([1, *[value] * 39])
    for factor in (2, 6):
        prover = native_kernel.prover(CURVE, case.key, tables(native_kernel, case, factor))
        assert prover.prove(z, *blinds(1, R - 1)) == plain.prove(z, *blinds(1, R - 1))


GOOD = instance(2, 5, 1)
GOOD_TABLES = Groth16Tables(2, *[bytes(size) for size in QUERIES.values()])


@pytest.fixture(scope="module")
def good(reference: Kernel) -> Groth16Tables:
    return tables(reference, GOOD, 3)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("change", ["empty", "a point short", "a point too many", "a byte short", "twice"])
def test_tables_of_another_size_are_refused(kernel: Kernel, good: Groth16Tables, query: str, change: str) -> None:
    name, size = f"{query}_multiples", QUERIES[query]
    data = bytes(getattr(good, name))
    changed = {
        "empty": b"",
        "a point short": data[:-size],
        "a point too many": data + data[:size],
        "a byte short": data[:-1],
        "twice": data * 2,
    }[change]
    with pytest.raises(MalformedInput):
        kernel.prover(CURVE, GOOD.key, dataclasses.replace(good, **{name: changed}))


@pytest.mark.parametrize("factor", [2, 4, 5, MAX_FACTOR])
def test_another_factor_is_refused(kernel: Kernel, good: Groth16Tables, factor: int) -> None:
    with pytest.raises(MalformedInput):
        kernel.prover(CURVE, GOOD.key, dataclasses.replace(good, factor=factor))


@pytest.mark.parametrize("query", QUERIES)
def test_numbers_that_are_not_canonical_are_refused(kernel: Kernel, good: Groth16Tables, query: str) -> None:
    data = bytearray(getattr(good, f"{query}_multiples"))
    for at in (0, len(data) - 32):
        for value in (samples.FP.modulus, 2**256 - 1):
            changed = bytes(data[:at]) + value.to_bytes(32, "little") + bytes(data[at + 32 :])
            with pytest.raises(NonCanonicalNumber):
                kernel.prover(CURVE, GOOD.key, dataclasses.replace(good, **{f"{query}_multiples": changed}))


@pytest.mark.parametrize("query", QUERIES)
def test_wrong_points_give_wrong_proofs_and_nothing_worse(native_kernel: Kernel, query: str) -> None:
    """Off the curve, infinity, the points in another order; all sizes are right and all numbers canonical."""
    case = instance(7, 100, 3)
    right, name, size = tables(native_kernel, case, 4), f"{query}_multiples", QUERIES[query]
    data = bytes(getattr(right, name))
    generator = samples.rng("wrong points", query)
    z, expected = samples.scalars(case.z), case.expected(3, 4)
    noise = b"".join(samples.scalars([generator.randrange(R)]) for _ in range(len(data) // 32))
    for wrong in (noise, bytes(len(data)), data[size:] + data[:size], data[:size] * (len(data) // size)):
        prover = native_kernel.prover(CURVE, case.key, dataclasses.replace(right, **{name: wrong}))
        made = prover.prove(z, *blinds(3, 4), threads=2)
        assert len(made) == len(expected) and made != expected
        prover.close()
