"""Every method refuses wrong lengths, numbers out of range, unknown names and thread counts, with the specific error.

Matrices, programs, points outside their groups, keys and hashing have their refusals beside their other tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import FIELDS
from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.kernel import Kernel

from . import samples
from .samples import FR

FIELD, CURVE = "bn254_fr", "bn254"
ONE = samples.montgomery(FR, [1])
THREE = samples.scalars([3, 4, 5])
ROW = samples.csr([[(0, 0)]])
G1, G2 = samples.g1_multiple(1), samples.g2_multiple(1)


@dataclass(frozen=True)
class Call:
    """A method with arguments that it accepts; ``changed`` swaps one of them.  A function is called with the kernel."""

    method: str
    arguments: dict[str, Any]

    def changed(self, kernel: Kernel, **changes: Any) -> Any:
        made = {
            name: value(kernel) if callable(value) else value for name, value in {**self.arguments, **changes}.items()
        }
        arguments = {name: bytearray(value) if isinstance(value, bytes) else value for name, value in made.items()}
        before = {name: bytes(value) for name, value in arguments.items() if isinstance(value, bytearray)}
        try:
            return getattr(kernel, self.method)(**arguments)
        finally:
            assert {name: bytes(arguments[name]) for name in before} == before, "a kernel wrote to its inputs"


CALLS = {
    call.method: call
    for call in (
        Call("to_montgomery", {"field": FIELD, "values": THREE}),
        Call("from_montgomery", {"field": FIELD, "values": THREE}),
        Call("vec_add", {"field": FIELD, "a": THREE, "b": THREE}),
        Call("vec_sub", {"field": FIELD, "a": THREE, "b": THREE}),
        Call("vec_mul", {"field": FIELD, "a": THREE, "b": THREE}),
        Call("vec_scale", {"field": FIELD, "a": THREE, "scalar": ONE}),
        Call("vec_inverse", {"field": FIELD, "a": THREE}),
        Call("ntt", {"field": FIELD, "values": THREE + ONE, "shift": ONE, "threads": 1}),
        Call("matrix_apply", {"field": FIELD, "matrix": ROW, "table": ONE, "z": THREE}),
        Call(
            "matrix_apply_transposed",
            {"field": FIELD, "matrix": ROW, "table": ONE, "weights": ONE, "num_columns": 3},
        ),
        Call("first_unsatisfied", {"field": FIELD, "matrices": (ROW, ROW, ROW), "table": ONE, "z": THREE}),
        Call("system", {"field": FIELD, "matrices": (ROW, ROW, ROW), "table": ONE, "num_columns": 3}),
        Call(
            "program",
            {
                "field": FIELD,
                "tape": np.zeros(0, np.uint32),
                "table": ONE,
                "num_wires": 4,
                "num_inputs": 3,
                "num_registers": 4,
            },
        ),
        Call(
            "run_program",
            {
                "field": FIELD,
                "tape": np.zeros(0, np.uint32),
                "table": ONE,
                "inputs": THREE,
                "num_wires": 4,
                "num_registers": 4,
            },
        ),
        Call("g1_check", {"curve": CURVE, "points": G1, "threads": 1}),
        Call("g2_check", {"curve": CURVE, "points": G2, "threads": 1}),
        Call("g1_add", {"curve": CURVE, "a": G1, "b": G1}),
        Call("g2_add", {"curve": CURVE, "a": G2, "b": G2}),
        Call("g1_msm", {"curve": CURVE, "scalars": THREE, "bases": G1 * 3, "threads": 1}),
        Call("g2_msm", {"curve": CURVE, "scalars": THREE, "bases": G2 * 3, "threads": 1}),
        Call("g1_fixed_base", {"curve": CURVE, "base": G1, "scalars": THREE, "threads": 1}),
        Call("g2_fixed_base", {"curve": CURVE, "base": G2, "scalars": THREE, "threads": 1}),
        Call("g1_products", {"curve": CURVE, "scalars": THREE, "points": G1 * 3, "threads": 1}),
        Call("g2_products", {"curve": CURVE, "scalars": THREE, "points": G2 * 3, "threads": 1}),
        Call("g1_multiples", {"curve": CURVE, "points": G1, "factor": 2, "threads": 1}),
        Call("g2_multiples", {"curve": CURVE, "points": G2, "factor": 2, "threads": 1}),
        Call("pairing_check", {"curve": CURVE, "g1": G1, "g2": G2}),
        Call("pairing", {"curve": CURVE, "g1": G1, "g2": G2}),
        Call(
            "groth16_prove",
            {
                "curve": CURVE,
                "key": samples.trivial_key(),
                "assignment": samples.scalars([1]),
                "blind_r": ONE,
                "blind_s": ONE,
                "threads": 1,
            },
        ),
        Call("prover", {"curve": CURVE, "key": samples.trivial_key()}),
        Call(
            "groth16_prepare",
            {"curve": CURVE, "alpha_g1": G1, "beta_g2": G2, "gamma_g2": G2, "delta_g2": G2, "gamma_abc_g1": G1 * 2},
        ),
        Call(
            "groth16_verify",
            {
                "curve": CURVE,
                "prepared": lambda kernel: kernel.groth16_prepare(CURVE, G1, G2, G2, G2, G1 * 2),
                "num_public": 1,
                "public_inputs": ONE,
                "proofs": G1 + G2 + G1,
                "weights": bytes(16),
                "threads": 1,
            },
        ),
        Call(
            "poseidon",
            {
                "field": FIELD,
                "inputs": THREE,
                "width": 2,
                "full_rounds": 2,
                "partial_rounds": 0,
                "round_constants": ONE * 4,
                "mds": ONE * 4,
            },
        ),
        Call(
            "edwards_mul",
            {"field": FIELD, "scalar": ONE, "point": samples.scalars([0, 1]), "a": ONE, "d": ONE},
        ),
        Call(
            "edwards_double_mul_vartime",
            {
                "field": FIELD,
                "s": ONE,
                "p": samples.scalars([0, 1]),
                "k": ONE,
                "q": samples.scalars([0, 1]),
                "a": ONE,
                "d": ONE,
            },
        ),
    )
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def methods_of_the_interface() -> set[str]:
    return {name for name, value in inspect.getmembers(Kernel, inspect.isfunction) if not name.startswith("_")}


def test_every_method_of_the_interface_is_here() -> None:
    assert set(CALLS) == methods_of_the_interface() - {"eddsa", "blake2b"}  # theirs: test_eddsa.py, test_blake2b.py


@every_call
def test_unchanged_arguments_are_accepted(kernel: Kernel, call: Call) -> None:
    call.changed(kernel)


@every_call
def test_unknown_fields_and_curves_are_refused(kernel: Kernel, call: Call) -> None:
    what = "field" if "field" in call.arguments else "curve"
    for name in ("", "bn128", "BN254", "bn254_fq", "bls12_377", "bls12381", "prime_15", "bn254\0", "secp256k1"):
        with pytest.raises(ValueError, match=what):
            call.changed(kernel, **{what: name})


VECTOR_METHODS = {"to_montgomery", "from_montgomery", "vec_add", "vec_sub", "vec_mul", "vec_scale", "vec_inverse"}
CIRCUIT_METHODS = [name for name, call in CALLS.items() if "field" in call.arguments and name not in VECTOR_METHODS]


@pytest.mark.parametrize("method", CIRCUIT_METHODS)
@pytest.mark.parametrize("name", sorted(FIELDS.keys() - samples.SCALAR_FIELD_NAMES))
def test_c_kernels_have_vectors_only_over_base_fields(native_kernel: Kernel, method: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is no scalar field") as refusal:
        CALLS[method].changed(native_kernel, field=name)
    assert refusal.type is ValueError


THREADED = {name: call for name, call in CALLS.items() if "threads" in call.arguments}


def test_threads_are_where_the_interface_has_them() -> None:
    with_threads = {
        n for n in methods_of_the_interface() if "threads" in inspect.signature(getattr(Kernel, n)).parameters
    }
    assert set(THREADED) == with_threads


@pytest.mark.parametrize("call", THREADED.values(), ids=THREADED)
@pytest.mark.parametrize("threads", [0, -1, 257, 1000, 2**31, 2**40], ids=str)
def test_impossible_numbers_of_threads_are_refused(kernel: Kernel, call: Call, threads: int) -> None:
    with pytest.raises(MalformedInput, match="threads"):
        call.changed(kernel, threads=threads)


@pytest.mark.parametrize("call", THREADED.values(), ids=THREADED)
def test_the_most_threads_give_the_same_result(kernel: Kernel, call: Call) -> None:
    assert call.changed(kernel, threads=256) == call.changed(kernel)


BUFFERS = [
    (call, name) for call in CALLS.values() for name, value in call.arguments.items() if isinstance(value, bytes)
]


@pytest.mark.parametrize(("call", "name"), BUFFERS, ids=[f"{call.method}-{name}" for call, name in BUFFERS])
def test_buffers_that_are_no_whole_number_of_elements_are_refused(kernel: Kernel, call: Call, name: str) -> None:
    value = call.arguments[name]
    for wrong in (value[:-1], value + b"\0", value[1:], b"\0", value[: len(value) // 2 + 1]):
        with pytest.raises(MalformedInput) as refusal:
            call.changed(kernel, **{name: wrong})
        assert refusal.type is MalformedInput


# Whole numbers of elements, but not the number that the other arguments ask for.
WRONG_COUNTS = [
    ("vec_add", {"a": THREE + ONE}),
    ("vec_add", {"b": ONE}),
    ("vec_add", {"b": b""}),
    ("vec_sub", {"a": ONE}),
    ("vec_sub", {"b": THREE + ONE}),
    ("vec_mul", {"a": b""}),
    ("vec_mul", {"b": ONE}),
    ("vec_scale", {"scalar": b""}),
    ("vec_scale", {"scalar": THREE}),
    ("ntt", {"values": b""}),
    ("ntt", {"values": THREE}),
    ("ntt", {"values": ONE * 5}),
    ("ntt", {"values": ONE * 513}),
    ("ntt", {"shift": b""}),
    ("ntt", {"shift": ONE * 2}),
    ("ntt", {"shift": bytes(32)}),
    ("ntt", {"shift": bytes(32), "inverse": True}),
    ("matrix_apply", {"z": b""}),
    ("matrix_apply", {"table": b""}),
    ("matrix_apply_transposed", {"weights": b""}),
    ("matrix_apply_transposed", {"weights": ONE * 2}),
    ("matrix_apply_transposed", {"num_columns": 0}),
    ("matrix_apply_transposed", {"num_columns": -1}),
    ("matrix_apply_transposed", {"num_columns": 2**32 + 1}),
    ("matrix_apply_transposed", {"num_columns": 2**64}),
    ("first_unsatisfied", {"z": b""}),
    ("first_unsatisfied", {"table": b""}),
    ("run_program", {"num_wires": 5}),
    ("run_program", {"num_wires": -1}),
    ("run_program", {"num_registers": 3}),
    ("run_program", {"num_registers": -1}),
    ("g1_add", {"a": b""}),
    ("g1_add", {"b": G1 * 2}),
    ("g2_add", {"a": G2 * 2}),
    ("g2_add", {"b": b""}),
    ("g1_msm", {"scalars": ONE}),
    ("g1_msm", {"bases": G1 * 4}),
    ("g1_msm", {"bases": b""}),
    ("g2_msm", {"scalars": b""}),
    ("g2_msm", {"bases": G2}),
    ("g1_fixed_base", {"base": b""}),
    ("g1_fixed_base", {"base": G1 * 2}),
    ("g2_fixed_base", {"base": b""}),
    ("g2_fixed_base", {"base": G2 * 2}),
    ("g1_products", {"points": G1 * 2}),
    ("g1_products", {"points": b""}),
    ("g2_products", {"points": G2 * 4}),
    ("g2_products", {"scalars": b""}),
    ("pairing_check", {"g1": G1 * 2}),
    ("pairing_check", {"g1": b""}),
    ("pairing_check", {"g2": G2 * 2}),
    ("pairing", {"g1": b""}),
    ("pairing", {"g2": b""}),
    ("pairing", {"g1": G1 * 2, "g2": G2 * 2}),
    ("groth16_prepare", {"gamma_abc_g1": b""}),
    ("groth16_prepare", {"alpha_g1": G1 * 2}),
    ("groth16_prepare", {"beta_g2": b""}),
    ("groth16_prepare", {"delta_g2": G1}),
    ("groth16_verify", {"num_public": 0}),
    ("groth16_verify", {"num_public": 2}),
    ("groth16_verify", {"num_public": -1}),
    ("groth16_verify", {"num_public": 2**32}),
    ("groth16_verify", {"public_inputs": ONE * 2}),
    ("groth16_verify", {"public_inputs": b""}),
    ("groth16_verify", {"proofs": b""}),
    ("groth16_verify", {"proofs": (G1 + G2 + G1) * 2}),
    ("groth16_verify", {"weights": b""}),
    ("groth16_verify", {"weights": bytes(32)}),
]


@pytest.mark.parametrize(
    ("method", "changes"),
    WRONG_COUNTS,
    ids=[f"{method}-{'-'.join(changes)}-{i}" for i, (method, changes) in enumerate(WRONG_COUNTS)],
)
def test_wrong_numbers_of_elements_are_refused(kernel: Kernel, method: str, changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput) as refusal:
        CALLS[method].changed(kernel, **changes)
    assert refusal.type is MalformedInput


# Where the header says "checked".
CHECKED = [
    ("to_montgomery", "values"),
    ("from_montgomery", "values"),
    ("first_unsatisfied", "z"),
    ("run_program", "inputs"),
    ("g1_msm", "scalars"),
    ("g2_msm", "scalars"),
    ("g1_fixed_base", "scalars"),
    ("g2_fixed_base", "scalars"),
    ("g1_products", "scalars"),
    ("g2_products", "scalars"),
    ("poseidon", "inputs"),
]


@pytest.mark.parametrize(("method", "name"), CHECKED, ids=[f"{method}-{name}" for method, name in CHECKED])
@pytest.mark.parametrize("index", range(3))
def test_numbers_not_below_the_modulus_are_refused_with_their_index(
    kernel: Kernel, method: str, name: str, index: int
) -> None:
    call = CALLS[method]
    names = FIELDS if method in VECTOR_METHODS else samples.SCALAR_FIELD_NAMES if "field" in call.arguments else [FIELD]
    for field in names:
        modulus, size = FIELDS[field].modulus, FIELDS[field].num_bytes
        top, three = 1 << 8 * size, pack_field(FIELDS[field], [3, 4, 5])
        changes: dict[str, Any] = {"field": field} if "field" in call.arguments else {}
        if "table" in call.arguments:
            changes["table"] = pack_field(FIELDS[field], [1])
        if method == "poseidon":
            changes["round_constants"] = bytes(len(call.arguments["round_constants"]) // 32 * size)
            changes["mds"] = bytes(len(call.arguments["mds"]) // 32 * size)
        for value in (modulus, modulus + 1, top - 1, modulus | top >> 1):
            data = three[: size * index] + value.to_bytes(size, "little") + three[size * (index + 1) :]
            with pytest.raises(NonCanonicalNumber, match=rf"\b{index}\b") as refusal:
                call.changed(kernel, **changes, **{name: data})
            assert refusal.type is NonCanonicalNumber
            # The first of two is named.
            if index < 2:
                twice = data[: 2 * size] + (top - 1).to_bytes(size, "little")
                with pytest.raises(NonCanonicalNumber, match=rf"\b{index}\b"):
                    call.changed(kernel, **changes, **{name: twice})


def test_the_first_bad_scalar_is_named_for_any_threads(kernel: Kernel) -> None:
    values = [5] * 40
    for index in (17, 18, 33):
        values[index] = FR.modulus
    scalars = b"".join(value.to_bytes(32, "little") for value in values)
    calls: dict[str, Callable[..., bytes]] = {
        "g1_msm": lambda threads: kernel.g1_msm(CURVE, scalars, G1 * 40, threads=threads),
        "g2_msm": lambda threads: kernel.g2_msm(CURVE, scalars, G2 * 40, threads=threads),
        "g1_fixed_base": lambda threads: kernel.g1_fixed_base(CURVE, G1, scalars, threads=threads),
        "g2_fixed_base": lambda threads: kernel.g2_fixed_base(CURVE, G2, scalars, threads=threads),
    }
    for call in calls.values():
        for threads in (1, 2, 3, 40):
            with pytest.raises(NonCanonicalNumber, match=r"\b17\b"):
                call(threads)
