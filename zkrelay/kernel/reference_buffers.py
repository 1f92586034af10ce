"""Between the kernel's buffers and Python integers, for the reference kernel: the border where everything is checked.

An element is ``field.num_bytes`` little-endian bytes; canonical is an integer in [0, p), Montgomery is a·R mod p with
R = 2^(8·num_bytes) ([Mon85]).  The C kernels know the fields of ``zkrelay.curves.FIELDS``; the reference also knows
anonymous tiny fields called ``prime_<p>``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from ..curves import FIELDS, PrimeField
from ..errors import MalformedInput, NonCanonicalNumber
from .interface import Buffer

MAX_THREADS = 256
MAX_LOG_SIZE = 24


@functools.cache
def field_named(name: str) -> PrimeField:
    """The field called ``name``, or the anonymous field of a name such as ``prime_97``.

    Raises:
        ValueError: the name is unknown, or the number in it is no odd prime (a Fermat test: it catches slips).
    """
    if name in FIELDS:
        return FIELDS[name]
    prefix, _, digits = name.partition("_")
    if prefix == "prime" and digits.isascii() and digits.isdigit() and len(digits) <= 100:
        modulus = int(digits)
        if modulus > 2 and pow(2, modulus - 1, modulus) == 1:
            return PrimeField(name, modulus)
    raise ValueError(f"unknown field {name!r}")


def check_threads(threads: int) -> None:
    """The reference uses one thread, and refuses the numbers that every kernel refuses."""
    if not 1 <= threads <= MAX_THREADS:
        raise MalformedInput(f"threads must be between 1 and {MAX_THREADS}")


def to_bytes(data: Buffer) -> bytes:
    """A copy of any C-contiguous or strided buffer."""
    return memoryview(data).tobytes()


def split(data: Buffer, size: int, what: str, count: int | None = None) -> list[bytes]:
    """Chunks of ``size`` bytes; raises ``MalformedInput`` for a remainder, or when there are not ``count`` of them."""
    raw = to_bytes(data)
    if len(raw) % size:
        raise MalformedInput(f"{what}: {len(raw)} bytes are not a whole number of {size}-byte elements")
    if count is not None and len(raw) != count * size:
        raise MalformedInput(f"{what}: {len(raw) // size} elements where {count} are needed")
    return [raw[i : i + size] for i in range(0, len(raw), size)]


def unpack(field: PrimeField, data: Buffer, what: str = "vector", count: int | None = None) -> list[int]:
    """The integers of a buffer, each below the modulus.

    Raises:
        MalformedInput: the length is not a whole number of elements, or not ``count`` of them.
        NonCanonicalNumber: an element is not below the modulus; the message gives the index of the first one.
    """
    values = [int.from_bytes(chunk, "little") for chunk in split(data, field.num_bytes, what, count)]
    for index, value in enumerate(values):
        if value >= field.modulus:
            raise NonCanonicalNumber(f"{what}: element {index} is not below the modulus of {field.name}")
    return values


def unpack_montgomery(field: PrimeField, data: Buffer, what: str = "vector", count: int | None = None) -> list[int]:
    """The integers a of a buffer of a·R; errors as ``unpack``."""
    r_inverse = pow(field.montgomery_r, -1, field.modulus)
    return [value * r_inverse % field.modulus for value in unpack(field, data, what, count)]


def pack(field: PrimeField, values: Iterable[int]) -> bytes:
    """Canonical buffer of integers, reduced here."""
    return b"".join((value % field.modulus).to_bytes(field.num_bytes, "little") for value in values)


def pack_montgomery(field: PrimeField, values: Iterable[int]) -> bytes:
    """Buffer of a·R mod p for integers a."""
    return pack(field, (value * field.montgomery_r for value in values))
