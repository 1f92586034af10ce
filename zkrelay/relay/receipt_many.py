"""Many packed receipts at once: a few kernel calls for all of them, and for each the decision that it would get alone.

No equation is taken over several receipts: every one is decided by the circuit's own predicate.  Refused receipts, and
only those, are looked at again one by one, so that each has the error that ``Receipt.unpack`` and ``verify`` raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ..algebra.eddsa import PreparedPublicKey, verify_packed
from ..algebra.encoding import pack_field
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon_packed
from ..curves import bn254
from ..curves.embedded import Point
from ..errors import InvalidSignature, MalformedInput, ReceiptLength
from ..kernel import SignatureVerdict
from .numbers import check_element
from .receipt import RECEIPT_BYTES, RECEIPT_VERSION, Receipt

Refusal = InvalidSignature | MalformedInput
_FR = bn254.FR
_MODULUS_WORDS = np.frombuffer(_FR.modulus.to_bytes(32, "little"), dtype="<u8")
_Bytes = npt.NDArray[np.uint8]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ReceiptVerdict:
    """``refused`` maps the index of each bad receipt to the error that it raises alone."""

    num_items: int
    refused: Mapping[int, Refusal]

    @property
    def all_true(self) -> bool:
        return not self.refused

    def __bool__(self) -> bool:
        """Raises ``TypeError``: a verdict that is always true in an ``if`` would let every receipt pass."""
        raise TypeError("ask for .all_true, or look into .refused")


def verify_session_receipts(data: bytes, cm: int, key: PreparedPublicKey, *, threads: int = 1) -> ReceiptVerdict:
    """Decide about n receipts of one session, 105 bytes each, one after another.

    Raises:
        ReceiptLength: ``data`` is not a whole number of receipts.
        NonCanonicalNumber: cm is not a field element.
        MalformedInput: ``threads`` is out of range.
    """
    check_element("cm", cm)
    if len(data) % RECEIPT_BYTES:
        raise ReceiptLength(f"{len(data)} bytes are not a whole number of receipts of {RECEIPT_BYTES}")
    rows = np.frombuffer(data, dtype=np.uint8).reshape(-1, RECEIPT_BYTES)
    cms = np.frombuffer(cm.to_bytes(32, "little"), dtype=np.uint8)
    messages, in_range = _messages(rows, cms)
    verdicts = key.verify_packed(messages, rows[:, 41:].tobytes(), threads=threads)

    def alone(index: int) -> None:
        Receipt.unpack(rows[index].tobytes(), cm).verify(key)

    return _collect(verdicts, in_range, alone)


def verify_receipts(items: Sequence[tuple[bytes, int, Point]], *, threads: int = 1) -> ReceiptVerdict:
    """Decide about (packed receipt, cm, A) of any sessions; each key costs its own multiples here.

    Raises:
        ReceiptLength: a receipt does not have 105 bytes.
        NonCanonicalNumber: a cm or a coordinate of a key is not a field element.
        MalformedInput: ``threads`` is out of range.
    """
    for index, (data, _, _) in enumerate(items):
        if len(data) != RECEIPT_BYTES:
            raise ReceiptLength(f"receipt {index} has {len(data)} bytes, not {RECEIPT_BYTES}")
    rows = np.frombuffer(b"".join(data for data, _, _ in items), dtype=np.uint8).reshape(-1, RECEIPT_BYTES)
    cms = np.frombuffer(pack_field(_FR, (cm for _, cm, _ in items)), dtype=np.uint8).reshape(-1, 32)
    publics = pack_field(_FR, (coordinate for _, _, public in items for coordinate in public))
    messages, in_range = _messages(rows, cms)
    verdicts = verify_packed(publics, messages, rows[:, 41:].tobytes(), threads=threads)

    def alone(index: int) -> None:
        data, cm, public = items[index]
        Receipt.unpack(data, cm).verify(public)

    return _collect(verdicts, in_range, alone)


def _messages(rows: _Bytes, cms: _Bytes) -> tuple[bytes, _Flags]:
    """M of every row, packed, and which rows have this version and a canonical ctx; the others get some M."""
    in_range = (rows[:, 0] == RECEIPT_VERSION) & _are_canonical(rows[:, 9:41])
    inputs = np.zeros((len(rows), 4, 32), dtype=np.uint8)
    inputs[:, 0] = np.frombuffer(T.receipt.to_bytes(32, "little"), dtype=np.uint8)
    inputs[:, 1] = cms
    inputs[:, 2, :8] = rows[:, 1:9]
    inputs[:, 3] = np.where(in_range[:, None], rows[:, 9:41], 0)
    return poseidon_packed(inputs.tobytes(), 4), in_range


def _are_canonical(numbers: _Bytes) -> _Flags:
    """Which of n numbers of 32 bytes are below r."""
    words = np.ascontiguousarray(numbers).view("<u8")
    below = np.zeros(len(words), dtype=np.bool_)
    for word, limit in zip(words.T, _MODULUS_WORDS, strict=True):  # from the lowest word up
        below = (word < limit) | ((word == limit) & below)
    return below


def _collect(verdicts: Sequence[SignatureVerdict], in_range: _Flags, alone: Callable[[int], None]) -> ReceiptVerdict:
    suspects = np.flatnonzero((np.asarray(verdicts, dtype=np.int64) != SignatureVerdict.TRUE) | ~in_range)
    refused: dict[int, Refusal] = {}
    for index in map(int, suspects):
        try:
            alone(index)
        except (InvalidSignature, MalformedInput) as error:
            refused[index] = error
        else:
            raise AssertionError(f"receipt {index} is refused among others and accepted alone")
    return ReceiptVerdict(len(verdicts), MappingProxyType(refused))
