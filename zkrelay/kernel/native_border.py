"""The border of the C kernels: sizes are checked, identifiers found, views taken, and a status becomes an error here.

With ``native``, ``native_eddsa``, ``native_prepared`` and ``native_verify`` the only modules that touch cffi.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from .._native import ffi, lib
from ..curves import CURVES, FIELDS, PairingCurve
from ..errors import InvalidPoint, KernelError, KernelUnavailable, MalformedInput, NonCanonicalNumber
from .interface import Buffer, Matrix, Verdict

if TYPE_CHECKING:
    import numpy.typing as npt

SCALAR_BYTES = 32  # of every curve; and of a multiplier on an Edwards curve
COEFFICIENT_RECORD_BYTES = 12 + SCALAR_BYTES
WEIGHT_BYTES = 16
MAX_COLUMNS = 1 << 32  # columns are named by 32-bit words
ONE = (1).to_bytes(SCALAR_BYTES, "little")

_FIELDS: dict[str, int] = {
    "bn254_fr": lib.ZKR_BN254_FR,
    "bn254_fp": lib.ZKR_BN254_FP,
    "bls12_381_fr": lib.ZKR_BLS12_381_FR,
    "bls12_381_fp": lib.ZKR_BLS12_381_FP,
}
_SCALAR_FIELDS = frozenset(curve.fr.name for curve in CURVES.values())
_CURVES: dict[str, int] = {"bn254": lib.ZKR_BN254, "bls12_381": lib.ZKR_BLS12_381}

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
    lib.ZKR_ERR_FIELD: (ValueError, "the C kernels do not serve this field or curve"),
    lib.ZKR_ERR_SMALL_ORDER: (InvalidPoint, "a public key has small order"),
    lib.ZKR_ERR_CURVE: (MalformedInput, "the formulas are not complete for a curve with these constants"),
    lib.ZKR_ERR_THREADS: (MalformedInput, f"threads must be in [1, {lib.ZKR_MAX_THREADS}]"),
}
VERDICTS = {lib.ZKR_OK: Verdict.TRUE, lib.ZKR_ERR_EQUATION: Verdict.FALSE}  # the others: malformed
_NO_INDEX = (1 << (8 * ffi.sizeof("size_t"))) - 1


def fail(status: int, index: int, what: str) -> NoReturn:
    error, reason = _ERRORS.get(status, (KernelError, f"status {status}"))
    where = f" ({what} {index})" if index != _NO_INDEX else ""
    raise error(reason + where)


def check(status: int, bad_index: Any = None, what: str = "element") -> None:
    """Raise the error that ``status`` stands for; ``bad_index`` is the size_t that the call may have set."""
    if status != lib.ZKR_OK:
        fail(status, _NO_INDEX if bad_index is None else int(bad_index[0]), what)


def bad_index() -> Any:
    return ffi.new("size_t *", _NO_INDEX)


def _identifier(table: dict[str, int], name: str, kind: str) -> int:
    try:
        return table[name]
    except KeyError:
        raise ValueError(f"unknown {kind} {name!r}; the C kernels know {', '.join(table)}") from None


def field_id(name: str) -> int:
    return _identifier(_FIELDS, name, "field")


def curve_id(name: str) -> int:
    return _identifier(_CURVES, name, "curve")


def element_bytes(field: str) -> int:
    """Bytes of one element; ``ValueError`` for a field that the C kernels do not know."""
    field_id(field)
    return FIELDS[field].num_bytes


def scalar_field_bytes(field: str) -> int:
    """Bytes of one element; ``ValueError`` for a base field, over which the C kernels have vector operations only."""
    size = element_bytes(field)
    if field not in _SCALAR_FIELDS:
        known = ", ".join(sorted(_SCALAR_FIELDS))
        raise ValueError(f"{field!r} is no scalar field: beyond vector operations the C kernels know {known}")
    return size


def curve_named(name: str) -> PairingCurve:
    """The curve's shapes; ``ValueError`` for one that the C kernels do not know."""
    curve_id(name)
    return CURVES[name]


def size_of(buffer: Buffer) -> int:
    return buffer.nbytes if isinstance(buffer, memoryview) else len(buffer)


def count_of(buffer: Buffer, size: int, what: str) -> int:
    """Number of ``size``-byte items in ``buffer``; ``MalformedInput`` when it is not whole."""
    length = size_of(buffer)
    if length % size:
        raise MalformedInput(f"{what}: {length} bytes are not a whole number of {size}-byte items")
    return length // size


def expect_size(buffer: Buffer, length: int, what: str) -> None:
    if size_of(buffer) != length:
        raise MalformedInput(f"{what}: {size_of(buffer)} bytes where {length} are expected")


def checked_threads(threads: int) -> int:
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= lib.ZKR_MAX_THREADS:
        raise MalformedInput(f"threads must be an integer in [1, {lib.ZKR_MAX_THREADS}]")
    return threads


def checked_factor(factor: int) -> int:
    if isinstance(factor, bool) or not isinstance(factor, int) or not 2 <= factor <= lib.ZKR_MAX_FACTOR:
        raise MalformedInput(f"a factor must be an integer in [2, {lib.ZKR_MAX_FACTOR}]")
    return factor


def view(buffer: Buffer) -> Any:
    return ffi.from_buffer("uint8_t[]", buffer)


def pinned(buffer: Buffer) -> tuple[memoryview, Any]:
    """A pointer to ``buffer`` that is good while the memoryview lives.

    Unlike ``view``, this may be stored: CPython (seen in 3.11) crashes when its collector clears a memoryview that is
    exported, as a ``view`` of one is, in a cycle; here nothing exports the memoryview, which itself pins the buffer.
    """
    pin = memoryview(buffer)
    with ffi.from_buffer("uint8_t[]", pin) as exported:
        return pin, ffi.cast("uint8_t *", exported)


def output(length: int) -> tuple[bytearray, Any]:
    """An output buffer and the pointer that keeps it exported."""
    try:
        out = bytearray(length)
    except MemoryError:
        raise KernelError(f"no memory for {length} bytes of output") from None
    return out, ffi.from_buffer("uint8_t[]", out, require_writable=True)


def words(array: npt.NDArray[Any], dtype: str, c_type: str) -> Any:
    """A typed view of an integer array; copied only when its layout is not what C reads."""
    import numpy as np

    return ffi.from_buffer(c_type, np.require(array, dtype=dtype, requirements=["C", "A"]))


class CMatrix:
    """A ``zkr_matrix`` and the views that it points into."""

    def __init__(self, matrix: Matrix, what: str) -> None:
        if len(matrix.offsets) == 0 or len(matrix.columns) != len(matrix.coefficient_ids):
            raise MalformedInput(f"{what}: needs num_rows + 1 offsets, and as many columns as coefficient identifiers")
        self._views = (
            words(matrix.offsets, "<u8", "uint64_t[]"),
            words(matrix.columns, "<u4", "uint32_t[]"),
            words(matrix.coefficient_ids, "<u4", "uint32_t[]"),
        )
        self.pointer = ffi.new("zkr_matrix *")
        self.pointer.offsets, self.pointer.columns, self.pointer.coefficient_ids = self._views
        self.pointer.num_rows = matrix.num_rows
        self.pointer.nnz = matrix.nnz
