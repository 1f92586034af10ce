"""What the client owes on one note: bytes counted here, signed for, and acknowledged by the node.

Counted is what this end received or sent itself, and nothing else is ever signed for.  While more than the window is
counted and not acknowledged nothing moves: a node that takes receipts and acknowledges none gets no more of them.
"""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from zkrelay.errors import InvalidSignature, MalformedInput
from zkrelay.relay.acknowledgement import Acknowledgement
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext

from .challenger import Attestation
from .errors import AcknowledgementRefused, SessionEnded, StrangeReceipt
from .listener import log, within
from .reputation import Testimony
from .stream import MAX_PAYLOAD
from .wallet import FundedNote
from .wire import MAX_RESULTS, Opened

EVERY_BYTES = 1 << 20
EVERY_SECONDS = 1.0
MINIMUM_WINDOW_BYTES = 2 * MAX_PAYLOAD
_LEAST_EVERY_BYTES = 1 << 16
_MAX_UNACKNOWLEDGED = 64  # receipts


class Tab:
    """One session.  ``charge`` is a ``splice.Toll``."""

    def __init__(self, funded: FundedNote, *, window_bytes: int, patience_s: float) -> None:
        self.funded = funded
        self.pseudonym = X25519PrivateKey.generate()  # who pays, to a node that must not know its client's own key
        self.counted = self.signed = self.acknowledged = 0
        self.due = asyncio.Event()  # something is to be signed
        self.is_finishing = False
        self.node_key: bytes | None = None
        self.best: bytes | None = None  # the last receipt that the node acknowledged, and its acknowledgement
        self.acknowledgement: bytes | None = None
        self.results: list[ChallengeResult] = []  # of probes and challenges, for receipts to sign
        self.attestations: list[Attestation] = []
        self._best_context: ReceiptContext | None = None  # what ``best`` signs
        self._window, self._patience_s = window_bytes, patience_s
        self._every = EVERY_BYTES
        self._unacknowledged: dict[int, tuple[Receipt, ReceiptContext]] = {}
        self._held: Receipt | None = None  # the best that the node has shown or acknowledged
        self._ended: SessionEnded | None = None
        self._moved = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """The node ends the session when it has counted so far, too; it never will when something was lost."""
        return self.counted >= self.funded.note.cap

    async def charge(self, num_bytes: int) -> int:
        """Count bytes that came or are about to be sent; waits while too many are unacknowledged, or at the cap.

        Raises:
            SessionEnded: the note pays for no more.
            TooSlow: the node acknowledged nothing for too long.
        """
        granted = self._room(num_bytes)
        while not granted:
            await within(self._patience_s, "an acknowledgement", self._moved.wait())
            granted = self._room(num_bytes)
        self.counted += granted
        if self.counted - self.signed >= self._every:
            self.due.set()
        return granted

    def take_up(self, opened: Opened) -> None:
        """The session is open: go on from the best receipt that the node holds, which only this key can have signed.

        Bytes that the node relayed and that never came here take room in its window: then receipts are smaller.

        Raises:
            StrangeReceipt: the node shows a receipt that is not of this note and key.
        """
        note = self.funded.note
        self._held = None
        if opened.receipt:
            try:
                self._held = Receipt.unpack(opened.receipt, note.cm)
                self._held.verify(note.public_key)
            except (MalformedInput, InvalidSignature) as error:
                raise StrangeReceipt(f"the node shows a receipt that was never signed: {error}") from error
        self.signed = self.acknowledged = self._held.num_bytes if self._held else 0
        self.counted = max(self.counted, self.signed)
        self.node_key = opened.acknowledging_key
        self._unacknowledged.clear()
        room = opened.window - max(0, opened.relayed - self.counted)
        self._every = max(_LEAST_EVERY_BYTES, min(EVERY_BYTES, room // 4, self._window // 4))
        self.due.set()
        self._wake()

    def record(self, result: ChallengeResult) -> None:
        """Sign for ``result`` from the next receipt on."""
        if len(self.results) == MAX_RESULTS:
            log.warning("client: a result is left out: a session has %d", MAX_RESULTS)
            return
        self.results.append(result)
        self.due.set()

    def testimony(self) -> Testimony | None:
        """What this session says of its node, to be shown once its claim was paid; None where nothing was signed."""
        context = self._best_context
        if context is None or self.best is None:
            return None
        note, signed = self.funded.note, set(context.challenges)
        attested = tuple(attestation for attestation in self.attestations if attestation.result in signed)
        return Testimony(note, Receipt.unpack(self.best, note.cm), context, attested)

    def sign(self, context: ReceiptContext) -> bytes | None:
        """The receipt for all that is counted, packed; None when there is nothing new, or too much unanswered."""
        if self.counted <= self.signed or len(self._unacknowledged) >= _MAX_UNACKNOWLEDGED:
            return None
        receipt = Receipt.sign(self.funded.key, self.funded.note.cm, self.counted, context.ctx)
        self._unacknowledged[receipt.num_bytes] = receipt, context
        self.signed = receipt.num_bytes
        return receipt.pack()

    def acknowledge(self, packed: bytes) -> None:
        """The node has a receipt on its disk.

        Raises:
            AcknowledgementRefused: not the node's signature, or for none of the receipts that it was sent.
        """
        assert self.node_key is not None
        held = self._held
        try:
            answer = Acknowledgement.unpack(packed)
            receipt, context = self._unacknowledged.get(answer.num_bytes, (None, None))
            if receipt is None and held is not None and held.num_bytes == answer.num_bytes:
                receipt = held
            if receipt is None:
                raise AcknowledgementRefused(f"no receipt for {answer.num_bytes} bytes waits for an acknowledgement")
            answer.verify(self.node_key, self.funded.note.payee, receipt)
        except (MalformedInput, InvalidSignature) as error:
            raise AcknowledgementRefused(f"{type(error).__name__}: {error}") from error
        for num_bytes in [n for n in self._unacknowledged if n <= receipt.num_bytes]:
            del self._unacknowledged[num_bytes]
        if context is not None or self.best != receipt.pack():  # one of an earlier connection may be acknowledged again
            self._best_context = context
        self._held, self.best, self.acknowledgement = receipt, receipt.pack(), packed
        self.acknowledged = max(self.acknowledged, receipt.num_bytes)
        if self.counted - self.signed >= self._every or self.is_finishing:
            self.due.set()
        self._wake()

    def finish(self) -> None:
        """Sign once more, and then tell the node that this is all."""
        self.is_finishing = True
        self.due.set()

    def end(self, reason: SessionEnded) -> None:
        self._ended = reason
        self._wake()

    def _room(self, num_bytes: int) -> int:
        if self._ended is not None:
            raise self._ended
        left = self.funded.note.cap - self.counted
        return max(0, min(num_bytes, left, self._window - (self.counted - self.acknowledged)))

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
