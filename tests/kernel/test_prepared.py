"""What kernels prepare: the same answers as one call, many times, from many threads, and nothing after ``close``."""

from __future__ import annotations

import dataclasses
import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from zkrelay.curves import PrimeField
from zkrelay.errors import Closed, KernelError, MalformedInput, NonCanonicalNumber
from zkrelay.kernel import Kernel

from . import samples
from .samples import FR
from .test_groth16_prove import CURVE, R, instance
from .test_programs import TABLE_SIZE, random_program

fields = pytest.mark.parametrize("field", samples.SCALAR_FIELDS, ids=samples.SCALAR_FIELD_NAMES)
ONE = samples.montgomery(FR, [1])
ROW = samples.csr([[(0, 0)]])


def blinds(*values: int) -> list[bytes]:
    return [value.to_bytes(32, "little") for value in values]


# --- the prover


@pytest.mark.parametrize("shape", [(0, 1, 0), (2, 5, 1), (5, 40, 2), (7, 100, 3)], ids=str)
def test_one_prover_makes_many_proofs(kernel: Kernel, shape: tuple[int, int, int]) -> None:
    case = instance(*shape)
    prover = kernel.prover(CURVE, case.key)
    for r, s in ((0, 0), (R - 1, 5), (2**200 + 1, 3**150)):
        for threads in (1,) if kernel.name == "reference" else (1, 2, 5):
            assert prover.prove(samples.scalars(case.z), *blinds(r, s), threads=threads) == case.expected(r, s)
    prover.close()


def test_a_prover_serves_many_threads(native_kernel: Kernel) -> None:
    case = instance(5, 40, 2)
    prover = native_kernel.prover(CURVE, case.key)
    z = samples.scalars(case.z)
    pairs = [(r, s) for r in range(4) for s in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda pair: prover.prove(z, *blinds(*pair), threads=1 + sum(pair) % 3), pairs)
        assert list(made) == [case.expected(r, s) for r, s in pairs]


def test_close_waits_for_the_proofs_that_are_being_made(native_kernel: Kernel) -> None:
    case = instance(7, 100, 3)
    prover = native_kernel.prover(CURVE, case.key)
    z, results, started = samples.scalars(case.z), [], threading.Event()

    def work() -> None:
        while True:
            try:
                proof = prover.prove(z, *blinds(1, 2))
            except Closed:
                return
            results.append(proof)
            started.set()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert started.wait(30)
    prover.close()
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()
    assert set(results) == {case.expected(1, 2)}


def test_a_prover_says_what_it_holds(native_kernel: Kernel) -> None:
    small, large = (native_kernel.prover(CURVE, instance(*shape).key).num_bytes for shape in ((2, 5, 1), (7, 100, 3)))
    assert 0 < small < large
    # per row: three table elements, two times three offsets; per record 8 bytes and at most one distinct value
    key = instance(7, 100, 3).key
    assert large < 128 * (3 * 32 + 2 * 3 * 4) + len(key.coefficients) // 44 * (8 + 33) + 2000


def test_proofs_with_zeros_and_ones_and_points_at_infinity(kernel: Kernel) -> None:
    """A witness of bits, and a key with equal, opposite and infinite points."""
    case = instance(3, 9, 3)
    g1, g2 = samples.g1_multiple(1), samples.g2_multiple(1)
    minus = samples.g1_negative(g1)
    key = dataclasses.replace(
        case.key,
        a_query=(g1 + minus + bytes(64)) * 3,
        b_g1_query=bytes(9 * 64),
        b_g2_query=bytes(9 * 128),
        l_query=g1 * 5,
        h_query=bytes(64 * 8),
    )
    prover = kernel.prover(CURVE, key)
    for bits in ([0] * 8, [1] * 8, [0, 1] * 4):
        z = [1, *bits]
        proof = prover.prove(samples.scalars(z), *blinds(0, 0))
        alpha, beta = 1, 0
        a = sum(bit * (alpha, -1, beta)[i % 3] for i, bit in enumerate(z))
        expected = kernel.g1_add(CURVE, key.alpha_g1, samples.g1_multiple(a))
        assert proof[:64] == expected
        assert proof[64:192] == key.beta_g2
        assert proof[192:] == samples.g1_multiple(sum(z[4:]))
    assert g2 != bytes(128)


