"""The C kernels behind the ``Kernel`` protocol.

Each method checks the sizes of its buffers, allocates the output, calls C and turns a status into an error.  Inputs are
passed as views, never copied, so that a memory-mapped key costs nothing; the C side checks everything else.
"""

from __future__ import annotations

from typing import Any

from .._native import ffi, lib
from ..errors import KernelUnavailable, MalformedInput
from .interface import Buffer, Matrix
from .native_border import (
    MAX_COLUMNS,
    SCALAR_BYTES,
    CMatrix,
    bad_index,
    check,
    checked_factor,
    checked_threads,
    count_of,
    curve_id,
    curve_named,
    element_bytes,
    expect_size,
    field_id,
    output,
    scalar_field_bytes,
    size_of,
    view,
)
from .native_eddsa import NativeSigning
from .native_prepared import NativePreparation
from .native_verify import NativeVerifier


def supported_kernels() -> list[str]:
    """Names of the C kernels that this CPU can run, fastest first, an emulated one after what it needs."""
    return [
        str(ffi.string(lib.zkr_kernel_name(i)).decode())
        for i in range(lib.zkr_kernel_count())
        if lib.zkr_kernel_supported(i)
    ]


def emulated_kernels() -> list[str]:
    """Names of the C kernels whose instructions this build, one for tests, does in plain C."""
    return [
        str(ffi.string(lib.zkr_kernel_name(i)).decode())
        for i in range(lib.zkr_kernel_count())
        if lib.zkr_kernel_emulated(i)
    ]


def requirements() -> dict[str, dict[str, bool]]:
    """For every C kernel of this build, fastest first: the CPU features it needs, and whether this CPU has them."""
    needs: dict[str, dict[str, bool]] = {}
    for i in range(lib.zkr_kernel_count()):
        features = needs.setdefault(ffi.string(lib.zkr_kernel_name(i)).decode(), {})
        number = 0
        while (feature := lib.zkr_kernel_feature(i, number)) != ffi.NULL:
            features[ffi.string(feature).decode()] = bool(lib.zkr_cpu_supports(feature))
            number += 1
    return needs


