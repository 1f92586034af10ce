"""The node's end of one session: bound to its channel first, then fed with receipts, each refused by its own error.

    bind      the client's T.bind signature on this channel's handshake: once for each channel, under the note's key
    accept    a packed receipt, kept when it beats the best, and acknowledged once it is stored
    state     what to persist; ``resume`` goes on from it, unbound: who comes back shows the same A and a new T.bind

``ReceiptMeter`` holds the counters and says when to stop forwarding; this adds whom it listens to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nacl.signing import SigningKey

from ..errors import InvalidBinding, MalformedInput, NotBound, ReceiptContextMismatch, ReceiptReplayed
from .acknowledgement import Acknowledgement
from .binding import ChannelBinding, IdentityBinding
from .meter import DEFAULT_WINDOW_BYTES, ReceiptMeter
from .note import Note
from .receipt import Receipt
from .receipt_context import ReceiptContext, parse_hex

_STATE_NAMES = {"version", "meter", "last_handshake"}
Store = Callable[[Mapping[str, Any]], None]


class SessionAcceptor:
    """Accepts the receipts of one note.  Not thread safe: one session is one task."""

    def __init__(
        self,
        note: Note,
        *,
        acknowledge_with: SigningKey | None = None,
        store: Store | None = None,
        window_bytes: int = DEFAULT_WINDOW_BYTES,
    ) -> None:
        """
        Args:
            note: admitted (``admit_note``); its ``payee`` is this node.
            acknowledge_with: the node's Ed25519 key; without it receipts are not acknowledged.
            store: called with ``state()`` before a receipt is acknowledged, and must have written it when it returns.
        """
        self._meter = ReceiptMeter(note, window_bytes=window_bytes)
        self._key = acknowledge_with
        self._store = store
        self._last_handshake: bytes | None = None
        self._is_bound = False

    @property
    def meter(self) -> ReceiptMeter:
        """Counters, window and the best receipt."""
        return self._meter

    @property
    def is_bound(self) -> bool:
        return self._is_bound

    def bind(
        self, handshake_hash: bytes, binding: bytes, *, identity: bytes | None = None, expected: bytes | None = None
    ) -> None:
        """Listen to the channel with this handshake hash from now on, and to no earlier one.

        Args:
            handshake_hash: from the node's own end of the handshake, never from the client's message.
            binding: a packed ``ChannelBinding``.
            identity: a packed ``IdentityBinding`` to the note's expiry.
            expected: the Ed25519 identity that the node demands.

        Raises:
            InvalidBinding: wrong length or version, a channel that was bound before, or no identity where one is
                demanded, or another one.
            InvalidSignature: the session's key, or the identity, did not sign for this channel.
            MalformedInput, NonCanonicalNumber, InvalidPoint: as ``ChannelBinding``.
        """
        note = self._meter.note
        if handshake_hash == self._last_handshake:
            raise InvalidBinding("this channel was bound before: another connection has another handshake hash")
        ChannelBinding.unpack(binding).verify(note.public_key, note.cm, handshake_hash)
        found = None if identity is None else IdentityBinding.unpack(identity)
        if found is not None:
            found.verify(note.public_key, note.cm, handshake_hash, note.expiry)
        if expected is not None and (found is None or found.identity != expected):
            raise InvalidBinding("the session is not bound to the identity that the node demands")
        self._last_handshake, self._is_bound = handshake_hash, True

    def unbind(self) -> None:
        """The channel is gone; the counters stay."""
        self._is_bound = False

    def accept(self, data: bytes, context: ReceiptContext | None = None) -> bytes | None:
        """Keep a packed receipt that beats the best; the answer is the packed acknowledgement, when there is a key.

        A refused receipt changes nothing.  With ``context``, the receipt must sign it.

        Raises:
            NotBound: no channel is bound.
            ReceiptReplayed: the receipt that is kept came again.
            ReceiptContextMismatch: it signs another context.
            InvalidReceipt and its other children, NonCanonicalNumber, InvalidPoint, InvalidSignature: as
                ``ReceiptMeter.accept``.
        """
        if not self._is_bound:
            raise NotBound("the client has not bound this session to the channel")
        receipt = Receipt.unpack(data, self._meter.note.cm)
        if context is not None and receipt.ctx != context.ctx:
            raise ReceiptContextMismatch("the receipt signs another context than the one of this session")
        if not self._meter.accept(receipt):
            raise ReceiptReplayed(f"the receipt for {receipt.num_bytes} bytes is the one that is kept")
        if self._store is not None:
            self._store(self.state())
        return self.acknowledgement()

    def acknowledgement(self) -> bytes | None:
        """For the best receipt, packed: again after one was lost.  None without a key or a receipt."""
        best = self._meter.best
        if self._key is None or best is None:
            return None
        return Acknowledgement.sign(self._key, self._meter.note.payee, best).pack()

    def state(self) -> dict[str, Any]:
        """What to persist; for JSON."""
        last = self._last_handshake
        return {"version": 1, "meter": self._meter.state(), "last_handshake": None if last is None else last.hex()}

    @classmethod
    def resume(
        cls,
        note: Note,
        state: Mapping[str, Any],
        *,
        acknowledge_with: SigningKey | None = None,
        store: Store | None = None,
        window_bytes: int = DEFAULT_WINDOW_BYTES,
    ) -> SessionAcceptor:
        """Go on from ``state()``, unbound; the stored receipt is verified again.

        Raises:
            MalformedInput, InvalidReceipt, ...: as ``ReceiptMeter.resume``.
        """
        if not isinstance(state, Mapping) or set(state) != _STATE_NAMES or state["version"] != 1:
            raise MalformedInput("not the state of a session, version 1")
        last = state["last_handshake"]
        session = cls(note, acknowledge_with=acknowledge_with, store=store, window_bytes=window_bytes)
        session._last_handshake = None if last is None else parse_hex("last_handshake", last)
        session._meter = ReceiptMeter.resume(note, state["meter"], window_bytes=window_bytes)
        return session
