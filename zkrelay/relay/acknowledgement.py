"""The node's co-signature: it has accepted this receipt.

    sig = Ed25519_node("zkrelay/v1/ack" | payee 32 LE | cm 32 LE | receipt, packed 105)

    packed   version 0x01 | bytes u64 LE | signature 64        73 bytes; the client still has the receipt

With it a client can show what the node took, and a node that later says it never got a receipt is refuted.  Ed25519,
because no circuit reads it and everybody can verify it; the key is the node's, published where its payee is.  It is
worth what that publication is worth: payee and key are not bound to each other by anything else.
"""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import SigningKey

from ..errors import ReceiptLength, ReceiptVersion
from .binding import verify_ed25519
from .numbers import check_element
from .receipt import Receipt

ACKNOWLEDGEMENT_VERSION = 1
ACKNOWLEDGEMENT_BYTES = 73
_PREFIX = b"zkrelay/v1/ack"


def acknowledgement_message(payee: int, receipt: Receipt) -> bytes:
    """Raises as ``Receipt.pack``, and ``NonCanonicalNumber`` for a payee that is no field element."""
    check_element("payee", payee)
    return _PREFIX + payee.to_bytes(32, "little") + receipt.cm.to_bytes(32, "little") + receipt.pack()


@dataclass(frozen=True)
class Acknowledgement:
    """``num_bytes`` says which receipt is meant; the signature covers all of that receipt."""

    num_bytes: int
    signature: bytes

    @classmethod
    def sign(cls, key: SigningKey, payee: int, receipt: Receipt) -> Acknowledgement:
        """For a receipt that the node has verified and stored: first keep, then acknowledge."""
        return cls(receipt.num_bytes, key.sign(acknowledgement_message(payee, receipt)).signature)

    def verify(self, node_key: bytes, payee: int, receipt: Receipt) -> None:
        """Raises ``InvalidSignature`` unless the node with this Ed25519 key acknowledged exactly this receipt."""
        message = acknowledgement_message(payee, receipt)
        verify_ed25519(node_key, message, self.signature, "the node did not acknowledge this receipt")

    def pack(self) -> bytes:
        return bytes([ACKNOWLEDGEMENT_VERSION]) + self.num_bytes.to_bytes(8, "little") + self.signature

    @classmethod
    def unpack(cls, data: bytes) -> Acknowledgement:
        """Inverse of ``pack``; raises ``ReceiptLength`` or ``ReceiptVersion``.  Nothing is verified here."""
        if len(data) != ACKNOWLEDGEMENT_BYTES:
            raise ReceiptLength(f"a packed acknowledgement has {ACKNOWLEDGEMENT_BYTES} bytes, not {len(data)}")
        if data[0] != ACKNOWLEDGEMENT_VERSION:
            raise ReceiptVersion(f"acknowledgement version {data[0]} is not {ACKNOWLEDGEMENT_VERSION}")
        return cls(int.from_bytes(data[1:9], "little"), bytes(data[9:]))
