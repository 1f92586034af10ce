"""The C kernels behind the ``Kernel`` protocol; the only module that touches cffi.

Each method checks the sizes of its buffers, allocates the output, calls C and turns a status into an error.  Inputs are
passed as views, never copied, so that a memory-mapped key costs nothing; the C side checks everything else.
"""

from __future__ import annotations

import threading
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from .._native import ffi, lib
from ..curves import bn254
from ..errors import InvalidPoint, KernelError, KernelUnavailable, MalformedInput, NonCanonicalNumber
from .interface import U32, Buffer, Groth16Key, Matrix

ELEMENT_BYTES = 32
G1_BYTES = 64
G2_BYTES = 128
GT_BYTES = 384
PROOF_BYTES = 256
COEFFICIENT_RECORD_BYTES = 44
MAX_COLUMNS = 1 << 32  # columns are named by 32-bit words
_ONE = (1).to_bytes(ELEMENT_BYTES, "little")

_FIELDS: dict[str, int] = {
    "bn254_fr": lib.ZKR_BN254_FR,
    "bn254_fp": lib.ZKR_BN254_FP,
    "bls12_381_fr": lib.ZKR_BLS12_381_FR,
}
_CURVES: dict[str, int] = {"bn254": lib.ZKR_BN254}

_ERRORS: dict[int, tuple[type[Exception], str]] = {
    lib.ZKR_ERR_LENGTH: (MalformedInput, "a length or an index does not fit the others"),
    lib.ZKR_ERR_NOT_CANONICAL: (NonCanonicalNumber, "a number is not below its modulus"),
    lib.ZKR_ERR_NOT_ON_CURVE: (InvalidPoint, "a point is not on the curve"),
    lib.ZKR_ERR_NOT_IN_SUBGROUP: (InvalidPoint, "a point is not in the subgroup of prime order"),
    lib.ZKR_ERR_INFINITY: (InvalidPoint, "a point is infinity"),
    lib.ZKR_ERR_DOMAIN: (MalformedInput, "the field has no domain of this size"),
    lib.ZKR_ERR_ZERO: (MalformedInput, "zero has no inverse"),
    lib.ZKR_ERR_MEMORY: (KernelError, "out of memory"),
    lib.ZKR_ERR_KERNEL: (KernelUnavailable, "the kernel is unknown or this CPU cannot run it"),
    lib.ZKR_ERR_PROGRAM: (KernelError, "the witness program is malformed"),
    lib.ZKR_ERR_FIELD: (ValueError, "unknown field or curve"),
    lib.ZKR_ERR_THREADS: (MalformedInput, f"threads must be in [1, {lib.ZKR_MAX_THREADS}]"),
}
_NO_INDEX = (1 << (8 * ffi.sizeof("size_t"))) - 1

_select_lock = threading.Lock()


def supported_kernels() -> list[str]:
    """Names of the C kernels that this CPU can run, fastest first."""
    return [
        str(ffi.string(lib.zkr_kernel_name(i)).decode())
        for i in range(lib.zkr_kernel_count())
        if lib.zkr_kernel_supported(i)
    ]


def _fail(status: int, index: int, what: str) -> NoReturn:
    error, reason = _ERRORS.get(status, (KernelError, f"status {status}"))
    where = f" ({what} {index})" if index != _NO_INDEX else ""
    raise error(reason + where)


def _check(status: int, bad_index: Any = None, what: str = "element") -> None:
    """Raise the error that ``status`` stands for; ``bad_index`` is the size_t that the call may have set."""
    if status != lib.ZKR_OK:
        _fail(status, _NO_INDEX if bad_index is None else int(bad_index[0]), what)


def _bad_index() -> Any:
    return ffi.new("size_t *", _NO_INDEX)


def _identifier(table: dict[str, int], name: str, kind: str) -> int:
    try:
        return table[name]
    except KeyError:
        raise ValueError(f"unknown {kind} {name!r}; the C kernels know {', '.join(table)}") from None


def _field(name: str) -> int:
    return _identifier(_FIELDS, name, "field")


def _curve(name: str) -> int:
    return _identifier(_CURVES, name, "curve")


def _size(buffer: Buffer) -> int:
    return buffer.nbytes if isinstance(buffer, memoryview) else len(buffer)


