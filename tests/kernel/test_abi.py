"""The C ABI itself: status codes as the header names them, and outputs that stay untouched when a call fails.

The Python wrapper returns nothing on failure, so only a look at the buffers can tell.
"""

from __future__ import annotations

from typing import Any

import pytest

from zkrelay._native import ffi, lib
from zkrelay.curves import FIELDS
from zkrelay.kernel import requirements

from . import samples
from .curve_samples import BLS12_381, BN254
from .samples import FR

PATTERN = 0xA5
ALL_ONES = b"\xff" * 32
ONE = samples.montgomery(FR, [1])
THREE = samples.scalars([3, 4, 5])
LAST_BAD = THREE[:64] + ALL_ONES
G1, G2 = samples.g1_multiple(1), samples.g2_multiple(1)
FIELD_IDS = {
    "bn254_fr": lib.ZKR_BN254_FR,
    "bn254_fp": lib.ZKR_BN254_FP,
    "bls12_381_fr": lib.ZKR_BLS12_381_FR,
    "bls12_381_fp": lib.ZKR_BLS12_381_FP,
}


def output(size: int) -> Any:
    return ffi.new("uint8_t[]", [PATTERN] * size)


def untouched(buffer: Any) -> bool:
    return set(bytes(ffi.buffer(buffer))) == {PATTERN}


def matrix(columns: list[int], ids: list[int], offsets: list[int]) -> tuple[Any, list[Any]]:
    """A zkr_matrix and what keeps its arrays alive."""
    arrays = [ffi.new("uint64_t[]", offsets), ffi.new("uint32_t[]", columns), ffi.new("uint32_t[]", ids)]
    return ffi.new("zkr_matrix *", [*arrays, len(offsets) - 1, len(columns)]), arrays


def test_the_library_is_the_version_of_its_header() -> None:
    assert lib.zkr_abi_version() == lib.ZKR_ABI_VERSION
    assert set(FIELD_IDS) == set(FIELDS)


def test_kernels_are_named_and_the_choice_survives_a_refusal() -> None:
    count = lib.zkr_kernel_count()
    names = [ffi.string(lib.zkr_kernel_name(i)) for i in range(count)]
    assert b"portable" in names
    assert len(set(names)) == count
    for outside in (-1, count, count + 1000, -(2**31), 2**31 - 1):
        assert lib.zkr_kernel_name(outside) == ffi.NULL
        assert lib.zkr_kernel_supported(outside) == lib.zkr_kernel_emulated(outside) == 0
        assert lib.zkr_kernel_feature(outside, 0) == ffi.NULL
    for i in range(count):
        features = [ffi.string(lib.zkr_kernel_feature(i, k)) for k in range(len(requirements()[names[i].decode()]))]
        assert lib.zkr_kernel_feature(i, len(features)) == ffi.NULL == lib.zkr_kernel_feature(i, -1)
        assert lib.zkr_kernel_feature(i, 2**31 - 1) == ffi.NULL
        emulated = [lib.zkr_kernel_emulated(i) and feature.startswith(b"avx512") for feature in features]
        has = [lib.zkr_cpu_supports(feature) for feature in features]
        assert lib.zkr_kernel_supported(i) == all(one or other for one, other in zip(has, emulated, strict=True))
    assert [lib.zkr_cpu_supports(name) for name in (ffi.NULL, b"", b"adx2", b"portable")] == [0, 0, 0, 0]
    before = ffi.string(lib.zkr_kernel_current())
    assert before in names
    for name in (b"nonsense", b"", b"portabl", b"portable2"):
        assert lib.zkr_kernel_select(name) == lib.ZKR_ERR_KERNEL
        assert ffi.string(lib.zkr_kernel_current()) == before


@pytest.mark.parametrize("name", ["zkr_to_montgomery", "zkr_from_montgomery"])
def test_conversions(name: str) -> None:
    convert, out, bad = getattr(lib, name), output(144), ffi.new("size_t *", 77)
    for field, identifier in FIELD_IDS.items():
        size = FIELDS[field].num_bytes
        last_bad = bytes(2 * size) + b"\xff" * size
        assert convert(identifier, out, last_bad, 3, bad) == lib.ZKR_ERR_NOT_CANONICAL
        assert (bad[0], untouched(out)) == (2, True)
    for field in (-1, len(FIELD_IDS), 2**31 - 1):
        assert convert(field, out, THREE, 3, bad) == lib.ZKR_ERR_FIELD
        assert untouched(out)