class NativeKernel(NativeVerifier, NativePreparation, NativeSigning):
    """One C kernel by name; raises ``KernelUnavailable`` for a name that is unknown or not supported here.

    Inside C every thread has a choice of its own, which each call makes anew: kernels may be used side by side by any
    number of threads.
    """

    def __init__(self, name: str) -> None:
        if name not in supported_kernels():
            raise KernelUnavailable(f"kernel {name!r} is not one of {', '.join(supported_kernels())}")
        self._name = name
        self._c_name = ffi.new("char[]", name.encode())

    @property
    def name(self) -> str:
        return self._name

    @property
    def _lib(self) -> Any:
        """The library with this kernel selected for the calling thread, which no other thread can change."""
        check(lib.zkr_kernel_select(self._c_name))
        return lib

    # --- vectors ------------------------------------------------------------------------------------------------------

    def to_montgomery(self, field: str, values: Buffer) -> bytes:
        size, bad = element_bytes(field), bad_index()
        n = count_of(values, size, "values")
        out, c_out = output(n * size)
        check(self._lib.zkr_to_montgomery(field_id(field), c_out, view(values), n, bad), bad)
        return bytes(out)

    def from_montgomery(self, field: str, values: Buffer) -> bytes:
        size, bad = element_bytes(field), bad_index()
        n = count_of(values, size, "values")
        out, c_out = output(n * size)
        check(self._lib.zkr_from_montgomery(field_id(field), c_out, view(values), n, bad), bad)
        return bytes(out)

    def vec_add(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return self._binary(self._lib.zkr_vec_add, field, a, b)

    def vec_sub(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return self._binary(self._lib.zkr_vec_sub, field, a, b)

    def vec_mul(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return self._binary(self._lib.zkr_vec_mul, field, a, b)

    def _binary(self, function: Any, field: str, a: Buffer, b: Buffer) -> bytes:
        size = element_bytes(field)
        n = count_of(a, size, "left operand")
        expect_size(b, n * size, "right operand")
        out, c_out = output(n * size)
        check(function(field_id(field), c_out, view(a), view(b), n))
        return bytes(out)

    def vec_scale(self, field: str, a: Buffer, scalar: Buffer) -> bytes:
        size = element_bytes(field)
        n = count_of(a, size, "values")
        expect_size(scalar, size, "scalar")
        out, c_out = output(n * size)
        check(self._lib.zkr_vec_scale(field_id(field), c_out, view(a), view(scalar), n))
        return bytes(out)

    def vec_inverse(self, field: str, a: Buffer) -> bytes:
        size, bad = element_bytes(field), bad_index()
        n = count_of(a, size, "values")
        out, c_out = output(n * size)
        check(self._lib.zkr_vec_inverse_vartime(field_id(field), c_out, view(a), n, bad), bad)
        return bytes(out)

    def ntt(
        self, field: str, values: Buffer, *, inverse: bool = False, shift: Buffer | None = None, threads: int = 1
    ) -> bytes:
        size = scalar_field_bytes(field)
        n = count_of(values, size, "values")
        if n == 0 or n & (n - 1):
            raise MalformedInput(f"values: {n} elements are not a power of two")
        if shift is not None:
            expect_size(shift, size, "shift")
        out = bytearray(values)
        c_out = ffi.from_buffer("uint8_t[]", out, require_writable=True)
        c_shift = ffi.NULL if shift is None else view(shift)
        check(
            self._lib.zkr_ntt(
                field_id(field), c_out, n.bit_length() - 1, int(inverse), c_shift, checked_threads(threads)
            )
        )
        return bytes(out)

    # --- sparse matrices ----------------------------------------------------------------------------------------------

    def matrix_apply(self, field: str, matrix: Matrix, table: Buffer, z: Buffer) -> bytes:
        size = scalar_field_bytes(field)
        table_size, num_columns = count_of(table, size, "table"), count_of(z, size, "z")
        c_matrix = CMatrix(matrix, "matrix")
        out, c_out = output(matrix.num_rows * size)
        check(
            self._lib.zkr_matrix_apply(
                field_id(field), c_out, c_matrix.pointer, view(table), table_size, view(z), num_columns
            )
        )
        return bytes(out)

    def matrix_apply_transposed(
        self, field: str, matrix: Matrix, table: Buffer, weights: Buffer, num_columns: int
    ) -> bytes:
        size = scalar_field_bytes(field)
        table_size = count_of(table, size, "table")
        expect_size(weights, matrix.num_rows * size, "weights")
        if not 0 <= num_columns <= MAX_COLUMNS:
            raise MalformedInput(f"num_columns must be in [0, {MAX_COLUMNS}], not {num_columns}")
        c_matrix = CMatrix(matrix, "matrix")
        out, c_out = output(num_columns * size)
        check(
            self._lib.zkr_matrix_apply_transposed(
                field_id(field), c_out, c_matrix.pointer, view(table), table_size, view(weights), num_columns
            )
        )
        return bytes(out)

    # --- groups and pairing -------------------------------------------------------------------------------------------

    def g1_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        self._group_check(
            self._lib.zkr_g1_check_vartime, curve, points, curve_named(curve).g1_bytes, allow_infinity, threads
        )

    def g2_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        self._group_check(
            self._lib.zkr_g2_check_vartime, curve, points, curve_named(curve).g2_bytes, allow_infinity, threads
        )

    def _group_check(
        self, function: Any, curve: str, points: Buffer, size: int, allow_infinity: bool, threads: int
    ) -> None:
        n, bad = count_of(points, size, "points"), bad_index()
        status = function(curve_id(curve), view(points), n, int(allow_infinity), checked_threads(threads), bad)
        check(status, bad, "point")

    def g1_add(self, curve: str, a: Buffer, b: Buffer) -> bytes:
        return self._group_add(self._lib.zkr_g1_add_vartime, curve, a, b, curve_named(curve).g1_bytes)

    def g2_add(self, curve: str, a: Buffer, b: Buffer) -> bytes:
        return self._group_add(self._lib.zkr_g2_add_vartime, curve, a, b, curve_named(curve).g2_bytes)

    def _group_add(self, function: Any, curve: str, a: Buffer, b: Buffer, size: int) -> bytes:
        n = count_of(a, size, "left operand")
        expect_size(b, n * size, "right operand")
        out, c_out = output(n * size)
        check(function(curve_id(curve), c_out, view(a), view(b), n))
        return bytes(out)

    def g1_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes:
        return self._msm(self._lib.zkr_g1_msm_vartime, curve, scalars, bases, curve_named(curve).g1_bytes, threads)

    def g2_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes:
        return self._msm(self._lib.zkr_g2_msm_vartime, curve, scalars, bases, curve_named(curve).g2_bytes, threads)

    def _msm(self, function: Any, curve: str, scalars: Buffer, bases: Buffer, size: int, threads: int) -> bytes:
        n, bad = count_of(scalars, SCALAR_BYTES, "scalars"), bad_index()
        expect_size(bases, n * size, "bases")
        out, c_out = output(size)
        check(
            function(curve_id(curve), c_out, view(scalars), view(bases), n, checked_threads(threads), bad),
            bad,
            "scalar",
        )
        return bytes(out)

    def g1_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes:
        return self._fixed_base(
            self._lib.zkr_g1_fixed_base_vartime, curve, base, scalars, curve_named(curve).g1_bytes, threads
        )

    def g2_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes:
        return self._fixed_base(
            self._lib.zkr_g2_fixed_base_vartime, curve, base, scalars, curve_named(curve).g2_bytes, threads
        )

    def _fixed_base(self, function: Any, curve: str, base: Buffer, scalars: Buffer, size: int, threads: int) -> bytes:
        n, bad = count_of(scalars, SCALAR_BYTES, "scalars"), bad_index()
        expect_size(base, size, "base")
        out, c_out = output(n * size)
        check(
            function(curve_id(curve), c_out, view(base), view(scalars), n, checked_threads(threads), bad), bad, "scalar"
        )
        return bytes(out)

    def g1_multiples(self, curve: str, points: Buffer, factor: int, *, threads: int = 1) -> bytes:
        function, size = self._lib.zkr_g1_multiples_vartime, curve_named(curve).g1_bytes
        return self._multiples(function, curve, points, size, factor, threads)

    def g2_multiples(self, curve: str, points: Buffer, factor: int, *, threads: int = 1) -> bytes:
        function, size = self._lib.zkr_g2_multiples_vartime, curve_named(curve).g2_bytes
        return self._multiples(function, curve, points, size, factor, threads)

    def _multiples(self, function: Any, curve: str, points: Buffer, size: int, factor: int, threads: int) -> bytes:
        n = count_of(points, size, "points")
        out, c_out = output(n * (checked_factor(factor) - 1) * size)
        check(function(curve_id(curve), c_out, view(points), n, factor, checked_threads(threads)))
        return bytes(out)

    def g1_products(self, curve: str, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes:
        function, size = self._lib.zkr_g1_products_vartime, curve_named(curve).g1_bytes
        return self._products(function, curve, scalars, points, size, threads)

    def g2_products(self, curve: str, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes:
        function, size = self._lib.zkr_g2_products_vartime, curve_named(curve).g2_bytes
        return self._products(function, curve, scalars, points, size, threads)

    def _products(self, function: Any, curve: str, scalars: Buffer, points: Buffer, size: int, threads: int) -> bytes:
        n, bad = count_of(scalars, SCALAR_BYTES, "scalars"), bad_index()
        expect_size(points, n * size, "points")
        out, c_out = output(n * size)
        status = function(curve_id(curve), c_out, view(scalars), view(points), n, checked_threads(threads), bad)
        check(status, bad, "scalar")
        return bytes(out)

    def pairing_check(self, curve: str, g1: Buffer, g2: Buffer) -> bool:
        shape = curve_named(curve)
        n = count_of(g1, shape.g1_bytes, "G1 points")
        expect_size(g2, n * shape.g2_bytes, "G2 points")
        is_one = ffi.new("int *")
        check(self._lib.zkr_pairing_check_vartime(curve_id(curve), is_one, view(g1), view(g2), n))
        return bool(is_one[0])

    def pairing(self, curve: str, g1: Buffer, g2: Buffer) -> bytes:
        shape = curve_named(curve)
        expect_size(g1, shape.g1_bytes, "G1 point")
        expect_size(g2, shape.g2_bytes, "G2 point")
        out, c_out = output(shape.gt_bytes)
        check(self._lib.zkr_pairing_vartime(curve_id(curve), c_out, view(g1), view(g2)))
        return bytes(out)

    # --- hashing and signing ------------------------------------------------------------------------------------------

    def poseidon(
        self,
        field: str,
        inputs: Buffer,
        width: int,
        full_rounds: int,
        partial_rounds: int,
        round_constants: Buffer,
        mds: Buffer,
    ) -> bytes:
        if not 2 <= width <= 17 or full_rounds < 0 or full_rounds % 2 or partial_rounds < 0:
            raise MalformedInput(f"no Poseidon of width {width} with {full_rounds} and {partial_rounds} rounds")
        size = scalar_field_bytes(field)
        expect_size(round_constants, (full_rounds + partial_rounds) * width * size, "round constants")
        expect_size(mds, width * width * size, "mds")
        n, bad = count_of(inputs, (width - 1) * size, "inputs"), bad_index()
        out, c_out = output(n * size)
        status = self._lib.zkr_poseidon(
            field_id(field),
            c_out,
            view(inputs),
            n,
            width,
            full_rounds,
            partial_rounds,
            view(round_constants),
            view(mds),
            bad,
        )
        check(status, bad)
        return bytes(out)

    def blake2b(self, state: Buffer, offset: int, data: Buffer, *, last: bool = False) -> bytes:
        expect_size(state, 64, "state")
        if not 0 <= offset < 1 << 64:
            raise MalformedInput(f"offset {offset} is not in [0, 2^64)")
        out = bytearray(state)
        c_out = ffi.from_buffer("uint8_t[]", out, require_writable=True)
        check(self._lib.zkr_blake2b(c_out, offset, view(data), size_of(data), int(last)))
        return bytes(out)

    def edwards_mul(self, field: str, scalar: Buffer, point: Buffer, a: Buffer, d: Buffer) -> bytes:
        size = scalar_field_bytes(field)
        expect_size(scalar, SCALAR_BYTES, "scalar")
        for buffer, what in ((a, "a"), (d, "d")):
            expect_size(buffer, size, what)
        expect_size(point, 2 * size, "point")
        out, c_out = output(2 * size)
        check(self._lib.zkr_edwards_mul(field_id(field), c_out, view(scalar), view(point), view(a), view(d)))
        return bytes(out)

    def edwards_double_mul_vartime(
        self, field: str, s: Buffer, p: Buffer, k: Buffer, q: Buffer, a: Buffer, d: Buffer
    ) -> bytes:
        size = scalar_field_bytes(field)
        for buffer, what in ((s, "s"), (k, "k")):
            expect_size(buffer, SCALAR_BYTES, what)
        for buffer, what in ((a, "a"), (d, "d")):
            expect_size(buffer, size, what)
        for buffer, what in ((p, "P"), (q, "Q")):
            expect_size(buffer, 2 * size, what)
        out, c_out = output(2 * size)
        status = self._lib.zkr_edwards_double_mul_vartime(
            field_id(field), c_out, view(s), view(p), view(k), view(q), view(a), view(d)
        )
        check(status)
        return bytes(out)
