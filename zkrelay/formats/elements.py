"""Field elements in files: little-endian, ``field.num_bytes`` each, checked to be canonical without a Python loop."""

from __future__ import annotations

import hashlib

import numpy as np

from ..curves import FIELDS, PrimeField, field_of_modulus
from ..kernel.interface import U32, U64, Buffer
from .cursor import Cursor

MAX_FIELD_BYTES = 64
_CHUNK_ROWS = 1 << 16
_MILLER_RABIN_ROUNDS = 40


def limbs_of(data: Buffer, num_bytes: int) -> U64:
    """``data`` as rows of 64-bit limbs, least significant first; a view when the machine is little-endian."""
    return np.frombuffer(data, dtype="<u8").reshape(-1, num_bytes // 8)


def first_not_below(rows: U64, modulus: int) -> int | None:
    """Index of the first row that is not a number below ``modulus``, or None."""
    limbs = [np.uint64(modulus >> (64 * k) & 0xFFFFFFFFFFFFFFFF) for k in range(rows.shape[1])]
    for start in range(0, len(rows), _CHUNK_ROWS):
        chunk = rows[start : start + _CHUNK_ROWS]
        below = np.zeros(len(chunk), dtype=bool)
        equal = np.ones(len(chunk), dtype=bool)
        for k in range(rows.shape[1] - 1, -1, -1):
            below |= equal & (chunk[:, k] < limbs[k])
            equal &= chunk[:, k] == limbs[k]
        if not below.all():
            return start + int(np.argmin(below))
    return None


def intern(data: Buffer, num_bytes: int) -> tuple[bytes, U32]:
    """The distinct elements of ``data`` in order of first appearance, and for each element its index among them."""
    table: dict[bytes, int] = {}
    blob = bytes(data)
    ids = np.fromiter(
        (table.setdefault(blob[i : i + num_bytes], len(table)) for i in range(0, len(blob), num_bytes)),
        dtype=np.uint32,
        count=len(blob) // num_bytes,
    )
    return b"".join(table), ids


def read_field(cursor: Cursor) -> PrimeField:
    """``n8 u32 | prime (n8 bytes)`` as iden3 headers have it.

    Raises:
        FormatError: n8 is not the prime's size in whole 64-bit words, or the number is not an odd prime.
    """
    start = cursor.position
    num_bytes = cursor.u32("the size of a field element")
    if num_bytes % 8 or not 8 <= num_bytes <= MAX_FIELD_BYTES:
        raise cursor.error(f"field elements of {num_bytes} bytes: expected a multiple of 8 up to 64", at=start)
    modulus = int.from_bytes(cursor.take(num_bytes, "the prime"), "little")
    if modulus < 3 or not is_prime(modulus):
        raise cursor.error("the modulus is not an odd prime", at=start + 4)
    field = field_of_modulus(modulus)
    if field.num_bytes != num_bytes:
        raise cursor.error(f"{num_bytes} bytes an element: this prime takes {field.num_bytes}", at=start)
    return field


def field_header(field: PrimeField) -> bytes:
    """What ``read_field`` reads."""
    return field.num_bytes.to_bytes(4, "little") + field.modulus.to_bytes(field.num_bytes, "little")


def is_prime(number: int) -> bool:
    """Miller-Rabin with bases derived from the number itself: deterministic, and a file cannot be made to fit them."""
    if any(field.modulus == number for field in FIELDS.values()):
        return True
    if number < 4 or number % 2 == 0:
        return number in (2, 3)
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    odd = (number - 1) >> twos
    for round_index in range(_MILLER_RABIN_ROUNDS):
        digest = hashlib.sha512(b"zkrelay/prime" + round_index.to_bytes(4, "big") + number.to_bytes(64, "big")).digest()
        x = pow(2 + int.from_bytes(digest, "big") % (number - 3), odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


def check_canonical(cursor: Cursor, data: Buffer, field: PrimeField, at: int, what: str) -> None:
    """Refuse ``data`` (which begins at byte ``at`` of the section) when an element is not below the modulus."""
    bad = first_not_below(limbs_of(data, field.num_bytes), field.modulus)
    if bad is not None:
        raise cursor.error(f"{what} {bad} is not below the modulus", at=at + bad * field.num_bytes)