def test_inverse() -> None:
    out, bad = output(96), ffi.new("size_t *", 77)
    assert lib.zkr_vec_inverse_vartime(0, out, ONE * 2 + bytes(32), 3, bad) == lib.ZKR_ERR_ZERO
    assert (bad[0], untouched(out)) == (2, True)


def test_ntt() -> None:
    data = output(4 * 32)
    ffi.memmove(data, ONE * 4, 128)
    for field, log_size, shift, threads, status in (
        (lib.ZKR_BN254_FR, lib.ZKR_MAX_LOG_SIZE + 1, ffi.NULL, 1, lib.ZKR_ERR_DOMAIN),
        (lib.ZKR_BN254_FR, 2**32 - 1, ffi.NULL, 1, lib.ZKR_ERR_DOMAIN),
        (lib.ZKR_BN254_FP, 1, ffi.NULL, 1, lib.ZKR_ERR_FIELD),
        (lib.ZKR_BN254_FR, 2, bytes(32), 1, lib.ZKR_ERR_ZERO),
        (lib.ZKR_BN254_FR, 2, ffi.NULL, 0, lib.ZKR_ERR_THREADS),
        (lib.ZKR_BN254_FR, 2, ffi.NULL, lib.ZKR_MAX_THREADS + 1, lib.ZKR_ERR_THREADS),
        (99, 2, ffi.NULL, 1, lib.ZKR_ERR_FIELD),
    ):
        for inverse in (0, 1):
            shift_bytes = shift if shift == ffi.NULL else ffi.from_buffer(shift)
            assert lib.zkr_ntt(field, data, log_size, inverse, shift_bytes, threads) == status
            assert bytes(ffi.buffer(data)) == ONE * 4


@pytest.mark.parametrize("field", [lib.ZKR_BN254_FP, lib.ZKR_BLS12_381_FP, -1, len(FIELD_IDS)])
def test_only_scalar_fields_have_circuits(field: int) -> None:
    out, bad, pointer = output(96), ffi.new("size_t *", 77), ffi.new("void **")
    numbers, m = bytes(4 * 48), matrix([0], [0], [0, 1])
    system, program = (ffi.cast(f"zkr_{kind} **", pointer) for kind in ("system", "program"))
    row, tape = ffi.new("int64_t *", 55), ffi.new("uint32_t[]", [3, 1, 0])
    statuses = [
        lib.zkr_ntt(field, out, 1, 0, ffi.NULL, 1),
        lib.zkr_matrix_apply(field, out, m[0], numbers, 1, numbers, 1),
        lib.zkr_matrix_apply_transposed(field, out, m[0], numbers, 1, numbers, 1),
        lib.zkr_system_new(field, system, m[0], m[0], m[0], numbers, 1, 1),
        lib.zkr_r1cs_first_unsatisfied(field, row, m[0], m[0], m[0], numbers, 1, numbers, 1, bad),
        lib.zkr_program_new(field, program, 2, tape, 3, numbers, 1, 0, 2, bad),
        lib.zkr_program_run_vartime(field, out, 2, tape, 3, numbers, 1, numbers, 0, 2, bad),
        lib.zkr_poseidon(field, out, numbers, 1, 2, 2, 0, numbers, numbers, bad),
        lib.zkr_edwards_mul(field, out, numbers, numbers, numbers, numbers),
        lib.zkr_edwards_double_mul_vartime(field, out, numbers, numbers, numbers, numbers, numbers, numbers),
    ]
    assert statuses == [lib.ZKR_ERR_FIELD] * len(statuses)
    assert (untouched(out), pointer[0], row[0], bad[0]) == (True, ffi.NULL, 55, 77)


def test_matrices() -> None:
    out = output(64)
    for columns, ids, offsets in (
        ([0, 3], [0, 0], [0, 1, 2]),
        ([0, 1], [0, 1], [0, 1, 2]),
        ([0, 1], [0, 0], [0, 2, 1]),
    ):
        bad_matrix, _keep = matrix(columns, ids, offsets)
        assert lib.zkr_matrix_apply(0, out, bad_matrix, ONE, 1, THREE, 3) == lib.ZKR_ERR_LENGTH
        assert lib.zkr_matrix_apply_transposed(0, out, bad_matrix, ONE, 1, THREE[:64], 2) == lib.ZKR_ERR_LENGTH
        assert untouched(out)