def test_a_malformed_key_is_refused_when_it_is_prepared(kernel: Kernel) -> None:
    key = instance(2, 5, 1).key
    record = bytearray(key.coefficients[:44])
    for at, value, error in ((0, 2, MalformedInput), (4, 4, MalformedInput), (8, 5, MalformedInput)):
        bad = bytearray(record)
        bad[at : at + 4] = value.to_bytes(4, "little")
        with pytest.raises(error):
            kernel.prover(CURVE, dataclasses.replace(key, coefficients=bytes(key.coefficients) + bad))
    with pytest.raises(NonCanonicalNumber):
        kernel.prover(CURVE, dataclasses.replace(key, coefficients=record[:12] + b"\xff" * 32))
    with pytest.raises(MalformedInput):
        kernel.prover(CURVE, dataclasses.replace(key, h_query=key.h_query[:-64]))
    with pytest.raises(MalformedInput):
        kernel.prover(CURVE, dataclasses.replace(key, log_domain=30))


def test_assignments_that_are_refused(kernel: Kernel) -> None:
    case = instance(2, 5, 1)
    prover = kernel.prover(CURVE, case.key)
    z, (zero,) = samples.scalars(case.z), blinds(0)
    for assignment, blind, error in (
        (z[:-32], zero, MalformedInput),
        (samples.scalars([2, *case.z[1:]]), zero, MalformedInput),
        (z[:-32] + b"\xff" * 32, zero, NonCanonicalNumber),
        (z, b"\xff" * 32, NonCanonicalNumber),
        (z, zero[:-1], MalformedInput),
    ):
        with pytest.raises(error):
            prover.prove(assignment, blind, zero)
        with pytest.raises(error):
            prover.prove(assignment, zero, blind) if blind != zero else prover.prove(assignment, zero, zero)
    for threads in (0, 257):
        with pytest.raises(MalformedInput):
            prover.prove(z, zero, zero, threads=threads)
    assert prover.prove(z, zero, zero) == case.expected(0, 0)


# --- systems and programs


@fields
@pytest.mark.parametrize("num_rows", [0, 1, 7, 60])
def test_the_first_violated_row_whatever_the_threads(
    native_kernel: Kernel, reference: Kernel, field: PrimeField, num_rows: int
) -> None:
    table = samples.montgomery(field, [1, field.modulus - 1, *samples.vector(field, 6, "table")])
    matrices = tuple(samples.csr(samples.random_rows(num_rows, 9, 8, side, field.name)) for side in "abc")
    holding = (matrices[0], samples.csr([[(0, 0)]] * num_rows), matrices[0])  # a * 1 = a
    z = samples.packed(field, 9, "z")
    z = (1).to_bytes(field.num_bytes, "little") + z[field.num_bytes :]
    for chosen in (matrices, holding):
        expected = reference.system(field.name, chosen, table, 9).first_unsatisfied(z)
        system = native_kernel.system(field.name, chosen, table, 9)
        for threads in (1, 2, 3, 16):
            assert system.first_unsatisfied(z, threads=threads) == expected
        assert native_kernel.first_unsatisfied(field.name, chosen, table, z) == expected
    assert expected is None


@fields
@pytest.mark.parametrize("terms", [1, 2, 3, 4, 5, 6, 11, 300])
def test_long_rows_of_largest_values(native_kernel: Kernel, reference: Kernel, field: PrimeField, terms: int) -> None:
    """The sums that are reduced late, at their largest: (p - 1)² as often as it goes."""
    p = field.modulus
    table = samples.montgomery(
        field, [pow(field.montgomery_r, -1, p) * (p - 1) % p, 1, p - 1]
    )  # (p-1)/R: its form is p - 1
    rows = samples.csr([[(column % 3, 0) for column in range(terms)], [(1, k % 3) for k in range(terms)]])
    one = samples.csr([[], []])
    z = b"".join((p - 1).to_bytes(field.num_bytes, "little") for _ in range(3))
    expected = reference.matrix_apply(field.name, rows, table, z)
    assert native_kernel.matrix_apply(field.name, rows, table, z) == expected
    system = native_kernel.system(field.name, (rows, one, rows), table, 3)
    fine = reference.first_unsatisfied(field.name, (rows, one, rows), table, z)
    assert system.first_unsatisfied(z) == fine
    words = [1, 1 + 3, terms, *(word for k in range(terms) for word in (0, 1 + k % 3))]
    arguments = (field.name, np.array(words, np.uint32), table, z, 5, 5)
    assert native_kernel.run_program(*arguments) == reference.run_program(*arguments)


