"""The node's side of a session: how much was relayed, how much of it is signed for, and when to stop.

The client's receipts are cumulative, so only the best one is kept.  A receipt that the claim circuit would refuse never
replaces it: the node would lose everything it served.  Forwarding stops at the cap, and when the bytes that no receipt
covers would exceed the window W: the node is never unpaid for more than W and the part of one unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..algebra.eddsa import PreparedPublicKey
from ..errors import MalformedInput, ReceiptConflict, ReceiptForAnotherNote, ReceiptLower, ReceiptOverCap
from .note import Note
from .numbers import check_range, parse_decimal
from .receipt import RECEIPT_BYTES, Receipt

DEFAULT_WINDOW_BYTES = 4 << 20
_STATE_NAMES = {"version", "cm", "relayed", "receipt"}


class ReceiptMeter:
    """Meters one note.  Not thread safe: one session is one task."""

    def __init__(self, note: Note, *, window_bytes: int = DEFAULT_WINDOW_BYTES) -> None:
        """``window_bytes`` is W; raises ``MalformedInput`` unless it is positive."""
        check_range("window_bytes", window_bytes, 1, 1 << 64)
        self.note = note
        self.window_bytes = window_bytes
        self._relayed = 0
        self._best: Receipt | None = None
        self._key: PreparedPublicKey | None = None  # made with the first receipt; a session has many

    @property
    def relayed(self) -> int:
        """Bytes forwarded in both directions since the note was first used."""
        return self._relayed

    @property
    def acknowledged(self) -> int:
        """Bytes of the best receipt."""
        return self._best.num_bytes if self._best else 0

    @property
    def unacknowledged(self) -> int:
        return self._relayed - self.acknowledged

    @property
    def best(self) -> Receipt | None:
        """The receipt to claim with."""
        return self._best

    def may_forward(self, num_bytes: int) -> bool:
        """Whether forwarding ``num_bytes`` more stays within the cap and the window."""
        check_range("num_bytes", num_bytes, 0, 1 << 64)
        return self._relayed + num_bytes <= self.note.cap and self.unacknowledged + num_bytes <= self.window_bytes

    def record(self, num_bytes: int) -> None:
        """Count bytes that were forwarded; ask ``may_forward`` first."""
        check_range("num_bytes", num_bytes, 0, 1 << 64)
        self._relayed += num_bytes

    def accept(self, receipt: Receipt | bytes) -> bool:
        """Keep a receipt (packed or not) when it beats the best; refused receipts change nothing.

        The same receipt again is no error, as datagrams are repeated: then the answer is False, else True.  A receipt
        for more than was counted here lifts the counter: the client's signature says it got them, and after a crash
        the counter may lag.

        Raises:
            ReceiptLength, ReceiptVersion: a packed receipt is none of this version.
            ReceiptForAnotherNote, ReceiptOverCap: as they say.
            ReceiptLower: fewer bytes than the best.
            ReceiptConflict: as many bytes as the best, with other content.
            NonCanonicalNumber, InvalidPoint, InvalidSignature: as ``Receipt.unpack`` and ``Receipt.verify``.
        """
        if not isinstance(receipt, Receipt):
            receipt = Receipt.unpack(bytes(receipt), self.note.cm)
        if receipt.cm != self.note.cm:
            raise ReceiptForAnotherNote("the receipt is for another note")
        if receipt == self._best:
            return False
        if receipt.num_bytes > self.note.cap:
            raise ReceiptOverCap(
                f"{receipt.num_bytes} bytes are above the note's cap of {self.note.cap}: no claim can show them"
            )
        if receipt.num_bytes < self.acknowledged:
            raise ReceiptLower(f"{receipt.num_bytes} bytes are fewer than the {self.acknowledged} already signed for")
        if self._best is not None and receipt.num_bytes == self._best.num_bytes:
            raise ReceiptConflict("a different receipt for the same bytes was accepted before")
        if self._key is None:
            self._key = PreparedPublicKey(self.note.public_key)
        receipt.verify(self._key)
        self._best = receipt
        self._relayed = max(self._relayed, receipt.num_bytes)
        return True

    def state(self) -> dict[str, Any]:
        """What to persist so that a restart loses and doubles nothing; holds no secret but the session's volume."""
        return {
            "version": 1,
            "cm": str(self.note.cm),
            "relayed": str(self._relayed),
            "receipt": self._best.pack().hex() if self._best else None,
        }

    @classmethod
    def resume(cls, note: Note, state: Mapping[str, Any], *, window_bytes: int = DEFAULT_WINDOW_BYTES) -> ReceiptMeter:
        """Go on from ``state``; the stored receipt is verified again.

        Raises:
            MalformedInput: the state is not one of ``state()``'s, or belongs to another note (cm holds A, so another
                key is another note).
            InvalidReceipt, InvalidSignature, ...: as ``accept``.
        """
        if set(state) != _STATE_NAMES or state["version"] != 1:
            raise MalformedInput("not the state of a receipt meter, version 1")
        if parse_decimal("cm", state["cm"]) != note.cm:
            raise MalformedInput("the state belongs to another note")
        meter = cls(note, window_bytes=window_bytes)
        packed = state["receipt"]
        if packed is not None:
            try:
                data = bytes.fromhex(packed) if isinstance(packed, str) and len(packed) == 2 * RECEIPT_BYTES else b""
            except ValueError:
                data = b""
            meter.accept(data)
        meter._relayed = parse_decimal("relayed", state["relayed"])
        if not meter.acknowledged <= meter._relayed < 1 << 64:
            raise MalformedInput("the relayed bytes of the state contradict its receipt")
        return meter