def _count(buffer: Buffer, size: int, what: str) -> int:
    """Number of ``size``-byte items in ``buffer``; ``MalformedInput`` when it is not whole."""
    length = _size(buffer)
    if length % size:
        raise MalformedInput(f"{what}: {length} bytes are not a whole number of {size}-byte items")
    return length // size


def _expect(buffer: Buffer, length: int, what: str) -> None:
    if _size(buffer) != length:
        raise MalformedInput(f"{what}: {_size(buffer)} bytes where {length} are expected")


def _threads(threads: int) -> int:
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= lib.ZKR_MAX_THREADS:
        raise MalformedInput(f"threads must be an integer in [1, {lib.ZKR_MAX_THREADS}]")
    return threads


def _in(buffer: Buffer) -> Any:
    return ffi.from_buffer("uint8_t[]", buffer)


def _new(length: int) -> tuple[bytearray, Any]:
    """An output buffer and the pointer that keeps it exported."""
    try:
        out = bytearray(length)
    except MemoryError:
        raise KernelError(f"no memory for {length} bytes of output") from None
    return out, ffi.from_buffer("uint8_t[]", out, require_writable=True)


def _words(array: npt.NDArray[Any], dtype: str, c_type: str) -> Any:
    """A typed view of an integer array; copied only when its layout is not what C reads."""
    return ffi.from_buffer(c_type, np.require(array, dtype=dtype, requirements=["C", "A"]))


class _CMatrix:
    """A ``zkr_matrix`` and the views that it points into."""

    def __init__(self, matrix: Matrix, what: str) -> None:
        if len(matrix.offsets) == 0 or len(matrix.columns) != len(matrix.coefficient_ids):
            raise MalformedInput(f"{what}: needs num_rows + 1 offsets, and as many columns as coefficient identifiers")
        self._views = (
            _words(matrix.offsets, "<u8", "uint64_t[]"),
            _words(matrix.columns, "<u4", "uint32_t[]"),
            _words(matrix.coefficient_ids, "<u4", "uint32_t[]"),
        )
        self.pointer = ffi.new("zkr_matrix *")
        self.pointer.offsets, self.pointer.columns, self.pointer.coefficient_ids = self._views
        self.pointer.num_rows = matrix.num_rows
        self.pointer.nnz = matrix.nnz