def test_first_unsatisfied() -> None:
    row, bad = ffi.new("int64_t *", 55), ffi.new("size_t *", 77)
    m, _keep = matrix([0], [0], [0, 1])
    assert lib.zkr_r1cs_first_unsatisfied(0, row, m, m, m, ONE, 1, LAST_BAD, 3, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert (row[0], bad[0]) == (55, 2)
    broken, _keep_too = matrix([7], [0], [0, 1])
    assert lib.zkr_r1cs_first_unsatisfied(0, row, m, m, broken, ONE, 1, THREE, 3, bad) == lib.ZKR_ERR_LENGTH
    assert row[0] == 55


def test_program() -> None:
    out, bad = output(4 * 32), ffi.new("size_t *", 77)
    good, twice = [2, 2, 1, 1], [2, 2, 1, 1, 2, 3, 1, 1, 2, 2, 1, 1]
    words = ffi.new("uint32_t[]", twice)
    status = lib.zkr_program_run_vartime(0, out, 4, words, len(twice), ONE, 1, THREE, 1, 4, bad)
    assert (status, bad[0], untouched(out)) == (lib.ZKR_ERR_PROGRAM, 8, True)
    words = ffi.new("uint32_t[]", good)
    status = lib.zkr_program_run_vartime(0, out, 3, words, len(good), ONE, 1, ALL_ONES, 1, 3, bad)
    assert (status, bad[0], untouched(out)) == (lib.ZKR_ERR_NOT_CANONICAL, 0, True)


@pytest.mark.parametrize(("group", "point"), [("g1", G1), ("g2", G2)], ids=["g1", "g2"])
def test_groups(group: str, point: bytes) -> None:
    check, msm, fixed_base = (getattr(lib, f"zkr_{group}_{name}_vartime") for name in ("check", "msm", "fixed_base"))
    out, bad = output(3 * len(point)), ffi.new("size_t *", 77)
    assert msm(0, out, LAST_BAD, point * 3, 3, 1, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert (bad[0], untouched(out)) == (2, True)
    bad[0] = 77
    assert fixed_base(0, out, point, LAST_BAD, 3, 2, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert (bad[0], untouched(out)) == (2, True)
    for curve, threads, status in (
        (2, 1, lib.ZKR_ERR_FIELD),
        (-1, 1, lib.ZKR_ERR_FIELD),
        (0, 0, lib.ZKR_ERR_THREADS),
        (0, 257, lib.ZKR_ERR_THREADS),
    ):
        assert msm(curve, out, THREE, point * 3, 3, threads, bad) == status
        assert fixed_base(curve, out, point, THREE, 3, threads, bad) == status
        assert check(curve, point * 3, 3, 0, threads, bad) == status
        assert untouched(out)
    off_curve = point[:-32] + ONE
    for bad_point, status in (
        (bytes(len(point)), lib.ZKR_ERR_INFINITY),
        (off_curve, lib.ZKR_ERR_NOT_ON_CURVE),
        (point[:-32] + ALL_ONES, lib.ZKR_ERR_NOT_CANONICAL),
    ):
        assert check(0, point + bad_point + point, 3, 0, 1, bad) == status
        assert bad[0] == 1


def test_subgroup() -> None:
    bad = ffi.new("size_t *", 77)
    for curve, name in ((lib.ZKR_BN254, BN254), (lib.ZKR_BLS12_381, BLS12_381)):
        outside = name.g2.pack([name.twist_point()])
        status = lib.zkr_g2_check_vartime(curve, name.g2_multiple(1) + outside, 2, 0, 1, bad)
        assert (status, bad[0]) == (lib.ZKR_ERR_NOT_IN_SUBGROUP, 1)
    outside = BLS12_381.g1.pack([BLS12_381.g1_curve_point()])
    status = lib.zkr_g1_check_vartime(lib.ZKR_BLS12_381, BLS12_381.g1_multiple(1) * 3 + outside, 4, 0, 1, bad)
    assert (status, bad[0]) == (lib.ZKR_ERR_NOT_IN_SUBGROUP, 3)


def test_pairing() -> None:
    out, is_one = output(384), ffi.new("int *", 55)
    assert lib.zkr_pairing_vartime(2, out, G1, G2) == lib.ZKR_ERR_FIELD
    assert lib.zkr_pairing_check_vartime(2, is_one, G1, G2, 1) == lib.ZKR_ERR_FIELD
    assert (is_one[0], untouched(out)) == (55, True)


def test_groth16() -> None:
    source = samples.trivial_key()
    key = ffi.new("zkr_groth16_key *")
    key.num_variables, key.num_public, key.log_domain, key.num_coefficients = 1, 0, 0, 0
    keep = []
    for name in ("coefficients", "alpha_g1", "beta_g1", "beta_g2", "delta_g1", "delta_g2"):
        keep.append(ffi.from_buffer(getattr(source, name)))
        setattr(key, name, keep[-1])
    for name in ("a_query", "b_g1_query", "b_g2_query", "l_query", "h_query"):
        keep.append(ffi.from_buffer(getattr(source, name)))
        setattr(key, name, keep[-1])
    out, bad, one = output(256), ffi.new("size_t *", 77), samples.scalars([1])
    prove = lib.zkr_groth16_prove_vartime
    assert prove(2, out, key, one, one, one, 1, bad) == lib.ZKR_ERR_FIELD
    assert prove(0, out, key, one, one, one, 0, bad) == lib.ZKR_ERR_THREADS
    assert prove(0, out, key, ALL_ONES, one, one, 1, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert bad[0] == 0
    assert prove(0, out, key, one, ALL_ONES, one, 1, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert prove(0, out, key, one, one, ALL_ONES, 1, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert prove(0, out, key, samples.scalars([2]), one, one, 1, bad) == lib.ZKR_ERR_LENGTH
    for log_domain in (lib.ZKR_MAX_LOG_SIZE + 1, 28, 2**32 - 1):
        key.log_domain = log_domain
        assert prove(0, out, key, one, one, one, 1, bad) == lib.ZKR_ERR_DOMAIN
    assert untouched(out)
    key.log_domain = 0
    assert prove(0, out, key, one, one, one, 1, bad) == lib.ZKR_OK
    assert not untouched(out)


def test_multiples() -> None:
    out = output(3 * 128)
    for multiples, point in ((lib.zkr_g1_multiples_vartime, G1), (lib.zkr_g2_multiples_vartime, G2)):
        for curve, n, factor, threads, status in (
            (2, 3, 2, 1, lib.ZKR_ERR_FIELD),
            (0, 3, 0, 1, lib.ZKR_ERR_LENGTH),
            (0, 3, 1, 1, lib.ZKR_ERR_LENGTH),
            (0, 3, lib.ZKR_MAX_FACTOR + 1, 1, lib.ZKR_ERR_LENGTH),
            (0, 3, 2**32 - 1, 1, lib.ZKR_ERR_LENGTH),
            (0, 2**63, 2, 1, lib.ZKR_ERR_LENGTH),
            (0, 2**54, lib.ZKR_MAX_FACTOR, 1, lib.ZKR_ERR_LENGTH),
            (0, 3, 2, 0, lib.ZKR_ERR_THREADS),
        ):
            assert multiples(curve, out, point * 3, n, factor, threads) == status
        assert multiples(0, out, point, 0, 2, 1) == lib.ZKR_OK
    assert untouched(out)
    assert lib.zkr_g1_multiples_vartime(0, out, G1 * 3, 3, 2, 1) == lib.ZKR_OK
    assert not untouched(out)


@pytest.mark.parametrize(("group", "point"), [("g1", G1), ("g2", G2)], ids=["g1", "g2"])
def test_products(group: str, point: bytes) -> None:
    products = getattr(lib, f"zkr_{group}_products_vartime")
    out, bad = output(3 * len(point)), ffi.new("size_t *", 77)
    assert products(0, out, LAST_BAD, point * 3, 3, 1, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert bad[0] == 2
    assert products(2, out, THREE, point * 3, 3, 1, bad) == lib.ZKR_ERR_FIELD
    assert products(0, out, THREE, point * 3, 3, 0, bad) == lib.ZKR_ERR_THREADS
    assert products(0, out, THREE, point * 3, 2**32, 1, bad) == lib.ZKR_ERR_LENGTH
    assert products(0, out, THREE, point, 0, 1, bad) == lib.ZKR_OK
    assert untouched(out)
    assert products(0, out, THREE, point * 3, 3, 1, bad) == lib.ZKR_OK
    assert not untouched(out)


def test_blake2b() -> None:
    state, data = output(64), bytes(256)
    for offset, size, last in ((1, 128, 0), (0, 127, 0), (2**64 - 128, 256, 1)):
        assert lib.zkr_blake2b(state, offset, data, size, last) == lib.ZKR_ERR_LENGTH
    assert untouched(state)
    assert lib.zkr_blake2b(state, 0, data, 0, 0) == lib.ZKR_OK
    assert untouched(state)
    assert lib.zkr_blake2b(state, 0, data, 256, 0) == lib.ZKR_OK
    assert not untouched(state)


def test_groth16_verify() -> None:
    size = ffi.new("size_t *", 77)
    for curve, num_public in ((-1, 1), (99, 1), (0, 2**32 - 1), (0, 2**28)):
        assert lib.zkr_groth16_prepared_bytes(curve, size, num_public) < 0
    assert size[0] == 77
    assert lib.zkr_groth16_prepared_bytes(0, size, 1) == lib.ZKR_OK
    prepared = output(size[0])
    assert lib.zkr_groth16_prepare_vartime(99, prepared, G1, G2, G2, G2, G1 * 2, 1) == lib.ZKR_ERR_FIELD
    assert untouched(prepared)
    assert lib.zkr_groth16_prepare_vartime(0, prepared, G1, G2, G2, G2, G1 * 2, 1) == lib.ZKR_OK
    verdicts = ffi.new("int32_t[]", [77, 77])
    proof, one = G1 + G2 + G1, samples.scalars([1])
    verify = lib.zkr_groth16_verify_vartime
    none = ffi.NULL
    assert verify(99, verdicts, prepared, 1, one, proof, none, 1, 1) == lib.ZKR_ERR_FIELD
    for threads in (0, -1, 257):
        assert verify(0, verdicts, prepared, 1, one, proof, none, 1, threads) == lib.ZKR_ERR_THREADS
    assert verify(0, verdicts, prepared, 1, one * 2, proof * 2, none, 2, 1) == lib.ZKR_ERR_LENGTH
    assert verify(0, verdicts, prepared, 1, one, proof, bytes(16), 2**63, 1) == lib.ZKR_ERR_LENGTH
    assert verify(0, verdicts, prepared, 2**32 - 1, one, proof, none, 1, 1) == lib.ZKR_ERR_LENGTH
    assert list(verdicts) == [77, 77]
    assert verify(0, verdicts, prepared, 1, one, proof, none, 1, 1) == lib.ZKR_OK
    assert list(verdicts) == [lib.ZKR_ERR_EQUATION, 77]
    broken = [
        (G1 + G2 + bytes(64), lib.ZKR_ERR_INFINITY),
        (G1 + G2 + G1[:32] + ALL_ONES, lib.ZKR_ERR_NOT_CANONICAL),
        (G1 + BN254.g2.pack([BN254.twist_point()]) + G1, lib.ZKR_ERR_NOT_IN_SUBGROUP),
        (G1 + G2[64:] + G2[:64] + G1, lib.ZKR_ERR_NOT_ON_CURVE),
    ]
    for bad, verdict in broken:
        assert verify(0, verdicts, prepared, 1, one, bad, none, 1, 1) == lib.ZKR_OK
        assert list(verdicts) == [verdict, 77]
        assert verify(0, verdicts, prepared, 1, one * 2, proof + bad, bytes(32), 2, 1) == lib.ZKR_OK
        assert list(verdicts) == [lib.ZKR_ERR_EQUATION, verdict]
        verdicts[1] = 77
    assert verify(0, verdicts, prepared, 1, ALL_ONES, proof, none, 1, 1) == lib.ZKR_OK
    assert verdicts[0] == lib.ZKR_ERR_NOT_CANONICAL


def test_poseidon() -> None:
    out, bad = output(96), ffi.new("size_t *", 77)
    assert lib.zkr_poseidon(0, out, LAST_BAD, 3, 2, 2, 0, ONE * 4, ONE * 4, bad) == lib.ZKR_ERR_NOT_CANONICAL
    assert (bad[0], untouched(out)) == (2, True)
    for width, full, partial in ((1, 2, 0), (18, 2, 0), (2, 3, 0), (2, -2, 0), (2, 2, -1)):
        status = lib.zkr_poseidon(0, out, THREE, 1, width, full, partial, ONE * 40, ONE * 4, bad)
        assert (status, untouched(out)) == (lib.ZKR_ERR_LENGTH, True)


def test_edwards() -> None:
    out = output(64)
    off_curve, not_canonical = samples.scalars([5, 5]), ALL_ONES + samples.scalars([1])
    good, a, d = samples.scalars([0, 1]), samples.scalars([168700]), samples.scalars([168696])
    for point, status in ((off_curve, lib.ZKR_ERR_NOT_ON_CURVE), (not_canonical, lib.ZKR_ERR_NOT_CANONICAL)):
        assert lib.zkr_edwards_mul(0, out, ONE, point, a, d) == status
        assert lib.zkr_edwards_double_mul_vartime(0, out, ONE, point, ONE, good, a, d) == status
        assert lib.zkr_edwards_double_mul_vartime(0, out, ONE, good, ONE, point, a, d) == status
        assert untouched(out)