@fields
def test_a_prepared_program_runs_many_times(native_kernel: Kernel, reference: Kernel, field: PrimeField) -> None:
    words, registers = random_program(4, 60, "prepared")
    table = samples.montgomery(field, samples.vector(field, TABLE_SIZE, "prepared"))
    tape = np.array(words, np.uint32)
    program = native_kernel.program(field.name, tape, table, registers, 4, registers)
    tape[:] = 0  # nothing of the arguments is needed any more
    for trial in range(4):
        inputs = samples.packed(field, 4, trial)
        expected = reference.run_program(field.name, np.array(words, np.uint32), table, inputs, registers, registers)
        assert program.assign(inputs) == expected


@fields
def test_inversions_share_one_and_zero_stays_zero(native_kernel: Kernel, reference: Kernel, field: PrimeField) -> None:
    """Inputs a, b, c; their inverses; those of the inverses; and sums of both, in an order that must be changed."""
    MUL, INV, DOT = 2, 3, 1
    words = [INV, 4, 1, INV, 5, 4, MUL, 6, 5, 4, INV, 7, 2, DOT, 8, 2, 0, 7, 1, 3, INV, 9, 3, INV, 10, 8, INV, 11, 10]
    table = samples.montgomery(field, [1, field.modulus - 1])
    program = native_kernel.program(field.name, np.array(words, np.uint32), table, 12, 3, 12)
    for inputs in ([0, 0, 0], [1, 0, 5], [0, 7, 0], [field.modulus - 1, 3, 1], [2, 2, 2]):
        packed = b"".join(value.to_bytes(field.num_bytes, "little") for value in inputs)
        expected = reference.run_program(field.name, np.array(words, np.uint32), table, packed, 12, 12)
        assert program.assign(packed) == expected


def test_a_malformed_tape_is_refused_when_it_is_prepared(kernel: Kernel) -> None:
    with pytest.raises(KernelError, match="word 0"):
        kernel.program("bn254_fr", np.array([9, 2, 1], np.uint32), ONE, 3, 1, 3)
    with pytest.raises(MalformedInput):
        kernel.program("bn254_fr", np.zeros(0, np.uint32), ONE, 2, 1, 1 << 31)


# --- closing


def calls(kernel: Kernel) -> list[tuple[Any, Callable[[Any], object]]]:
    zero = bytes(32)
    return [
        (kernel.prover(CURVE, samples.trivial_key()), lambda p: p.prove(samples.scalars([1]), zero, zero)),
        (kernel.prover(CURVE, samples.trivial_key()), lambda p: p.num_bytes),
        (kernel.system("bn254_fr", (ROW, ROW, ROW), ONE, 1), lambda s: s.first_unsatisfied(samples.scalars([1]))),
        (kernel.program("bn254_fr", np.zeros(0, np.uint32), ONE, 1, 0, 1), lambda p: p.assign(b"")),
    ]


def test_nothing_works_after_close(kernel: Kernel) -> None:
    for prepared, call in calls(kernel):
        call(prepared)
        prepared.close()
        prepared.close()
        with pytest.raises(Closed, match="is closed"):
            call(prepared)


def test_arguments_of_wrong_size(kernel: Kernel) -> None:
    (_, _), (_, _), (system, _), (program, _) = calls(kernel)
    for wrong in (samples.scalars([1, 1]), b"", bytes(31)):
        with pytest.raises(MalformedInput):
            system.first_unsatisfied(wrong)
    with pytest.raises(MalformedInput):
        program.assign(bytes(32))


def test_a_prover_and_its_views_in_a_cycle_are_collected(native_kernel: Kernel) -> None:
    """A key of memoryviews that goes with its prover, as a traceback may hold both: CPython 3.11 crashed on it."""
    key = samples.trivial_key()
    names = [field.name for field in dataclasses.fields(key) if isinstance(getattr(key, field.name), bytes)]
    gc.collect()
    gc.freeze()  # or each collection below walks through all that the other tests have left
    for _ in range(50):
        views = {name: memoryview(bytes(getattr(key, name)))[:] for name in names}
        cycle: dict[str, Any] = {"key": dataclasses.replace(key, **views)}
        cycle["prover"] = native_kernel.prover(CURVE, cycle["key"])
        cycle["itself"] = cycle
        del views, cycle
        assert gc.collect() > 0
    gc.unfreeze()


def test_a_bytearray_of_a_key_cannot_be_resized_under_a_prover(native_kernel: Kernel) -> None:
    query = bytearray(samples.trivial_key().h_query)
    prover = native_kernel.prover(CURVE, dataclasses.replace(samples.trivial_key(), h_query=query))
    with pytest.raises(BufferError):
        query += bytes(64)
    prover.close()
    query += bytes(64)