class NativeKernel:
    """One C kernel by name; raises ``KernelUnavailable`` for a name that is unknown or not supported here.

    The choice inside C is process-global.  Making a ``NativeKernel`` does not change it; every call does when another
    kernel is selected, and results never depend on it.
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
        """The library with this kernel selected."""
        if ffi.string(lib.zkr_kernel_current()).decode() != self._name:
            with _select_lock:
                _check(lib.zkr_kernel_select(self._c_name))
        return lib

    # --- vectors ------------------------------------------------------------------------------------------------------

    def to_montgomery(self, field: str, values: Buffer) -> bytes:
        n, bad = _count(values, ELEMENT_BYTES, "values"), _bad_index()
        out, c_out = _new(n * ELEMENT_BYTES)
        _check(self._lib.zkr_to_montgomery(_field(field), c_out, _in(values), n, bad), bad)
        return bytes(out)

    def from_montgomery(self, field: str, values: Buffer) -> bytes:
        n, bad = _count(values, ELEMENT_BYTES, "values"), _bad_index()
        out, c_out = _new(n * ELEMENT_BYTES)
        _check(self._lib.zkr_from_montgomery(_field(field), c_out, _in(values), n, bad), bad)
        return bytes(out)

    def vec_add(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return self._binary(self._lib.zkr_vec_add, field, a, b)

    def vec_sub(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return self._binary(self._lib.zkr_vec_sub, field, a, b)

    def vec_mul(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return self._binary(self._lib.zkr_vec_mul, field, a, b)

    def _binary(self, function: Any, field: str, a: Buffer, b: Buffer) -> bytes:
        n = _count(a, ELEMENT_BYTES, "left operand")
        _expect(b, n * ELEMENT_BYTES, "right operand")
        out, c_out = _new(n * ELEMENT_BYTES)
        _check(function(_field(field), c_out, _in(a), _in(b), n))
        return bytes(out)

    def vec_scale(self, field: str, a: Buffer, scalar: Buffer) -> bytes:
        n = _count(a, ELEMENT_BYTES, "values")
        _expect(scalar, ELEMENT_BYTES, "scalar")
        out, c_out = _new(n * ELEMENT_BYTES)
        _check(self._lib.zkr_vec_scale(_field(field), c_out, _in(a), _in(scalar), n))
        return bytes(out)

    def vec_inverse(self, field: str, a: Buffer) -> bytes:
        n, bad = _count(a, ELEMENT_BYTES, "values"), _bad_index()
        out, c_out = _new(n * ELEMENT_BYTES)
        _check(self._lib.zkr_vec_inverse_vartime(_field(field), c_out, _in(a), n, bad), bad)
        return bytes(out)

    def ntt(
        self, field: str, values: Buffer, *, inverse: bool = False, shift: Buffer | None = None, threads: int = 1
    ) -> bytes:
        n = _count(values, ELEMENT_BYTES, "values")
        if n == 0 or n & (n - 1):
            raise MalformedInput(f"values: {n} elements are not a power of two")
        if shift is not None:
            _expect(shift, ELEMENT_BYTES, "shift")
        out = bytearray(values)
        c_out = ffi.from_buffer("uint8_t[]", out, require_writable=True)
        c_shift = ffi.NULL if shift is None else _in(shift)
        _check(self._lib.zkr_ntt(_field(field), c_out, n.bit_length() - 1, int(inverse), c_shift, _threads(threads)))
        return bytes(out)

    # --- sparse matrices and the witness program ----------------------------------------------------------------------

    def matrix_apply(self, field: str, matrix: Matrix, table: Buffer, z: Buffer) -> bytes:
        table_size, num_columns = _count(table, ELEMENT_BYTES, "table"), _count(z, ELEMENT_BYTES, "z")
        c_matrix = _CMatrix(matrix, "matrix")
        out, c_out = _new(matrix.num_rows * ELEMENT_BYTES)
        _check(
            self._lib.zkr_matrix_apply(
                _field(field), c_out, c_matrix.pointer, _in(table), table_size, _in(z), num_columns
            )
        )
        return bytes(out)

    def matrix_apply_transposed(
        self, field: str, matrix: Matrix, table: Buffer, weights: Buffer, num_columns: int
    ) -> bytes:
        table_size = _count(table, ELEMENT_BYTES, "table")
        _expect(weights, matrix.num_rows * ELEMENT_BYTES, "weights")
        if not 0 <= num_columns <= MAX_COLUMNS:
            raise MalformedInput(f"num_columns must be in [0, {MAX_COLUMNS}], not {num_columns}")
        c_matrix = _CMatrix(matrix, "matrix")
        out, c_out = _new(num_columns * ELEMENT_BYTES)
        _check(
            self._lib.zkr_matrix_apply_transposed(
                _field(field), c_out, c_matrix.pointer, _in(table), table_size, _in(weights), num_columns
            )
        )
        return bytes(out)

    def first_unsatisfied(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, z: Buffer
    ) -> int | None:
        table_size, num_columns = _count(table, ELEMENT_BYTES, "table"), _count(z, ELEMENT_BYTES, "z")
        c_matrices = [_CMatrix(matrix, f"matrix {name}") for matrix, name in zip(matrices, "ABC", strict=True)]
        row, bad = ffi.new("int64_t *"), _bad_index()
        pointers = [c_matrix.pointer for c_matrix in c_matrices]
        status = self._lib.zkr_r1cs_first_unsatisfied(
            _field(field), row, *pointers, _in(table), table_size, _in(z), num_columns, bad
        )
        _check(status, bad)
        return None if row[0] < 0 else int(row[0])

    def run_program(
        self, field: str, tape: U32, table: Buffer, inputs: Buffer, num_wires: int, num_registers: int
    ) -> bytes:
        table_size, num_inputs = _count(table, ELEMENT_BYTES, "table"), _count(inputs, ELEMENT_BYTES, "inputs")
        # Registers are named by 32-bit words; a larger number cannot be true and must not size an output.
        if not 0 < num_wires <= num_registers <= 1 << 32:
            raise MalformedInput(f"{num_wires} wires in {num_registers} registers")
        if num_registers > 1 + num_inputs + (len(tape) // 3 + 1) * 256:
            raise MalformedInput(f"{num_registers} registers are more than the program can write")
        c_tape, bad = _words(tape, "<u4", "uint32_t[]"), _bad_index()
        out, c_out = _new(num_wires * ELEMENT_BYTES)
        status = self._lib.zkr_program_run_vartime(
            _field(field),
            c_out,
            num_wires,
            c_tape,
            len(tape),
            _in(table),
            table_size,
            _in(inputs),
            num_inputs,
            num_registers,
            bad,
        )
        _check(status, bad, "word" if status == lib.ZKR_ERR_PROGRAM else "input")
        return bytes(out)

    # --- groups and pairing -------------------------------------------------------------------------------------------

    def g1_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        self._group_check(self._lib.zkr_g1_check_vartime, curve, points, G1_BYTES, allow_infinity, threads)

    def g2_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        self._group_check(self._lib.zkr_g2_check_vartime, curve, points, G2_BYTES, allow_infinity, threads)

    def _group_check(
        self, function: Any, curve: str, points: Buffer, size: int, allow_infinity: bool, threads: int
    ) -> None:
        n, bad = _count(points, size, "points"), _bad_index()
        status = function(_curve(curve), _in(points), n, int(allow_infinity), _threads(threads), bad)
        _check(status, bad, "point")

    def g1_add(self, curve: str, a: Buffer, b: Buffer) -> bytes:
        return self._group_add(self._lib.zkr_g1_add_vartime, curve, a, b, G1_BYTES)

    def g2_add(self, curve: str, a: Buffer, b: Buffer) -> bytes:
        return self._group_add(self._lib.zkr_g2_add_vartime, curve, a, b, G2_BYTES)

    def _group_add(self, function: Any, curve: str, a: Buffer, b: Buffer, size: int) -> bytes:
        n = _count(a, size, "left operand")
        _expect(b, n * size, "right operand")
        out, c_out = _new(n * size)
        _check(function(_curve(curve), c_out, _in(a), _in(b), n))
        return bytes(out)

    def g1_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes:
        return self._msm(self._lib.zkr_g1_msm_vartime, curve, scalars, bases, G1_BYTES, threads)

    def g2_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes:
        return self._msm(self._lib.zkr_g2_msm_vartime, curve, scalars, bases, G2_BYTES, threads)

    def _msm(self, function: Any, curve: str, scalars: Buffer, bases: Buffer, size: int, threads: int) -> bytes:
        n, bad = _count(scalars, ELEMENT_BYTES, "scalars"), _bad_index()
        _expect(bases, n * size, "bases")
        out, c_out = _new(size)
        _check(function(_curve(curve), c_out, _in(scalars), _in(bases), n, _threads(threads), bad), bad, "scalar")
        return bytes(out)

    def g1_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes:
        return self._fixed_base(self._lib.zkr_g1_fixed_base_vartime, curve, base, scalars, G1_BYTES, threads)

    def g2_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes:
        return self._fixed_base(self._lib.zkr_g2_fixed_base_vartime, curve, base, scalars, G2_BYTES, threads)

    def _fixed_base(self, function: Any, curve: str, base: Buffer, scalars: Buffer, size: int, threads: int) -> bytes:
        n, bad = _count(scalars, ELEMENT_BYTES, "scalars"), _bad_index()
        _expect(base, size, "base")
        out, c_out = _new(n * size)
        _check(function(_curve(curve), c_out, _in(base), _in(scalars), n, _threads(threads), bad), bad, "scalar")
        return bytes(out)

    def pairing_check(self, curve: str, g1: Buffer, g2: Buffer) -> bool:
        n = _count(g1, G1_BYTES, "G1 points")
        _expect(g2, n * G2_BYTES, "G2 points")
        is_one = ffi.new("int *")
        _check(self._lib.zkr_pairing_check_vartime(_curve(curve), is_one, _in(g1), _in(g2), n))
        return bool(is_one[0])

    def pairing(self, curve: str, g1: Buffer, g2: Buffer) -> bytes:
        _expect(g1, G1_BYTES, "G1 point")
        _expect(g2, G2_BYTES, "G2 point")
        out, c_out = _new(GT_BYTES)
        _check(self._lib.zkr_pairing_vartime(_curve(curve), c_out, _in(g1), _in(g2)))
        return bytes(out)

    # --- Groth16 ------------------------------------------------------------------------------------------------------

    def groth16_prove(
        self, curve: str, key: Groth16Key, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1
    ) -> bytes:
        sizes = {
            "alpha_g1": G1_BYTES,
            "beta_g1": G1_BYTES,
            "beta_g2": G2_BYTES,
            "delta_g1": G1_BYTES,
            "delta_g2": G2_BYTES,
            "a_query": key.num_variables * G1_BYTES,
            "b_g1_query": key.num_variables * G1_BYTES,
            "b_g2_query": key.num_variables * G2_BYTES,
            "l_query": (key.num_variables - key.num_public - 1) * G1_BYTES,
        }
        if not 0 <= key.log_domain <= lib.ZKR_MAX_LOG_SIZE:
            raise MalformedInput(f"no domain of size 2^{key.log_domain}")
        if not 0 <= key.num_public < key.num_variables < 1 << 32:
            raise MalformedInput(f"{key.num_public} public inputs among {key.num_variables} variables")
        sizes["h_query"] = G1_BYTES << key.log_domain
        c_key, views = ffi.new("zkr_groth16_key *"), []
        for name, size in sizes.items():
            view = getattr(key, name)
            _expect(view, size, name)
            views.append(_in(view))
            setattr(c_key, name, views[-1])
        c_key.num_variables, c_key.num_public, c_key.log_domain = key.num_variables, key.num_public, key.log_domain
        c_key.num_coefficients = _count(key.coefficients, COEFFICIENT_RECORD_BYTES, "coefficients")
        views.append(_in(key.coefficients))
        c_key.coefficients = views[-1]
        _expect(assignment, key.num_variables * ELEMENT_BYTES, "assignment")
        if bytes(assignment[:ELEMENT_BYTES]) != _ONE:
            raise MalformedInput("element 0 of the assignment must be 1")
        for blind, name in ((blind_r, "blind_r"), (blind_s, "blind_s")):
            _expect(blind, ELEMENT_BYTES, name)
            if int.from_bytes(bytes(blind), "little") >= bn254.FR.modulus:
                raise NonCanonicalNumber(f"{name} is not below the order of the group")
        out, c_out = _new(PROOF_BYTES)
        bad = _bad_index()
        status = self._lib.zkr_groth16_prove_vartime(
            _curve(curve), c_out, c_key, _in(assignment), _in(blind_r), _in(blind_s), _threads(threads), bad
        )
        _check(status, bad)
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
        _expect(round_constants, (full_rounds + partial_rounds) * width * ELEMENT_BYTES, "round constants")
        _expect(mds, width * width * ELEMENT_BYTES, "mds")
        n, bad = _count(inputs, (width - 1) * ELEMENT_BYTES, "inputs"), _bad_index()
        out, c_out = _new(n * ELEMENT_BYTES)
        status = self._lib.zkr_poseidon(
            _field(field),
            c_out,
            _in(inputs),
            n,
            width,
            full_rounds,
            partial_rounds,
            _in(round_constants),
            _in(mds),
            bad,
        )
        _check(status, bad)
        return bytes(out)

    def edwards_mul(self, field: str, scalar: Buffer, point: Buffer, a: Buffer, d: Buffer) -> bytes:
        for buffer, what in ((scalar, "scalar"), (a, "a"), (d, "d")):
            _expect(buffer, ELEMENT_BYTES, what)
        _expect(point, 2 * ELEMENT_BYTES, "point")
        out, c_out = _new(2 * ELEMENT_BYTES)
        _check(self._lib.zkr_edwards_mul(_field(field), c_out, _in(scalar), _in(point), _in(a), _in(d)))
        return bytes(out)

    def edwards_double_mul_vartime(
        self, field: str, s: Buffer, p: Buffer, k: Buffer, q: Buffer, a: Buffer, d: Buffer
    ) -> bytes:
        for buffer, what in ((s, "s"), (k, "k"), (a, "a"), (d, "d")):
            _expect(buffer, ELEMENT_BYTES, what)
        for buffer, what in ((p, "P"), (q, "Q")):
            _expect(buffer, 2 * ELEMENT_BYTES, what)
        out, c_out = _new(2 * ELEMENT_BYTES)
        status = self._lib.zkr_edwards_double_mul_vartime(
            _field(field), c_out, _in(s), _in(p), _in(k), _in(q), _in(a), _in(d)
        )
        _check(status)
        return bytes(out)
